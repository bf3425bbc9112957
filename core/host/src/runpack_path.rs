//! Where the runpack lies that a person names by path or by run id (01 §10.2).

use std::path::{Path, PathBuf};

use gait_base::error::{Category, Classify};

/// Why a runpack was not found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotFound {
    /// Nothing was named.
    #[error("run id or path is required")]
    Blank,
    /// No file at that path.
    #[error("runpack not found: {0}")]
    Path(String),
    /// No runpack of that run in the known places.
    #[error("runpack not found for run_id: {0}")]
    RunId(String),
}

impl Classify for NotFound {
    fn code(&self) -> &'static str {
        "runpack_not_found"
    }

    fn category(&self) -> Category {
        Category::InvalidInput
    }
}

/// The file that `named` stands for: a path if it holds a separator or ends in `.zip`, else the id of a run whose
/// runpack is looked for in `gait-out` of the working folder and then in `.gait/runpacks` of `home`.
///
/// # Errors
/// [`NotFound`] when there is no such file.
pub fn resolve(named: &str, home: Option<&str>) -> Result<PathBuf, NotFound> {
    if named.is_empty() {
        return Err(NotFound::Blank);
    }
    let ends_in_zip = named.len() >= 4 && named.as_bytes()[named.len() - 4..].eq_ignore_ascii_case(b".zip");
    if named.contains(['/', '\\']) || ends_in_zip {
        return Some(PathBuf::from(named)).filter(|path| is_file(path)).ok_or_else(|| NotFound::Path(named.to_owned()));
    }
    let name = format!("runpack_{named}.zip");
    let mut places = vec![Path::new("gait-out").join(&name)];
    if let Some(home) = home.filter(|home| !home.is_empty()) {
        places.push(Path::new(home).join(".gait/runpacks").join(&name));
    }
    places.into_iter().find(|path| is_file(path)).ok_or_else(|| NotFound::RunId(named.to_owned()))
}

fn is_file(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| !metadata.is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_looked_up_and_paths_taken() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(".gait/runpacks");
        std::fs::create_dir_all(&folder).unwrap();
        let runpack = folder.join("runpack_run_x.zip");
        std::fs::write(&runpack, "").unwrap();
        assert_eq!(resolve("run_x", home.path().to_str()).unwrap(), runpack);
        assert_eq!(resolve("run_x", Some("")), Err(NotFound::RunId("run_x".into())));
        assert_eq!(resolve(runpack.to_str().unwrap(), None).unwrap(), runpack);
        assert_eq!(resolve("run_x.ZIP", None), Err(NotFound::Path("run_x.ZIP".into())));
        assert!(matches!(resolve(folder.to_str().unwrap(), None), Err(NotFound::Path(_))));
        assert_eq!(resolve("", None), Err(NotFound::Blank));
    }
}
