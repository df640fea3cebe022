//! A person with a browser: opens `/docs`, signs in by the password flow, and asks who they are by "Try it out".

#![expect(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]

mod process;

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use fantoccini::{
    Client, ClientBuilder, Locator,
    elements::Element,
    wd::{Capabilities, WebDriverCompatibleCommand},
};
use hyper_util::client::legacy::connect::HttpConnector;
use process::{Running, Server};
use serde_json::{Value, json};

const USERNAME: &str = "ada";
const PASSWORD: &str = "correct-horse-7-staple";
/// How long a page may take to show something. A machine with much to do is no fault of the page.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn swagger_ui_signs_in_by_the_password_flow_and_calls_the_api() {
    for program in ["chromedriver", "chromium"] {
        if !process::has(program) {
            return process::skip(program, "browser");
        }
    }
    let server = Server::start();
    let driver = Driver::start();
    let page = driver.open().await;
    // The browser is closed also when the person did not succeed.
    let visit = tokio::spawn(visit(page.clone(), server.address.clone())).await;
    page.close().await.unwrap();
    if let Err(stopped) = visit {
        std::panic::resume_unwind(stopped.into_panic());
    }
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
    click(page, ".dialog-ux .auth-btn-wrapper .authorize").await;
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

/// What the browser complained of: errors, and what the page's policy forbade.
async fn complaints(page: &Client) -> Vec<Value> {
    let log = page.issue_cmd(BrowserLog).await.unwrap();
    let entries = log.as_array().unwrap();
    entries
        .iter()
        .filter(|entry| entry["level"] == "SEVERE" || entry["source"] == "security")
        .cloned()
        .collect()
}

async fn find(page: &Client, selector: &str) -> Element {
    let found = page.wait().at_most(PATIENCE).for_element(Locator::Css(selector)).await;
    found.unwrap_or_else(|error| panic!("{selector}: {error}"))
}

async fn click(page: &Client, selector: &str) {
    let element = find(page, selector).await;
    element.click().await.unwrap_or_else(|error| panic!("{selector}: {error}"));
}

/// Chromium's log, which the standard knows no command for.
#[derive(Debug)]
struct BrowserLog;

impl WebDriverCompatibleCommand for BrowserLog {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(json!({ "type": "browser" }).to_string()))
    }
}

/// A running chromedriver.
struct Driver {
    address: String,
    _process: Running,
    profile: tempfile::TempDir,
}

impl Driver {
    fn start() -> Self {
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map(Running)
            .unwrap();
        let port = process::line_after(&mut process, "started successfully on port ");
        let address = format!("http://127.0.0.1:{}", port.trim_end_matches('.'));
        Self { address, _process: process, profile: tempfile::tempdir().unwrap() }
    }

    /// A browser without a window, with a fresh profile, that asks nobody for anything by itself.
    async fn open(&self) -> Client {
        let profile = format!("--user-data-dir={}", self.profile.path().display());
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1200,1000",
            &profile,
        ];
        let wanted = json!({
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let wanted: Capabilities = serde_json::from_value(wanted).unwrap();
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(wanted).connect(&self.address).await.unwrap()
    }
}
