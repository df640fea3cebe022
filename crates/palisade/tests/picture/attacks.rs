//! Markup in what others wrote.

use palisade::prelude::*;

use crate::{Api, done, picture};

const MARKUP: &str =
    "</style></script><script>alert(1)</script><img src=x onerror='alert(1)'>\" onclick=\"alert(1)&";

#[test]
fn attack_markup_in_a_reason() {
    let page = picture(Api::new().route("/x", get(done).public(MARKUP)));
    harmless(&page);
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
}

#[test]
fn attack_markup_in_names_and_paths() {
    let layer = axum::middleware::map_response(|response: axum::response::Response| async { response });
    let scope_token = "</code><script>alert(1)</script>'onclick='alert(1)";
    let api = Api::new()
        .route("/</code><script>alert(1)<", get(done).requires(check(MARKUP, |_| true) & client(MARKUP)))
        .route("/x", get(done).requires(scope(scope_token)))
        .layer_named(MARKUP, layer);
    harmless(&picture(api));
}

#[test]
fn attack_markup_in_the_title() {
    let (table, _) = Api::new().describe().unwrap();
    harmless(&table.to_html(MARKUP));
}

#[test]
fn attack_text_that_turns_around_is_shown_as_it_is() {
    let page = picture(Api::new().route("/x", get(done).public("free \u{202e}eerf")));
    assert!(!page.contains('\u{202e}') && page.contains("\\u202e"), "{page}");
}

fn harmless(page: &str) {
    assert_eq!(page.matches("<script").count(), 1, "the page's own");
    assert_eq!(page.matches("</style").count(), 1);
    assert!(!page.contains("<img") && !page.contains("\" onclick=") && !page.contains("'onclick"), "{page}");
}
