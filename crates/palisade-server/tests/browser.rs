//! A person with a browser: opens `/docs`, signs in by the password flow, and asks who they are by "Try it out".

#![expect(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]

mod driver;
mod process;

use driver::{Driver, PATIENCE, click, complaints, find};
use fantoccini::{Client, Locator};
use process::Server;
use serde_json::{Value, json};

const USERNAME: &str = "ada";
const PASSWORD: &str = "correct-horse-7-staple";

#[tokio::test]
async fn swagger_ui_signs_in_by_the_password_flow_and_calls_the_api() {
    if !driver::is_there() {
        return;
    }
    let server = Server::start();
    let driver = Driver::start();
    let page = driver.open("person").await;
    driver::closing([page.clone()], visit(page, server.address.clone())).await;
}

async fn visit(page: Client, address: String) {
    page.goto(&format!("{address}/docs")).await.unwrap();
    sign_up(&page).await;
    authorize(&page).await;
    let (status, body) = try_read_me(&page).await;
    assert_eq!(status, "200");
    assert!(body.contains(&format!("\"username\": \"{USERNAME}\"")), "{body}");
    assert_eq!(page.title().await.unwrap(), "Palisade");
    assert_eq!(loaded_from(&page).await, [address]);
    assert_eq!(complaints(&page).await, Vec::<Value>::new());
}

/// By the page's own origin, so that its policy is asked whether it may.
async fn sign_up(page: &Client) {
    let account = json!({ "username": USERNAME, "email": "ada@example.org", "password": PASSWORD });
    let script = "const [account, done] = arguments;
        fetch('signup', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(account) })
            .then(answer => done(answer.status), error => done(String(error)));";
    assert_eq!(page.execute_async(script, vec![account]).await.unwrap(), 201);
}

async fn authorize(page: &Client) {
    click(page, ".auth-wrapper .authorize").await;
    find(page, ".dialog-ux #oauth_username").await.send_keys(USERNAME).await.unwrap();
    find(page, ".dialog-ux #oauth_password").await.send_keys(PASSWORD).await.unwrap();
    // Each scheme has a form of its own.
    click(page, ".dialog-ux .auth-container:has(#oauth_username) .auth-btn-wrapper .authorize").await;
    // There is something to end only once the sign-in succeeded.
    let sign_out = Locator::XPath("//*[contains(@class, 'dialog-ux')]//button[text()='Logout']");
    page.wait().at_most(PATIENCE).for_element(sign_out).await.unwrap();
    click(page, ".dialog-ux .btn-done").await;
}

/// The status and the body that "Try it out" shows for `GET /me`.
async fn try_read_me(page: &Client) -> (String, String) {
    const READ_ME: &str = ".opblock-get:has([data-path='/me'])";
    click(page, &format!("{READ_ME} .opblock-summary-control")).await;
    click(page, &format!("{READ_ME} .try-out__btn")).await;
    click(page, &format!("{READ_ME} .execute")).await;
    let answer = format!("{READ_ME} .live-responses-table .response");
    let status = find(page, &format!("{answer} .response-col_status")).await.text().await.unwrap();
    let body = find(page, &format!("{answer} .highlight-code")).await.text().await.unwrap();
    (status.trim().to_owned(), body)
}

/// The origins everything on the page came from.
async fn loaded_from(page: &Client) -> Vec<String> {
    let script = "const all = performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'));
        return [...new Set(all.map(entry => new URL(entry.name)).filter(url => url.protocol !== 'data:').map(url => url.origin))];";
    serde_json::from_value(page.execute(script, Vec::new()).await.unwrap()).unwrap()
}
