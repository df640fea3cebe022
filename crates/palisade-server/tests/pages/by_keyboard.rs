//! Somebody who uses the keyboard alone.

use fantoccini::{Client, key::Key};

use crate::{
    driver::{self, Driver, arrive, closing},
    process::Server,
    visitor::{PASSWORD, Visitor},
};

#[tokio::test]
async fn signing_in_and_making_a_key_by_keyboard_alone() {
    if !driver::is_there() {
        return;
    }
    let (server, driver) = (Server::start(), Driver::start());
    Visitor::signed_up(&server, "ada");
    let page = driver.open("person").await;
    closing([page.clone()], visit(page, server.address.clone())).await;
}

async fn visit(page: Client, address: String) {
    page.goto(&format!("{address}/account/api-keys")).await.unwrap();
    arrive(&page, "Sign in").await;
    // The page opens with the focus on the first field.
    press(&page, &format!("ada{}{PASSWORD}{}", char::from(Key::Tab), char::from(Key::Enter))).await;
    arrive(&page, "Your API keys").await;

    press(&page, &String::from(char::from(Key::Tab))).await;
    assert_eq!(focused(&page, "textContent").await, "Skip to the page");
    press(&page, &String::from(char::from(Key::Enter))).await;
    tab_to(&page, "name").await;
    press(&page, "backup").await;
    tab_to(&page, "scopes").await;
    tab_to(&page, "days").await;
    press(&page, &format!("{}{}", char::from(Key::Tab), char::from(Key::Enter))).await;
    arrive(&page, "Your new key").await;
    assert_eq!(focused(&page, "id").await, "key", "the key can be copied at once");
    assert!(focused(&page, "value").await.starts_with("pal_"));
}

/// Goes on by the tab key until the focus is on the field with this id.
async fn tab_to(page: &Client, id: &str) {
    for _ in 0..30 {
        if focused(page, "id").await == id {
            return;
        }
        press(page, &String::from(char::from(Key::Tab))).await;
    }
    panic!("`{id}` is not reached by the tab key");
}

async fn press(page: &Client, keys: &str) {
    page.active_element().await.unwrap().send_keys(keys).await.unwrap();
}

/// A property of what has the focus.
async fn focused(page: &Client, property: &str) -> String {
    let script = "return String(document.activeElement[arguments[0]])";
    let value = page.execute(script, vec![property.into()]).await.unwrap();
    value.as_str().unwrap().to_owned()
}
