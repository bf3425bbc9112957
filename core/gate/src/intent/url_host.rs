//! The host of a URL, by the numbered rules of 02 §4.4.
//!
//! Endpoint policies compare this host, and it enters the intent digest: both sides of a comparison must read a URL the
//! same way. The rules are those of Go's `net/url`. The URL crates follow the WHATWG standard or RFC 3986 to the
//! letter: they turn backslashes, apply IDNA, lower IP forms or refuse what the contract takes, so none fits.

use core::net::Ipv6Addr;

/// The host without port, user and brackets, escapes decoded, letters as they stand. Nothing when the text is no URL;
/// empty when the URL has no host.
pub(super) fn of(url: &str) -> Option<String> {
    if url.bytes().any(|byte| byte < 0x20 || byte == 0x7F) {
        return None;
    }
    let (url, fragment) = url.split_once('#').unwrap_or((url, ""));
    if !escapes_are_valid(fragment) {
        return None;
    }
    let (scheme, rest) = split_scheme(url)?;
    let rest = rest.split_once('?').map_or(rest, |(before, _)| before);
    if !rest.starts_with('/') {
        let opaque = !scheme.is_empty();
        let colon_first = rest.split('/').next().is_some_and(|segment| segment.contains(':'));
        return (opaque || (!colon_first && escapes_are_valid(rest))).then(String::new);
    }
    let Some(authority_and_path) = rest.strip_prefix("//") else {
        return escapes_are_valid(rest).then(String::new);
    };
    let at = authority_and_path.find('/').unwrap_or(authority_and_path.len());
    let (authority, path) = authority_and_path.split_at(at);
    let host = match authority.rsplit_once('@') {
        Some((user, host)) => is_user_info(user).then_some(host)?,
        None => authority,
    };
    let strict_port = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    escapes_are_valid(path).then(|| host_name(host, strict_port)).flatten()
}

/// Scheme and rest. The scheme is empty when there is none; a colon in front is a failure.
fn split_scheme(url: &str) -> Option<(&str, &str)> {
    let end = url.bytes().position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')));
    let starts_with_letter = url.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
    match end.map(|end| (end, url.split_at(end))) {
        Some((0, (_, rest))) if rest.starts_with(':') => None,
        Some((_, (scheme, rest))) if starts_with_letter && rest.starts_with(':') => Some((scheme, rest.get(1..)?)),
        _ => Some(("", url)),
    }
}

/// Whether each `%` is followed by two hex digits.
fn escapes_are_valid(text: &str) -> bool {
    let mut parts = text.split('%');
    parts.next();
    parts.all(|part| matches!(part.as_bytes(), [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit()))
}

fn is_user_info(user: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&byte);
    user.bytes().all(allowed) && escapes_are_valid(user)
}

fn host_name(host: &str, strict_port: bool) -> Option<String> {
    if let Some(bracketed) = host.strip_prefix('[') {
        let (address, port) = bracketed.rsplit_once(']')?;
        return is_port(port).then(|| ipv6_name(address)).flatten();
    }
    if host.contains('[') {
        return None;
    }
    let colon = if strict_port { host.find(':') } else { host.rfind(':') };
    let (name, port) = host.split_at(colon.unwrap_or(host.len()));
    if !is_port(port) {
        return None;
    }
    // Escapes below 0x80 other than that of `%` itself could smuggle in what may not stand in a host.
    decode(name, |byte, escape| byte >= 0x80 || escape == "25")
}

/// Whether the text is empty or a colon and digits.
fn is_port(text: &str) -> bool {
    text.is_empty() || text.strip_prefix(':').is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// An IPv6 address, with its zone if it has one.
fn ipv6_name(text: &str) -> Option<String> {
    let (address, zone) = match text.split_once("%25") {
        Some((address, zone)) => (address, Some(zone)),
        None => (text, None),
    };
    address.parse::<Ipv6Addr>().ok()?;
    let Some(zone) = zone else { return Some(address.to_owned()) };
    // In a zone, a blank and what may stand in a host as itself may also be escaped.
    let zone = decode(zone, |byte, escape| escape == "25" || byte == b' ' || (byte < 0x80 && stands_in_host(byte)))?;
    (!zone.is_empty()).then(|| format!("{address}%{zone}"))
}

/// Whether a byte may stand in a host as itself. Everything beyond ASCII may.
fn stands_in_host(byte: u8) -> bool {
    byte >= 0x80 || byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:[]<>\"".contains(&byte)
}

/// Decodes the escapes that `allowed` (given the byte and its two digits) accepts; any other is a failure, as is a
/// byte that has no place in a host. Bytes that do not make up characters become U+FFFD, one each.
fn decode(text: &str, allowed: impl Fn(u8, &str) -> bool) -> Option<String> {
    let mut parts = text.split('%');
    let first = parts.next().unwrap_or_default();
    let mut bytes = Vec::with_capacity(text.len());
    let push_plain = |bytes: &mut Vec<u8>, plain: &str| {
        bytes.extend_from_slice(plain.as_bytes());
        plain.bytes().all(stands_in_host).then_some(())
    };
    push_plain(&mut bytes, first)?;
    for part in parts {
        let (escape, plain) = part.split_at_checked(2)?;
        if !escape.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let byte = u8::from_str_radix(escape, 16).ok()?;
        if !allowed(byte, escape) {
            return None;
        }
        bytes.push(byte);
        push_plain(&mut bytes, plain)?;
    }
    let mut decoded = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        decoded.push_str(chunk.valid());
        decoded.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    Some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        let table = [
            ("HTTPS://EXAMPLE.com:8443/a?b#c", "EXAMPLE.com"),
            ("http://user:pw@h.example/", "h.example"),
            ("http://a@b@h/", "h"),
            ("//cdn.example/x", "cdn.example"),
            ("//h:80", "h"),
            ("http://[2001:DB8::1]:443/x", "2001:DB8::1"),
            ("http://[fe80::1%25en0]/", "fe80::1%en0"),
            ("http://[::ffff:1.2.3.4]", "::ffff:1.2.3.4"),
            ("ftp://h:80:90/", "h:80"),
            ("ws+x://h.io", "h.io"),
            ("http://h?x=%zz", "h"),
            ("http://h#f%20", "h"),
            ("http://h:/x", "h"),
            ("http://h:99999999/x", "h"),
            ("http://h.example.", "h.example."),
            ("http://<h>\",;*_/", "<h>\",;*_"),
            ("http://a%25b/", "a%b"),
            ("http://%C3%A9%ff/", "é\u{fffd}"),
            ("http://é.example/ü", "é.example"),
            ("http://@h/", "h"),
        ];
        for (url, host) in table {
            assert_eq!(of(url).as_deref(), Some(host), "{url}");
        }
    }

    #[test]
    fn urls_without_host() {
        for url in [
            "",
            "*",
            "x",
            "/rel",
            "/a:b",
            "http:/h",
            "http:///p",
            "file:///etc",
            "mailto:a@b",
            "h:80",
            "a:b",
            "http:\\\\h\\x",
            "?a:b",
            "///h",
        ] {
            assert_eq!(of(url).as_deref(), Some(""), "{url}");
        }
    }

    #[test]
    fn no_urls() {
        for url in [
            ":x",
            "1http://x",
            "ht tp://x",
            "+a:b",
            "é:b",
            "http://h\u{7f}/",
            "http://h/\n",
            "http://h/%zz",
            "/%z",
            "x%",
            "http://h#%g0",
            "http://a b/",
            "http://h^",
            "http://h|",
            "http://h\\x",
            "http://h`",
            "http://h{}",
            "http://h%20",
            "http://h%2F",
            "http://h%2",
            "http://h:port/",
            "http://h:80:90/",
            "ftp://h:80:x",
            "http://[::1",
            "http://::1/",
            "http://x[::1]/",
            "http://[::1]x/",
            "http://[v1.a]/",
            "http://[1.2.3.4]/",
            "http://[::1%25]/",
            "http://[::1%25%2f]/",
            "http://[::1%41]/",
            "http://u ser@h/",
            "http://%zz@h/",
            "http://ü@h/",
            "http://[]/",
        ] {
            assert_eq!(of(url), None, "{url}");
        }
    }
}
