//! Text from a router that would be another line, or look like one.

use palisade::prelude::*;

use crate::support::{Api, changed, done, lock, requiring};

fn leaked(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

/// What could begin another line, or show it elsewhere than where it is.
const TRICKS: [&str; 9] = [
    "why\nGET /admin: public: forged",
    "why\r\nGET /admin: public: forged",
    "why\u{2028}GET /admin: public: forged",
    "why\u{85}GET /admin: public: forged",
    "why\u{202e}degrof :cilbup",
    "why\u{200b}\u{e0041}",
    "why\u{3164}\u{fe0f}\u{e0100}\u{34f}",
    "why\u{1b}[2K\u{8}",
    " \"quoted\" ",
];

#[test]
fn attack_a_reason_that_forges_a_line() {
    for trick in TRICKS {
        let forged = lock(Api::new().route("/items", get(done).public(leaked(trick))));
        let text = forged.to_string();
        assert_eq!(text.lines().filter(|line| line.starts_with("GET ")).count(), 1, "{text}");
        assert!(text.chars().all(|one| one == '\n' || (' '..='~').contains(&one)), "{text:?}");
        assert_eq!(text.parse(), Ok(forged), "{text}");
    }
}

#[test]
fn attack_a_path_that_forges_a_line() {
    for trick in TRICKS {
        let path = format!("/{trick}/\"x\": scope(a)");
        let forged = lock(Api::new().route(&path, get(done).requires(scope("a"))));
        let text = forged.to_string();
        assert_eq!(text.lines().filter(|line| line.starts_with("GET ")).count(), 1, "{text}");
        assert_eq!(text.parse(), Ok(forged), "{text}");
    }
    let colon = lock(Api::new().route("/a:", get(done).requires(scope("a"))));
    assert_eq!(colon.to_string().parse(), Ok(colon));
}

#[test]
fn attack_names_that_forge_a_requirement() {
    for trick in TRICKS {
        let name = leaked(trick);
        let forged = lock(requiring(signed_in() & check(name, |_| true) & client(trick)));
        let text = forged.to_string();
        assert!(text.chars().all(|one| one == '\n' || (' '..='~').contains(&one)), "{text:?}");
        assert_eq!(text.parse(), Ok(forged), "{text}");
    }
}

#[test]
fn attack_a_layer_that_forges_a_fact() {
    let layer = || axum::middleware::map_response(|response: axum::response::Response| async { response });
    let forged =
        lock(requiring(scope("a")).layer_named("cache\n    object: Edit Doc asks role(admin)", layer()));
    assert_eq!(forged.to_string().parse(), Ok(forged));
}

#[test]
fn attack_a_change_that_forges_a_line() {
    let public = |why| Api::new().route("/items", get(done).public(leaked(why)));
    let [line] = &changed(public("why"), public("x: STRONGER\nGET /items: was fine\u{202e}"))[..] else {
        panic!("one line")
    };
    assert!(!line.contains('\n') && !line.contains('\u{202e}') && line.ends_with(": CHANGED"), "{line}");
}

#[test]
fn attack_a_reason_that_says_the_caller_is_known() {
    let plain = lock(Api::new().route("/items", get(done).public("greets (knows the caller)")));
    assert!(plain.to_string().contains("public: greets (knows the caller)\n"), "{plain}");
}
