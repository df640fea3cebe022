//! How each page looks and reads: light, dark, on a phone and at 200 % zoom; and what axe finds.
//!
//! With `PALISADE_TEST_SCREENSHOTS=FOLDER` a picture of each is put there, for people to look at.

use std::path::PathBuf;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use fantoccini::Client;
use serde_json::{Value, json};

use crate::{
    driver::{
        self, Driver, arrive, click, closing, colours, complaints, devtools, fill, forced_colours, window,
    },
    process::{self, Server},
    visitor::{PASSWORD, Visitor},
};

#[tokio::test]
async fn every_page_in_light_dark_on_a_phone_and_enlarged() {
    if !driver::is_there() {
        return;
    }
    let axe = axe();
    let (server, driver) = (Server::start(), Driver::start());
    Visitor::admin(&server);
    let page = driver.open("person").await;
    let look = Look {
        page: page.clone(),
        axe,
        pictures: std::env::var_os("PALISADE_TEST_SCREENSHOTS").map(PathBuf::from),
    };
    closing([page], visit(look, server.address.clone())).await;
}

/// axe-core, from the file that `PALISADE_TEST_AXE` names; without it, all but what it would find is looked at.
fn axe() -> Option<String> {
    let file = std::env::var("PALISADE_TEST_AXE").unwrap_or_default();
    if file.is_empty() {
        process::skip("axe-core (`PALISADE_TEST_AXE`)", "axe");
        return None;
    }
    Some(std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}")))
}

async fn visit(look: Look, address: String) {
    let page = &look.page;
    let go = async |path: &str| page.goto(&format!("{address}{path}")).await.unwrap();
    go("/sign-in").await;
    look.at("sign-in").await;
    for (path, name) in [
        ("/forgot-password", "forgot-password"),
        ("/reset-password?token=x", "reset-password"),
        ("/verify-email?token=x", "verify-email"),
        ("/sign-out", "sign-out"),
        ("/sign-up", "sign-up"),
    ] {
        go(path).await;
        look.at(name).await;
    }
    fill(page, &[("username", "ada lovelace"), ("email", "nowhere"), ("password", "short")]).await;
    click(page, "main form button").await;
    driver::find(page, ".faults").await;
    look.at("sign-up-with-faults").await;

    go("/sign-up").await;
    fill(page, &[("username", "ada"), ("email", "ada@example.org"), ("password", PASSWORD)]).await;
    click(page, "main form button").await;
    arrive(page, "Your account").await;
    look.at("account").await;

    go("/account/api-keys").await;
    look.at("api-keys-none").await;
    click(page, "section form button").await;
    driver::find(page, ".faults").await;
    look.at("api-keys-with-faults").await;
    fill(page, &[("name", "Backup of the cellar")]).await;
    click(page, "section form button").await;
    arrive(page, "Your new key").await;
    look.at("new-key").await;
    go("/account/api-keys").await;
    click(page, "summary").await;
    look.at("api-keys").await;

    // A second session, of a browser with a name of its own.
    page.delete_all_cookies().await.unwrap();
    go("/sign-in?next=/account/sessions").await;
    fill(page, &[("username", "ada"), ("password", PASSWORD)]).await;
    click(page, "main form button").await;
    arrive(page, "Your sessions").await;
    look.at("sessions").await;
    go("/account/password").await;
    look.at("password").await;
    // A form that is refused is a failure to the browser's network, and to nobody else.
    let complaints = complaints(page).await.into_iter().filter(|one| one["source"] != "network");
    assert_eq!(Vec::from_iter(complaints), Vec::<Value>::new());
    go("/account/nothing").await;
    look.at("nothing-here").await;
    page.delete_all_cookies().await.unwrap();
    go("/sign-in?next=/admin/routes").await;
    fill(page, &[("username", "root"), ("password", PASSWORD)]).await;
    click(page, "main form button").await;
    arrive(page, "Who may call what").await;
    look.at("access").await;
}

struct Look {
    page: Client,
    axe: Option<String>,
    pictures: Option<PathBuf>,
}

impl Look {
    /// Looks at the page that is open.
    async fn at(&self, name: &str) {
        if let Some(axe) = &self.axe {
            self.page.execute(axe, Vec::new()).await.unwrap();
        }
        window(&self.page, 1200, 900, 1).await;
        for scheme in ["light", "dark"] {
            colours(&self.page, scheme).await;
            assert_eq!(self.violations().await, json!([]), "{name}, {scheme}");
            self.picture(name, scheme).await;
        }
        // 1280 pixels at 200 %, and the narrowest phone there is.
        for (kind, width, scale) in [("enlarged", 640, 2), ("phone", 360, 2)] {
            window(&self.page, width, 740, scale).await;
            self.fits(&format!("{name}, {kind}")).await;
            self.picture(name, kind).await;
        }
        window(&self.page, 1200, 900, 1).await;
        forced_colours(&self.page).await;
        self.picture(name, "forced-colours").await;
        colours(&self.page, "light").await;
    }

    async fn violations(&self) -> Value {
        if self.axe.is_none() {
            return json!([]);
        }
        let script = "const done = arguments[0];
            axe.run().then(found => done(found.violations.map(one => [one.id, one.nodes.map(node => node.html)])),
                           error => done(String(error)));";
        self.page.execute_async(script, Vec::new()).await.unwrap()
    }

    /// Nothing is cut off or scrolls sideways, and what is to be hit with a finger is large enough for one.
    async fn fits(&self, what: &str) {
        let script = "const wide = document.documentElement.scrollWidth > window.innerWidth;
            const hit = 'button, .button, nav a, .links a, summary, select, textarea, label.choice, input:not([type=hidden], [type=checkbox])';
            const small = [...document.querySelectorAll(hit)].filter(one => one.checkVisibility())
                .filter(one => one.getBoundingClientRect().height < 44).map(one => one.outerHTML);
            return [wide, small];";
        let found = self.page.execute(script, Vec::new()).await.unwrap();
        assert_eq!(found, json!([false, []]), "{what}");
    }

    async fn picture(&self, name: &str, kind: &str) {
        let Some(folder) = &self.pictures else { return };
        let whole = json!({ "captureBeyondViewport": true });
        let picture = devtools(&self.page, "Page.captureScreenshot", whole).await;
        let picture = STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join(format!("{name}-{kind}.png")), picture).unwrap();
    }
}
