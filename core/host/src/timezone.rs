//! Which time zone the machine is in: what freeze windows mean by `Local` (03 §7).

use std::path::Path;

use crate::environment;

/// The folder that names of zones are relative to, wherever it lies.
const DATABASE: &str = "zoneinfo/";
/// The link to the zone of the machine.
const MACHINE: &str = "/etc/localtime";
const UTC: &str = "UTC";

/// The IANA name of the machine's time zone: the variable `TZ`, else `/etc/localtime`, else UTC. None when that file is a
/// copy, which does not tell its name: who needs to know the zone is then better told that nobody does.
#[must_use]
pub fn local_zone() -> Option<String> {
    zone_of(environment::variable("TZ").as_deref(), Path::new(MACHINE))
}

fn zone_of(variable: Option<&str>, machine: &Path) -> Option<String> {
    match variable {
        Some(value) => {
            let value = value.strip_prefix(':').unwrap_or(value);
            match Path::new(value).has_root() {
                true => name_of_file(Path::new(value)),
                false if value.is_empty() => Some(UTC.to_owned()),
                false => Some(value.to_owned()),
            }
        }
        None if machine.symlink_metadata().is_err() => Some(UTC.to_owned()),
        None => name_of_file(machine),
    }
}

/// The name under which a file, or what it links to, stands in a zone database.
fn name_of_file(path: &Path) -> Option<String> {
    let real = std::fs::canonicalize(path).ok();
    // The link itself may name the zone better than its last target, which may be an alias.
    let link = std::fs::read_link(path).ok();
    [link, Some(path.to_path_buf()), real]
        .into_iter()
        .flatten()
        .find_map(|path| path.to_str()?.split_once(DATABASE).map(|(_, name)| name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_goes_before_the_machine() {
        let missing = Path::new("/no/such/file");
        let zone = |variable| zone_of(variable, missing);
        assert_eq!(zone(Some("Europe/Berlin")).as_deref(), Some("Europe/Berlin"));
        assert_eq!(zone(Some(":Asia/Tokyo")).as_deref(), Some("Asia/Tokyo"));
        assert_eq!(zone(Some("/usr/share/zoneinfo/America/New_York")).as_deref(), Some("America/New_York"));
        assert_eq!(zone(Some("/no/such/zone")), None);
        for utc in [Some(""), Some(":"), None] {
            assert_eq!(zone(utc).as_deref(), Some("UTC"), "{utc:?}");
        }
    }

    #[test]
    fn a_link_tells_its_zone_and_a_copy_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let zone = folder.path().join("zoneinfo/Europe");
        std::fs::create_dir_all(&zone).unwrap();
        std::fs::write(zone.join("Paris"), b"TZif").unwrap();
        let link = folder.path().join("localtime");
        std::os::unix::fs::symlink(zone.join("Paris"), &link).unwrap();
        assert_eq!(zone_of(None, &link).as_deref(), Some("Europe/Paris"));
        let copy = folder.path().join("copy");
        std::fs::write(&copy, b"TZif").unwrap();
        assert_eq!(zone_of(None, &copy), None);
    }
}
