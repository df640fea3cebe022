//! `/admin/routes`: who may call what, for admins.

use crate::{
    driver::{self, Driver, arrive, click, closing, complaints, fill, find},
    process::Server,
    visitor::{PASSWORD, Visitor, between, html},
};

#[test]
fn admins_are_led_to_the_page_and_nobody_else_is() {
    let server = Server::start();
    let mut root = Visitor::admin(&server);
    assert!(html(&root.get("/account")).contains("<a href=\"/admin/routes\">Who may call what</a>"));
    let answer = root.get("/admin/routes");
    assert_eq!(answer.status, 200);
    assert!(html(&answer).contains("<b>GET</b> <code>/<wbr>admin/<wbr>routes</code>"));

    let mut ada = Visitor::signed_up(&server, "ada");
    assert!(!html(&ada.get("/account")).contains("/admin/routes"));
    let refused = ada.get("/admin/routes");
    assert_eq!(refused.status, 403);
    assert!(!html(&refused).contains("undelegated"), "a refusal says nothing of what is there");
    let nobody = Visitor::of(&server).get("/admin/routes");
    assert_eq!((nobody.status, nobody.header("location")), (303, "/sign-in?next=%2Fadmin%2Froutes"));
}

#[test]
fn attack_an_admins_narrow_key_does_not_open_it() {
    let server = Server::start();
    let mut root = Visitor::admin(&server);
    let made = root.post("/account/api-keys", &[("name", "narrow"), ("scopes", "me:read"), ("days", "7")]);
    let page = html(&made);
    let key = between(&page, "<textarea", "</textarea>").split_once('>').unwrap().1.to_owned();
    let mut program = Visitor::of(&server);
    assert_eq!(program.send("GET", "/me", &[("x-api-key", &key)], "").status, 200);
    assert_eq!(program.send("GET", "/admin/routes", &[("x-api-key", &key)], "").status, 403);
}

#[test]
fn attack_scripts_and_frames_around_the_page() {
    let answer = Visitor::admin(&Server::start()).get("/admin/routes");
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(policy.ends_with("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
    let others = ["x-frame-options", "cache-control", "referrer-policy", "x-content-type-options"];
    assert_eq!(others.map(|name| answer.header(name)), ["DENY", "no-store", "strict-origin", "nosniff"]);
}

#[tokio::test]
async fn the_filter_shows_what_is_looked_for() {
    if !driver::is_there() {
        return;
    }
    let (server, driver) = (Server::start(), Driver::start());
    Visitor::admin(&server);
    let page = driver.open("admin").await;
    let address = server.address.clone();
    closing([page.clone()], async move {
        page.goto(&format!("{address}/sign-in?next=/admin/routes")).await.unwrap();
        fill(&page, &[("username", "root"), ("password", PASSWORD)]).await;
        click(&page, "main form button").await;
        arrive(&page, "Who may call what").await;
        fill(&page, &[("text", "admin accounts:write")]).await;
        let script =
            "const shown = [...document.querySelectorAll('tbody tr')].filter(row => row.checkVisibility());
            return [shown.length > 3, shown.every(row => row.textContent.includes('accounts:write'))]";
        assert_eq!(page.execute(script, Vec::new()).await.unwrap(), serde_json::json!([true, true]));
        let count = find(&page, "output").await.text().await.unwrap();
        assert!(count.contains(" of ") && count.ends_with(" routes"), "{count}");
        assert!(complaints(&page).await.is_empty(), "the policy allows what the page does");
    })
    .await;
}
