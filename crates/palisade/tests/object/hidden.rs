//! What is told to those who may not have an object.

use axum::Extension;
use http::Method;
use palisade::{edge::ClientAddress, testing::Client};

use crate::support::{App, Doc, api, seen, serve};

fn shelf() -> App {
    App::holding([Doc::of("plan", "ada").read_by("tim")])
}

#[tokio::test]
async fn what_is_forbidden_and_what_is_missing_answer_alike_to_the_last_byte() {
    let app = shelf();
    let client = serve(api(), &app);
    for kind in ["pages", "letters"] {
        for token in ["eve", "eve~delegated"] {
            for method in [Method::GET, Method::HEAD, Method::PUT] {
                let ask = |id| client.bearer(token).request(method.clone(), &format!("/{kind}/{id}")).send();
                let (forbidden, missing) = (ask("plan").await, ask("none").await);
                assert_eq!(forbidden.status, 404);
                assert_eq!(seen(&forbidden), seen(&missing), "{method} {kind} {token}");
            }
        }
    }
    assert_eq!(app.ran.times(), 0);
}

#[tokio::test]
async fn a_refusal_of_what_is_hidden_carries_no_challenge() {
    let answer = serve(api(), &shelf()).bearer("eve").get("/pages/plan").send().await;
    assert_eq!(answer.header("www-authenticate"), None);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(answer.json()["detail"], "There is nothing at this path");
}

#[tokio::test]
async fn where_it_does_no_harm_the_two_are_told_apart() {
    let client = serve(api(), &shelf()).bearer("eve");
    let forbidden = client.get("/leaflets/plan").send().await;
    assert_eq!(
        (forbidden.status.as_u16(), &forbidden.json()["detail"]),
        (403, &"Not enough permissions".into())
    );
    assert_eq!(client.get("/leaflets/none").send().await.status, 404);
}

#[tokio::test]
async fn whoever_may_read_it_is_told_that_they_may_not_edit_it() {
    let client = serve(api(), &shelf());
    let put = |name| client.bearer(name).request(Method::PUT, "/letters/plan").send();
    assert_eq!(put("ada").await.status, 200);
    assert_eq!(put("tim").await.status, 403);
    assert_eq!(put("eve").await.status, 404);
}

#[tokio::test]
async fn whether_it_may_be_known_of_is_no_when_that_cannot_be_found_out() {
    let app = App::holding([Doc::of("fragile", "ada")]);
    let answer = serve(api(), &app).bearer("eve").request(Method::PUT, "/letters/fragile").send().await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn attack_the_explanation_of_what_is_hidden_from_the_developer_too() {
    let api = api().dangerous().explain_in_bodies().with_state(shelf());
    let here = ClientAddress([127, 0, 0, 1].into());
    let client = Client::new(api.into_axum().unwrap().layer(Extension(here))).bearer("eve");
    let explained = async |path| {
        let answer = client.get(path).header("host", "localhost").send().await;
        (answer.status.as_u16(), answer.json().get("explanation").is_some())
    };
    assert_eq!(explained("/leaflets/plan").await, (403, true), "where it does no harm");
    for path in ["/pages/plan", "/pages/none", "/leaflets/none"] {
        assert_eq!(explained(path).await, (404, false), "{path}");
    }
}

#[tokio::test]
async fn a_refusal_by_a_policy_is_one_decision() {
    let built = api().with_state(shelf()).build().unwrap();
    let client = Client::new(built.router).bearer("eve");
    for (at, path) in (1..).zip(["/leaflets/plan", "/leaflets/none", "/pages/plan", "/pages/none"]) {
        let template = if path.starts_with("/pages") { "/pages/{page}" } else { "/leaflets/{leaflet}" };
        let answer = client.get(path).send().await;
        let all = built.decisions.list(10);
        assert_eq!((all.len(), all[0].path.as_str()), (at, template));
        assert_eq!(answer.json()["decision"], all[0].id.to_string());
        assert!(all[0].to_string().contains("to Read") || all[0].to_string().contains("policy of Read"));
    }
}
