//! Both clients from outside: each signs in its way, and the API does not care which.

use palisade::testing::{Client, Response};
use serde_json::json;

const ADA: [(&str, &str); 2] = [("username", "ada"), ("password", "a reed against the tide")];
const TIM: [(&str, &str); 2] = [("username", "tim"), ("password", "three blind kettles")];

fn app() -> Client {
    Client::new(two_clients::app().expect("the router is right"))
}

/// The phone: it sends its token on purpose.
async fn phone(app: &Client, who: &[(&str, &str)]) -> Client {
    let answer = app.post("/token").form(who).send().await;
    app.bearer(answer.json()["access_token"].as_str().expect("a token"))
}

/// The browser, of which every request of our own page carries the cookie and says so.
struct Browser<'a> {
    app: &'a Client,
    cookie: String,
}

impl<'a> Browser<'a> {
    async fn signed_in(app: &'a Client, who: &[(&str, &str)]) -> Self {
        let answer = app.post("/sign-in").header("sec-fetch-site", "same-origin").form(who).send().await;
        assert_eq!(answer.status, 303);
        Self { app, cookie: carried(&answer) }
    }

    fn post(&self, path: &str, site: &str) -> palisade::testing::Request {
        self.app.post(path).header("cookie", &self.cookie).header("sec-fetch-site", site)
    }

    async fn get(&self, path: &str) -> Response {
        self.app.get(path).header("cookie", &self.cookie).send().await
    }
}

/// `name=value` of the cookie an answer sets.
fn carried(answer: &Response) -> String {
    let cookie = answer.header("set-cookie").expect("a cookie");
    cookie.split(';').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn both_are_the_same_person() {
    let app = app();
    let (phone, browser) = (phone(&app, &ADA).await, Browser::signed_in(&app, &ADA).await);
    let (by_token, by_session) = (phone.get("/me").send().await, browser.get("/me").await);
    assert_eq!(by_token.json(), json!({ "name": "ada" }));
    assert_eq!(by_session.json(), by_token.json());

    let note =
        browser.post("/notes", "same-origin").json(&json!({ "text": "from the browser" })).send().await;
    assert_eq!(note.status, 201);
    let note = phone.post("/notes").json(&json!({ "text": "from the phone" })).send().await;
    assert_eq!(note.status, 201);
    assert_eq!(phone.get("/notes").send().await.json(), browser.get("/notes").await.json());
}

#[tokio::test]
async fn what_somebody_may_do_does_not_depend_on_the_client() {
    let app = app();
    let note = json!({ "text": "mine" });
    let by_token = phone(&app, &TIM).await.post("/notes").json(&note).send().await;
    let browser = Browser::signed_in(&app, &TIM).await;
    let by_session = browser.post("/notes", "same-origin").json(&note).send().await;
    assert_eq!((by_token.status.as_u16(), by_session.status.as_u16()), (403, 403));
    assert_eq!(browser.get("/notes").await.json(), json!([]), "nothing was added");
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_of_scripts_and_of_other_hosts() {
    let app = app();
    let answer = app.post("/sign-in").header("sec-fetch-site", "same-origin").form(&ADA).send().await;
    let cookie = answer.header("set-cookie").expect("a cookie").to_owned();
    assert!(cookie.starts_with("__Host-session="), "{cookie}");
    for attribute in ["HttpOnly", "Secure", "Path=/", "SameSite=Lax"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
}

#[tokio::test]
async fn attack_another_sites_page_writes_a_note() {
    let app = app();
    let browser = Browser::signed_in(&app, &ADA).await;
    for site in ["cross-site", "same-site"] {
        let answer = browser.post("/notes", site).json(&json!({ "text": "forged" })).send().await;
        assert_eq!(answer.status, 403, "{site}");
    }
    let unsaid = app.post("/notes").header("cookie", &browser.cookie);
    assert_eq!(unsaid.json(&json!({ "text": "forged" })).send().await.status, 403);
    assert_eq!(browser.get("/notes").await.json(), json!([]), "nothing was added");
}

#[tokio::test]
async fn attack_login_csrf() {
    let answer = app().post("/sign-in").header("sec-fetch-site", "cross-site").form(&ADA).send().await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.header("set-cookie"), None);
}

#[tokio::test]
async fn attack_session_fixation() {
    let app = app();
    let planted = "__Host-session=cGxhbnRlZA";
    let request = app.post("/sign-in").header("cookie", planted).header("sec-fetch-site", "same-origin");
    let answer = request.form(&ADA).send().await;
    assert_ne!(carried(&answer), planted);
    assert_eq!(app.get("/me").header("cookie", planted).send().await.status, 401);
}

#[tokio::test]
async fn a_token_works_from_anywhere_and_only_as_far_as_it_was_asked_for() {
    let app = app();
    let narrow = [ADA[0], ADA[1], ("scope", "notes:read")];
    let phone = phone(&app, &narrow).await;
    let elsewhere = phone.get("/notes").header("origin", "https://elsewhere.example").send().await;
    assert_eq!(elsewhere.status, 200);
    assert_eq!(phone.post("/notes").json(&json!({ "text": "no" })).send().await.status, 403);
}

#[tokio::test]
async fn signing_out_ends_the_session_and_not_the_phone() {
    let app = app();
    let (phone, browser) = (phone(&app, &ADA).await, Browser::signed_in(&app, &ADA).await);
    assert_eq!(browser.post("/sign-out", "same-origin").send().await.status, 303);
    assert_eq!(browser.get("/me").await.status, 401, "though the cookie was kept");
    assert_eq!(phone.get("/me").send().await.status, 200);
    assert_eq!(browser.get("/").await.status, 200, "an old cookie keeps nobody from the page");
}

#[tokio::test]
async fn the_document_says_that_either_is_enough() {
    let document = app().get("/openapi.json").send().await.json();
    let expected = json!([{ "Session": [] }, { "Token": ["notes:read"] }]);
    assert_eq!(document["paths"]["/notes"]["get"]["security"], expected);
}

#[test]
fn who_may_call_what_is_what_the_lock_says() {
    palisade::testing::access_lock("access.lock", &two_clients::api());
}
