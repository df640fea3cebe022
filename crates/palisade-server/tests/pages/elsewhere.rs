//! Another site's page, which has forms that are sent to the server: in a browser, which decides by itself what it says
//! of them and which cookies go along.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
};

use fantoccini::Client;

use crate::{
    driver::{self, Driver, arrive, click, closing, fill, find},
    process::Server,
    visitor::{PASSWORD, Visitor},
};

#[tokio::test]
async fn attack_forms_of_another_site_in_a_browser() {
    if !driver::is_there() {
        return;
    }
    let (server, driver) = (Server::start(), Driver::start());
    Visitor::signed_up(&server, "ada");
    Visitor::signed_up(&server, "eve");
    let evil = evil(&server.address);
    let page = driver.open("victim").await;
    closing([page.clone()], visit(page, server.address.clone(), evil)).await;
}

async fn visit(page: Client, address: String, evil: u16) {
    // Nobody is signed in: another site shall not sign anybody in as somebody else.
    for host in ["127.0.0.1", "localhost"] {
        page.goto(&format!("http://{host}:{evil}/")).await.unwrap();
        click(&page, "#sign-in button").await;
        arrive(&page, "This did not come from our pages").await;
    }
    page.goto(&format!("{address}/account")).await.unwrap();
    arrive(&page, "Sign in").await;
    fill(&page, &[("username", "ada"), ("password", PASSWORD)]).await;
    click(&page, "main form button").await;
    arrive(&page, "Your account").await;

    // Another port is the same site, so the cookie goes along; the origin is another.
    for form in ["#key", "#sign-out", "#end-others"] {
        page.goto(&format!("http://127.0.0.1:{evil}/")).await.unwrap();
        click(&page, &format!("{form} button")).await;
        arrive(&page, "This did not come from our pages").await;
    }
    // Another site gets no cookie to begin with.
    page.goto(&format!("http://localhost:{evil}/")).await.unwrap();
    click(&page, "#key button").await;
    arrive(&page, "Sign in").await;

    page.goto(&format!("{address}/account/api-keys")).await.unwrap();
    arrive(&page, "Your API keys").await;
    assert!(find(&page, "main").await.text().await.unwrap().contains("You have no keys yet"));
    assert!(find(&page, ".who").await.text().await.unwrap().contains("ada"));
}

/// Serves the page of another site on a port of its own, as long as the tests run.
fn evil(server: &str) -> u16 {
    let form = |id: &str, path: &str, fields: &[(&str, &str)]| {
        let field = |(name, value): &(&str, &str)| format!("<input name='{name}' value='{value}'>");
        let fields: String = fields.iter().map(field).collect();
        format!("<form id='{id}' method='post' action='{server}{path}'>{fields}<button>Win</button></form>")
    };
    let page = [
        "<!DOCTYPE html><title>Win a prize</title>".to_owned(),
        form("key", "/account/api-keys", &[("name", "theirs"), ("scopes", "me:read"), ("days", "7")]),
        form("sign-in", "/sign-in", &[("username", "eve"), ("password", PASSWORD)]),
        form("sign-out", "/sign-out", &[]),
        form("end-others", "/account/sessions/end-others", &[]),
    ]
    .concat();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{page}",
        page.len()
    );
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let (mut connection, answer) = (connection.unwrap(), answer.clone());
            // Each by itself: a browser may open one and send nothing.
            std::thread::spawn(move || {
                if connection.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {
                    let _ = connection.write_all(answer.as_bytes());
                }
            });
        }
    });
    port
}
