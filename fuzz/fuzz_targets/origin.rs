//! `Origin` against `Host`: what passes names the host that was asked.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade::edge::{TrustedOrigins, check_origin};
use palisade_fuzz::head;

fuzz_target!(|data: &[u8]| {
    let mut lines = data.splitn(3, |byte| *byte == b'\n');
    let (host, origin) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let site = lines.next();
    let mut headers = vec![("host", host), ("origin", origin), ("upgrade", &b"websocket"[..])];
    headers.extend(site.map(|site| ("sec-fetch-site", site)));
    let Some(head) = head("/", &headers) else { return };
    let trusted = std::str::from_utf8(host).ok().and_then(|host| TrustedOrigins::new([host]).ok());
    assert!(trusted.is_none_or(|trusted| trusted != TrustedOrigins::default()));
    if check_origin(&head, &TrustedOrigins::default()).is_err() {
        return;
    }
    if let Some(site) = site {
        return assert!(matches!(site, b"same-origin" | b"none"));
    }
    let origin = std::str::from_utf8(origin).unwrap().to_ascii_lowercase();
    let host = std::str::from_utf8(host).unwrap().to_ascii_lowercase();
    let (scheme, authority) = origin.split_once("://").unwrap();
    let port = if scheme == "https" { ":443" } else { ":80" };
    let bare = |text: &str| text.strip_suffix(port).unwrap_or(text).to_owned();
    let (ours, theirs) = (bare(&host), bare(authority));
    // Ports may be written with zeros before them.
    let number = |text: &str| {
        let (host, port) =
            text.rsplit_once(':').filter(|(_, port)| !port.contains(']')).unwrap_or((text, port));
        (host.to_owned(), port.trim_start_matches(':').parse::<u16>().unwrap())
    };
    assert_eq!(number(&ours), number(&theirs));
});
