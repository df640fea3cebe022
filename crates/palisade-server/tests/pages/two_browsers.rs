//! One person with two browsers.

use fantoccini::Client;

use crate::{
    driver::{self, Driver, arrive, click, closing, complaints, fill, find},
    process::Server,
    visitor::{PASSWORD, Visitor},
};

#[tokio::test]
async fn somebody_signs_up_ends_a_session_and_makes_a_key() {
    if !driver::is_there() {
        return;
    }
    let (server, driver) = (Server::start(), Driver::start());
    let (here, there) = (driver.open("here").await, driver.open("there").await);
    let program = Visitor::of(&server);
    let address = server.address.clone();
    closing([here.clone(), there.clone()], visit(here, there, program, address)).await;
}

async fn visit(here: Client, there: Client, mut program: Visitor, address: String) {
    sign_up(&here, &address).await;
    click(&here, ".who button").await;
    sign_in(&here).await;
    there.goto(&address).await.unwrap();
    sign_in(&there).await;

    here.goto(&format!("{address}/account/sessions")).await.unwrap();
    assert_eq!(here.find_all(fantoccini::Locator::Css("main li.card")).await.unwrap().len(), 2);
    click(&here, "main li.card form button").await;
    assert_eq!(find(&here, "[role=status]").await.text().await.unwrap(), "The session has ended.");
    assert_eq!(here.find_all(fantoccini::Locator::Css("main li.card")).await.unwrap().len(), 1);
    there.refresh().await.unwrap();
    arrive(&there, "Sign in").await;

    let key = make_key(&here, &address).await;
    let me = program.send("GET", "/me", &[("x-api-key", &key)], "");
    assert_eq!((me.status, me.json()["username"].as_str()), (200, Some("ada")), "{me:?}");
    assert_eq!(complaints(&here).await, Vec::<serde_json::Value>::new());
}

async fn sign_up(page: &Client, address: &str) {
    page.goto(&format!("{address}/sign-up")).await.unwrap();
    fill(page, &[("username", "ada"), ("email", "ada@example.org"), ("password", PASSWORD)]).await;
    click(page, "main form button").await;
    arrive(page, "Your account").await;
}

async fn sign_in(page: &Client) {
    arrive(page, "Sign in").await;
    fill(page, &[("username", "ada"), ("password", PASSWORD)]).await;
    click(page, "main form button").await;
    arrive(page, "Your account").await;
}

async fn make_key(page: &Client, address: &str) -> String {
    page.goto(&format!("{address}/account/api-keys")).await.unwrap();
    fill(page, &[("name", "backup")]).await;
    click(page, "section form button").await;
    arrive(page, "Your new key").await;
    find(page, "#key").await.prop("value").await.unwrap().unwrap()
}
