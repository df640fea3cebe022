//! The page as a page: whole in itself, and of a size that can be read.

use palisade::prelude::*;

use crate::{Api, Staff, between, done, picture};

/// As large as routers get.
fn large() -> Api {
    (0..300).fold(Api::new(), |api, at| {
        let requirement = match at % 5 {
            0 => signed_in(),
            1 => role(Staff::Editor) & scope(&format!("area{}:write", at % 20)),
            2 => scope(&format!("area{}:read", at % 20)),
            3 => role(Staff::Admin) | scope(&format!("area{}:read", at % 20)) & undelegated(),
            _ => undelegated() & recent(std::time::Duration::from_secs(900)),
        };
        let path = format!("/area{}/things/{{thing}}/part{at}", at % 20);
        if at % 29 == 0 {
            api.route(&path, get(done).public("it is free"))
        } else {
            api.route(&path, post(done).requires(requirement))
        }
    })
}

#[test]
fn a_large_router_stays_one_page() {
    let page = picture(large());
    assert_eq!(page.matches("<tr").count(), 300 + 1 + 2);
    assert!(page.len() < 2 << 20, "{} bytes", page.len());
    std::fs::write(std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("picture.html"), page).unwrap();
}

#[test]
fn it_asks_nobody_for_anything() {
    let page = picture(large());
    for outside in ["http:", "https:", "src=", "href=", "url(", "@import", "//cdn"] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert_eq!((page.matches("<script>").count(), page.matches("<style>").count()), (1, 1));
}

#[test]
fn its_policy_allows_what_is_in_it_and_nothing_else() {
    let page = picture(large());
    let own = between(&page, "http-equiv=\"Content-Security-Policy\" content=\"", "\"");
    assert_eq!(format!("{}; frame-ancestors 'none'", own[0]), palisade::picture::POLICY);
    assert!(palisade::picture::POLICY.starts_with("default-src 'none'; "));
    assert!(!page.contains(" style=") && !page.contains("javascript:"));
}

#[test]
fn without_a_script_there_is_no_filter() {
    assert!(picture(large()).contains("<form id=\"filter\" hidden>"));
}

#[test]
fn heads_say_what_they_are_heads_of() {
    let page = picture(large());
    assert!(!page.contains("<th>"), "each has a scope");
    assert_eq!(page.matches("<th scope=\"row\">").count(), 301);
}
