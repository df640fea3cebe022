//! A browser, driven as a person would.

#![allow(dead_code, reason = "each of the tests uses a part of it")]

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
use serde_json::{Value, json};

use crate::process::{self, Running};

/// How long a page may take to show something. A machine with much to do is no fault of the page.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Whether there is a browser; says that the test is skipped if there is none.
pub(crate) fn is_there() -> bool {
    for program in ["chromedriver", "chromium"] {
        if !process::has(program) {
            process::skip(program, "browser");
            return false;
        }
    }
    true
}

/// A running chromedriver.
pub(crate) struct Driver {
    address: String,
    _process: Running,
    profiles: tempfile::TempDir,
}

impl Driver {
    pub(crate) fn start() -> Self {
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
        Self { address, _process: process, profiles: tempfile::tempdir().unwrap() }
    }

    /// A browser without a window that asks nobody for anything by itself. It has the profile of this name, which is fresh
    /// when it is first opened.
    pub(crate) async fn open(&self, profile: &str) -> Client {
        let profile = format!("--user-data-dir={}", self.profiles.path().join(profile).display());
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

/// What the browser complained of: errors, and what the page's policy forbade.
pub(crate) async fn complaints(page: &Client) -> Vec<Value> {
    let log = page.issue_cmd(BrowserLog).await.unwrap();
    let entries = log.as_array().unwrap();
    entries
        .iter()
        .filter(|entry| entry["level"] == "SEVERE" || entry["source"] == "security")
        .cloned()
        .collect()
}

pub(crate) async fn find(page: &Client, selector: &str) -> Element {
    let found = page.wait().at_most(PATIENCE).for_element(Locator::Css(selector)).await;
    found.unwrap_or_else(|error| panic!("{selector}: {error}"))
}

pub(crate) async fn click(page: &Client, selector: &str) {
    let element = find(page, selector).await;
    element.click().await.unwrap_or_else(|error| panic!("{selector}: {error}"));
}

/// Waits for the page with this heading.
pub(crate) async fn arrive(page: &Client, heading: &str) {
    let path = format!("//h1[normalize-space()='{heading}']");
    let found = page.wait().at_most(PATIENCE).for_element(Locator::XPath(&path)).await;
    if let Err(error) = found {
        let shown = page.source().await.unwrap_or_default();
        panic!("`{heading}` is not shown: {error}\n{shown}");
    }
}

/// Types into fields, which are named by their `name`.
pub(crate) async fn fill(page: &Client, fields: &[(&str, &str)]) {
    for (name, text) in fields {
        find(page, &format!("main [name={name}]")).await.send_keys(text).await.unwrap();
    }
}

/// Waits for `visit`, closes the browsers, and only then tells how it went.
pub(crate) async fn closing<const N: usize>(
    browsers: [Client; N],
    visit: impl Future<Output = ()> + Send + 'static,
) {
    let visit = tokio::spawn(visit).await;
    for browser in browsers {
        browser.close().await.unwrap();
    }
    if let Err(stopped) = visit {
        std::panic::resume_unwind(stopped.into_panic());
    }
}

/// Has the page shown in light or dark.
pub(crate) async fn colours(page: &Client, scheme: &'static str) {
    let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
    devtools(page, "Emulation.setEmulatedMedia", json!({ "features": [feature] })).await;
}

/// Has the page shown in the few colours that a person has chosen for all pages.
pub(crate) async fn forced_colours(page: &Client) {
    let feature = json!({ "name": "forced-colors", "value": "active" });
    devtools(page, "Emulation.setEmulatedMedia", json!({ "features": [feature] })).await;
}

/// Has the page shown in a window of this size, in CSS pixels, each of which is `scale` pixels of the screen.
pub(crate) async fn window(page: &Client, width: u32, height: u32, scale: u32) {
    let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": false });
    devtools(page, "Emulation.setDeviceMetricsOverride", metrics).await;
}

/// Asks Chromium's developer tools.
pub(crate) async fn devtools(page: &Client, command: &'static str, parameters: Value) -> Value {
    page.issue_cmd(DevTools(command, parameters)).await.unwrap()
}

#[derive(Debug)]
struct DevTools(&'static str, Value);

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(json!({ "cmd": self.0, "params": self.1 }).to_string()))
    }
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
