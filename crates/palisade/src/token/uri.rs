//! Comparing the `htu` of a DPoP proof with the request's (RFC 9449, section 4.3): without query and fragment, after
//! syntax-based and scheme-based normalization (RFC 3986, sections 6.2.2 and 6.2.3).

/// `uri` in the one form that all equivalent ones have, or nothing when it is no absolute http or https URI.
pub(crate) fn normalized(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let default_port = match scheme.as_str() {
        "https" => "443",
        "http" => "80",
        _ => return None,
    };
    // check: htu-characters
    if !rest.bytes().all(may_stand_in_a_uri) {
        return None;
    }
    let rest = &rest[..rest.find(['?', '#']).unwrap_or(rest.len())];
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let authority = normalized_authority(authority, default_port)?;
    let path = without_dot_segments(&normalized_escapes(path, false)?);
    Some(format!("{scheme}://{authority}{path}"))
}

/// Visible ASCII without the characters that RFC 3986 gives no place.
fn may_stand_in_a_uri(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}')
}

/// The host in lower case, without the port that goes without saying. User information has no place in such a URI
/// (RFC 9110, section 4.2.4).
fn normalized_authority(authority: &str, default_port: &str) -> Option<String> {
    // check: htu-user-information
    if authority.contains('@') {
        return None;
    }
    let port_at = authority.rfind(':').filter(|colon| !authority[*colon..].contains(']'));
    let (host, port) = authority.split_at(port_at.unwrap_or(authority.len()));
    let port = port.strip_prefix(':').unwrap_or_default();
    let bracketed = host.starts_with('[') && host.ends_with(']');
    // check: htu-host-and-port
    if host.is_empty() || !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // check: htu-brackets
    if !bracketed && host.contains([':', '[', ']']) {
        return None;
    }
    let host = normalized_escapes(host, true)?;
    Some(if port.is_empty() || port == default_port { host } else { format!("{host}:{port}") })
}

/// Escapes of unreserved characters undone, the others in upper case; the rest in lower case where that is asked.
fn normalized_escapes(text: &str, lower_case: bool) -> Option<String> {
    let mut normal = String::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let (byte, escaped) = if byte == b'%' { (escaped_byte(&mut bytes)?, true) } else { (byte, false) };
        let unreserved = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        if escaped && !unreserved {
            normal.push_str(&format!("%{byte:02X}"));
        } else {
            normal.push(char::from(if lower_case { byte.to_ascii_lowercase() } else { byte }));
        }
    }
    Some(normal)
}

fn escaped_byte(bytes: &mut impl Iterator<Item = u8>) -> Option<u8> {
    let mut digit = || char::from(bytes.next()?).to_digit(16);
    u8::try_from(digit()? * 16 + digit()?).ok()
}

/// RFC 3986, section 5.2.4, for a path that is empty or starts with a slash; the empty path is `/` (section 6.2.3).
fn without_dot_segments(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                if last {
                    kept.push("");
                }
            }
            segment => kept.push(segment),
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equivalent_spellings_are_one() {
        let plain = Some("https://api.test/a/b".to_owned());
        for uri in [
            "https://api.test/a/b",
            "HTTPS://API.test:443/a/b",
            "https://api.test:/a/b?x=1#y",
            "https://api.test/a/./c/../b",
            "https://api.test/%61/%62",
            "https://api.test/%2e%2E/a/b",
            "https://ap%69.test/a/b",
        ] {
            assert_eq!(normalized(uri), plain, "{uri}");
        }
        assert_eq!(normalized("https://api.test"), normalized("https://api.test/?q"));
        assert_eq!(normalized("https://[2001:DB8::1]:443"), Some("https://[2001:db8::1]/".to_owned()));
        assert_eq!(normalized("https://api.test/a/.."), Some("https://api.test/".to_owned()));
    }

    #[test]
    fn what_differs_stays_different() {
        let plain = normalized("https://api.test/a/b");
        for uri in [
            "http://api.test/a/b",
            "https://api.test:80/a/b",
            "https://api.test:8443/a/b",
            "https://api.test/A/b",
            "https://api.test/a/b/",
            "https://api.test//a/b",
            "https://api.test/a%2Fb",
            "https://other.test/a/b",
        ] {
            assert_ne!(normalized(uri), plain, "{uri}");
        }
        assert_eq!(normalized("https://api.test/a%2fb"), normalized("https://api.test/a%2Fb"));
    }

    #[test]
    fn what_is_no_http_uri_has_no_form() {
        for uri in [
            "",
            "/a",
            "//api.test/a",
            "https:/api.test",
            "https://",
            "https:///a",
            "ftp://api.test/",
            "https://user@api.test/",
            "https://api.test:x/",
            "https://api.test/%zz",
            "https://api.test/%6",
            "https://api.test/ a",
            "https://api.test\\a",
            "https://äpi.test/",
            "https://a:b:c/",
            "https://::1/",
            "https://a[b/",
            "https://[::1/",
        ] {
            assert_eq!(normalized(uri), None, "{uri}");
        }
    }
}
