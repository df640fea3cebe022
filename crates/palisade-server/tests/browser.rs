//! A person with a browser: opens `/docs`, signs in by the password flow or with an API key, and asks who they are by
//! "Try it out".

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
    sign_in(&page).await;
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

async fn sign_in(page: &Client) {
    click(page, ".auth-wrapper .authorize").await;
    find(page, ".dialog-ux #oauth_username").await.send_keys(USERNAME).await.unwrap();
    find(page, ".dialog-ux #oauth_password").await.send_keys(PASSWORD).await.unwrap();
    // Each scheme has a form of its own.
    click(page, ".dialog-ux .auth-container:has(#oauth_username) .auth-btn-wrapper .authorize").await;
    authorized(page).await;
}

/// Waits until there is something to log out of: only then the dialog has taken what it was given.
async fn authorized(page: &Client) {
    let log_out = Locator::XPath("//*[contains(@class, 'dialog-ux')]//button[text()='Logout']");
    page.wait().at_most(PATIENCE).for_element(log_out).await.unwrap();
    click(page, ".dialog-ux .btn-done").await;
}

#[tokio::test]
async fn swagger_ui_takes_an_api_key_and_calls_the_api() {
    if !driver::is_there() {
        return;
    }
    let server = Server::start();
    let driver = Driver::start();
    let page = driver.open("person").await;
    driver::closing([page.clone()], visit_with_key(page, server.address.clone())).await;
}

async fn visit_with_key(page: Client, address: String) {
    const FORM: &str = "//*[contains(@class, 'auth-container')][.//h4/code[text()='ApiKey']]";
    page.goto(&format!("{address}/docs")).await.unwrap();
    sign_up(&page).await;
    let key = make_key(&page).await;
    click(&page, ".auth-wrapper .authorize").await;
    let within = async |path: &str| {
        let path = format!("{FORM}{path}");
        page.wait().at_most(PATIENCE).for_element(Locator::XPath(&path)).await.unwrap()
    };
    within("//input").await.send_keys(&key).await.unwrap();
    within("//button[text()='Authorize']").await.click().await.unwrap();
    authorized(&page).await;
    let (status, body) = try_read_me(&page).await;
    assert_eq!(status, "200");
    assert!(body.contains(&format!("\"username\": \"{USERNAME}\"")), "{body}");
    assert_eq!(complaints(&page).await, Vec::<Value>::new());
}

/// Makes a key that may do no more than read the account.
async fn make_key(page: &Client) -> String {
    let script = "const [username, password, done] = arguments;
        const make = async () => {
            const form = new URLSearchParams({ grant_type: 'password', username, password });
            const token = await (await fetch('token', { method: 'POST', body: form })).json();
            const headers = { 'Authorization': `Bearer ${token.access_token}`, 'Content-Type': 'application/json' };
            const body = JSON.stringify({ name: 'docs', scopes: ['me:read'] });
            return (await (await fetch('me/api-keys', { method: 'POST', headers, body })).json()).key;
        };
        make().then(done, error => done(String(error)));";
    let made = page.execute_async(script, vec![json!(USERNAME), json!(PASSWORD)]).await.unwrap();
    made.as_str().unwrap().to_owned()
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
