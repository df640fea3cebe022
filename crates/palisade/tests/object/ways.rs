//! Objects are granted the same in both ways in which a router is served.

use http::{Method, header};
use palisade::testing::{Client, Response};

use crate::support::{App, Doc, api, seen};

fn shelf() -> App {
    App::holding([
        Doc::of("plan", "ada").in_org("acme"),
        Doc::of("menu", "ada").in_org("acme").open(),
        Doc::of("deal", "gil").in_org("globex").open(),
        Doc::of("page", "ada").read_by("tim"),
        Doc::of("a/b", "ada"),
        Doc::of("é", "ada").in_org("acme"),
        Doc::of("fragile", "ada"),
    ])
}

/// What is seen of an answer, without the length.
fn without_length(mut response: Response) -> (u16, Vec<(String, String)>, String) {
    response.headers.remove(header::CONTENT_LENGTH);
    seen(&response)
}

#[tokio::test]
async fn attack_an_object_that_one_way_grants_and_the_other_does_not() {
    let app = shelf();
    let built = api().with_state(app.clone()).build().unwrap();
    let (by_axum, by_service) = (Client::new(built.router), Client::new(built.service));
    let orgs = ["acme", "globex", "%61cme", "acme%2F", "Acme", "%ff", "acme%00", "."];
    let papers = ["plan", "pl%61n", "menu", "deal", "%C3%A9", "%ff", "nothing", "down", "plan%2F", "PLAN"];
    let in_orgs = orgs.iter().flat_map(|org| papers.map(|paper| format!("/orgs/{org}/papers/{paper}")));
    let alone = ["page", "p%61ge", "a%2Fb", "a/b", "%C3%A9", "%ff", "fragile", "down", "wrong", ""];
    let kinds = ["pages", "leaflets", "letters"];
    let alone = kinds.iter().flat_map(|kind| alone.map(|id| format!("/{kind}/{id}")));
    let callers = [
        "ada~account~acme-editor",
        "tim~account~acme-viewer.globex-editor~docs",
        "ada~delegated~acme-editor",
        "gil~account~globex-viewer",
        "eve~stranger",
    ];
    let mut granted = 0;
    for path in in_orgs.chain(alone) {
        for caller in callers {
            for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE] {
                let ask = |client: &Client| client.bearer(caller).request(method.clone(), &path).send();
                let before = (app.looked.times(), app.ran.times());
                let first = without_length(ask(&by_axum).await);
                let between = (app.looked.times(), app.ran.times());
                let second = without_length(ask(&by_service).await);
                let after = (app.looked.times(), app.ran.times());
                assert_eq!(first, second, "{method} {path} by {caller}: axum's router first");
                let did =
                    |(looked, ran): (usize, usize), (before, ran_before)| (looked - before, ran - ran_before);
                assert_eq!(did(between, before), did(after, between), "{method} {path} by {caller}");
                granted += usize::from(first.0 == 200);
            }
        }
    }
    assert!(granted > 30, "some are granted: {granted}");
}
