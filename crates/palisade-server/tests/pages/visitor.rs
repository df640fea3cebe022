//! Somebody with a browser, as far as HTTP shows it: keeps the cookie, and says where a form comes from.

use std::net::SocketAddr;

use url::form_urlencoded::Serializer;

use crate::{
    client::{self, Answer},
    process::Server,
};

pub(crate) const PASSWORD: &str = "correct-horse-7-staple";

/// What a browser says of a form of the server's own pages.
pub(crate) const OWN_PAGE: &[(&str, &str)] = &[("sec-fetch-site", "same-origin")];

pub(crate) struct Visitor {
    address: SocketAddr,
    /// The session's cookie, `name=value`.
    pub(crate) cookie: Option<String>,
    user_agent: String,
}

impl Visitor {
    pub(crate) fn of(server: &Server) -> Self {
        let address = server.address.strip_prefix("http://").unwrap().parse().unwrap();
        Self { address, cookie: None, user_agent: "Mozilla/5.0 (X11; Linux) Firefox/145.0".to_owned() }
    }

    pub(crate) fn calling_itself(mut self, user_agent: &str) -> Self {
        user_agent.clone_into(&mut self.user_agent);
        self
    }

    /// Somebody who has just signed up, and so is signed in.
    pub(crate) fn signed_up(server: &Server, name: &str) -> Self {
        let mut visitor = Self::of(server);
        let answer = visitor.sign_up(name);
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, "/account?done=signed-up"),
            "{answer:?}"
        );
        visitor
    }

    /// The first admin, signed in as `root`.
    pub(crate) fn admin(server: &Server) -> Self {
        let secret = std::fs::read_to_string(server.folder().join("palisade-data/first-admin")).unwrap();
        let root = serde_json::json!({
            "username": "root", "email": "root@example.org", "password": PASSWORD, "first_admin_secret": secret.trim(),
        });
        let mut admin = Self::of(server);
        let made = admin.send("POST", "/signup", &[("content-type", "application/json")], &root.to_string());
        assert_eq!(made.status, 201, "{made:?}");
        assert_eq!(admin.sign_in("root", PASSWORD).status, 303);
        admin
    }

    pub(crate) fn sign_up(&mut self, name: &str) -> Answer {
        self.post("/sign-up", &[("username", name), ("email", "ada@example.org"), ("password", PASSWORD)])
    }

    pub(crate) fn sign_in(&mut self, name: &str, password: &str) -> Answer {
        self.post("/sign-in", &[("username", name), ("password", password)])
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, &[], "")
    }

    /// Sends a form of the server's own pages.
    pub(crate) fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_saying(OWN_PAGE, path, fields)
    }

    /// Sends a form with these headers.
    pub(crate) fn post_saying(
        &mut self,
        headers: &[(&str, &str)],
        path: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let form = Serializer::new(String::new()).extend_pairs(fields).finish();
        let form_type = ("content-type", "application/x-www-form-urlencoded");
        let headers: Vec<_> = headers.iter().copied().chain([form_type]).collect();
        self.send("POST", path, &headers, &form)
    }

    pub(crate) fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let host = self.address.to_string();
        let mut all = vec![("host", host.as_str()), ("user-agent", self.user_agent.as_str())];
        if let Some(cookie) = &self.cookie {
            all.push(("cookie", cookie));
        }
        all.extend(headers);
        let request = client::request(method, path, &all, body.as_bytes());
        let answer = client::exchange(self.address, &request);
        for (_, cookie) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            self.keep(cookie);
        }
        answer
    }

    /// Keeps a cookie as a browser would; the server's are all of one kind.
    fn keep(&mut self, cookie: &str) {
        let (value, attributes) = cookie.split_once("; ").unwrap();
        assert!(value.starts_with("__Host-palisade="), "{cookie}");
        for attribute in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
            assert!(attributes.split("; ").any(|one| one == attribute), "{cookie} lacks {attribute}");
        }
        self.cookie = (!attributes.contains("Max-Age=0")).then(|| value.to_owned());
    }

    /// Whether the account's page is shown.
    pub(crate) fn is_signed_in(&mut self) -> bool {
        let answer = self.get("/account");
        assert!(matches!(answer.status, 200 | 303), "{answer:?}");
        answer.status == 200
    }
}

/// The page's text.
pub(crate) fn html(answer: &Answer) -> String {
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{answer:?}");
    String::from_utf8(answer.body.clone()).unwrap()
}

/// What stands between two texts of a page.
pub(crate) fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = page.split_once(before).unwrap_or_else(|| panic!("no `{before}` in {page}"));
    rest.split_once(after).unwrap().0
}
