//! Ways around the guard: by headers, by paths, by other places a token could stand.

use http::{Method, StatusCode};
use palisade_identity::role::Role;
use serde_json::{Value, json};

use crate::{
    app::{App, application, assert_problem},
    world::post::token_of,
};

#[tokio::test]
async fn attack_a_token_anywhere_but_in_the_authorization_header() {
    let app = App::with_user("ada").await;
    let token = app.token("ada").await;
    let query = app.client.get(&format!("/me?access_token={token}"));
    let cookie =
        app.client.get("/me").header("cookie", format!("access_token={token}; Authorization=Bearer {token}"));
    let other = app.client.get("/me").header("x-authorization", format!("Bearer {token}"));
    let proxy = app.client.get("/me").header("proxy-authorization", format!("Bearer {token}"));
    for request in [query, cookie, other, proxy] {
        let answer = request.send().await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
}

#[tokio::test]
async fn attack_two_authorization_headers() {
    let app = App::with_admin().await;
    app.make("ada", Role::User).await;
    let (admin, user) = (app.token("root").await, app.token("ada").await);
    for (first, second) in [
        (format!("Bearer {user}"), format!("Bearer {admin}")),
        (format!("Bearer {user}"), format!("Bearer {user}")),
        (format!("Bearer {user}"), "Basic Og==".to_owned()),
        ("Basic Og==".to_owned(), format!("Bearer {user}")),
    ] {
        let request = app.client.get("/me").header("authorization", first).header("authorization", second);
        let answer = request.send().await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.header("www-authenticate"), Some(r#"Bearer error="invalid_token""#));
    }
}

#[tokio::test]
async fn attack_a_token_that_is_almost_one() {
    let app = App::with_user("ada").await;
    let token = app.token("ada").await;
    let send =
        async |value: Vec<u8>| app.client.get("/me").header("authorization", value).send().await.status;
    for value in [
        "Bearer".into(),
        "Bearer ".into(),
        format!("Bearer {token},"),
        format!("Bearer {token} {token}"),
        format!("Bearer \"{token}\""),
        format!("Bearer {token};x"),
        format!("Bearer\t{token}"),
        format!("Bearer{token}"),
        format!("Token {token}"),
        format!("DPoP {token}"),
        format!("Bearer {}", "a".repeat(100_000)),
    ] {
        assert_eq!(send(value.clone().into_bytes()).await, StatusCode::UNAUTHORIZED, "{value}");
    }
    assert_eq!(send([b"Bearer \xff".as_slice(), token.as_bytes()].concat()).await, StatusCode::UNAUTHORIZED);
    assert_eq!(send(format!("bearer  {token}").into_bytes()).await, StatusCode::OK, "as RFC 9110 reads it");
}

#[tokio::test]
async fn attack_headers_that_name_another_method_path_or_caller() {
    let app = App::with_admin().await;
    let root = app.accounts().await.remove(0);
    app.make("ada", Role::User).await;
    let client = app.client.bearer(app.token("ada").await);
    for (name, value) in [
        ("x-http-method-override", "PATCH".to_owned()),
        ("x-original-url", "/admin/accounts".to_owned()),
        ("x-rewrite-url", "/admin/accounts".to_owned()),
        ("x-forwarded-user", "root".to_owned()),
        ("x-remote-user", root.id.to_string()),
        ("x-user-id", root.id.to_string()),
        ("x-roles", "admin".to_owned()),
    ] {
        let answer = client.get("/me").header(name, &value).send().await;
        assert_eq!(answer.json()["username"], "ada", "{name}");
        let answer = client.get("/admin/accounts").header(name, &value).send().await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}");
    }
}

#[tokio::test]
async fn attack_paths_that_are_written_in_another_way() {
    let app = App::with_user("ada").await;
    let client = app.client.bearer(app.token("ada").await);
    for path in [
        "//admin/accounts",
        "/admin//accounts",
        "/admin/accounts/",
        "/ADMIN/accounts",
        "/me/../admin/accounts",
        "/me/..;/admin/accounts",
        "/./admin/accounts",
        "/%61dmin/accounts",
        "/admin%2faccounts",
        "/admin/accounts%00",
        "/admin/accounts;x=y",
        "/admin/accounts.json",
    ] {
        for client in [&app.client, &client] {
            let answer = client.get(path).send().await;
            let refused = [StatusCode::NOT_FOUND, StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN];
            assert!(refused.contains(&answer.status), "{path}: {}", answer.status);
            assert!(!answer.text().contains("ada"), "{path}");
        }
    }
}

#[tokio::test]
async fn attack_methods_that_nobody_declared() {
    let app = App::with_admin().await;
    let before = app.accounts().await;
    let root = app.client.bearer(app.token("root").await);
    for row in app.table.rows().iter().filter(|row| !row.path.contains('*')) {
        let path = row.path.replace("{id}", &before[0].id.to_string());
        let declared =
            |method: &&str| app.table.rows().iter().any(|r| r.path == row.path && r.method == *method);
        let methods = ["DELETE", "TRACE", "CONNECT", "PROPFIND", "get", "OPTIONS"];
        for method in methods.iter().filter(|method| !declared(method)) {
            let answer = root.request(method.parse::<Method>().unwrap(), &path).send().await;
            let status = answer.status;
            assert!(matches!(status.as_u16(), 204 | 405), "{method} {path}: {status}");
            assert!(answer.body.is_empty() || !answer.text().contains("root"), "{method} {path}");
        }
    }
    assert_eq!(app.accounts().await, before);
}

#[tokio::test]
async fn attack_a_get_that_changes_something() {
    let app = App::with_admin().await;
    app.service().await;
    let before = app.accounts().await;
    let token = app.token("root").await;
    for row in app.table.rows().iter().filter(|row| matches!(row.method.as_str(), "GET" | "HEAD")) {
        app.call(row, &token).await;
    }
    assert_eq!(app.accounts().await, before);
}

#[tokio::test]
async fn attack_input_that_makes_the_answer_large_or_the_server_work() {
    let app = App::new().await;
    let mut long_name = application("ada");
    long_name["x".repeat(500_000)] = Value::Null;
    let mut many_names = application("ada");
    for number in 0..20_000 {
        many_names[format!("field{number}")] = Value::Null;
    }
    let mut many_values = application("ada");
    many_values["username"] = json!(vec![0; 100_000]);
    for input in [long_name, many_names, many_values] {
        let answer = app.client.post("/signup").json(&input).send().await;
        assert_problem(&answer, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.len() < 16 * 1024, "{} bytes", answer.body.len());
    }
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let request = app.client.post("/signup").header("content-type", "application/json").body(deep);
    assert_problem(&request.send().await, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn attack_names_that_look_alike_or_hide_something() {
    let app = App::new().await;
    for name in [
        "ada ",
        " ada",
        "a\u{200b}da",
        "a\u{200d}da",
        "ada\u{feff}",
        "\u{202e}ada",
        "ada\0",
        "ada\n",
        "\u{1d41a}da",
        "\u{24d0}da",
        "a\u{ad}da",
        "ada\u{e0041}",
        "ada\u{fe0f}",
    ] {
        let answer = app.client.post("/signup").json(&application(name)).send().await;
        assert_problem(&answer, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.json()["errors"][0]["loc"], json!(["body", "username"]), "{name:?}");
    }
    assert_eq!(app.usernames().await, [""; 0]);
}

/// A page of another site can send these three types of content without asking anybody, with whatever cookies there are.
#[tokio::test]
async fn attack_a_form_of_another_site_reaches_no_route_that_is_open_to_all() {
    let app = App::with_mail().await;
    app.verified("ada", "ada@example.org").await;
    let resets = app.reset_token("ada").await;
    app.sign_up_at("ben", "ben@example.org").await;
    let proves = token_of(&app.post.next().await);
    let browser = app.browser("ada").await;
    let before = app.accounts().await;
    app.world.hashing.asked();
    let inputs = [
        ("/signup", application("eve")),
        ("/email/verify", json!({ "token": proves })),
        ("/password/reset", json!({ "token": resets, "new_password": "battery staple" })),
        ("/password/forgot", json!({ "username_or_email": "ben" })),
    ];
    for (path, input) in &inputs {
        let fields: Vec<_> = input.as_object().unwrap().iter().collect();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let urlencoded: Vec<_> =
            fields.iter().map(|(name, value)| format!("{name}={}", text(value))).collect();
        let part = |(name, value): &(&String, &Value)| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{}\r\n", text(value))
        };
        let multipart = fields.iter().map(part).collect::<String>() + "--b--\r\n";
        for (content_type, body) in [
            ("application/x-www-form-urlencoded", urlencoded.join("&")),
            ("application/x-www-form-urlencoded", input.to_string()),
            ("multipart/form-data; boundary=b", multipart),
            // A form's only field can be named and filled so that the whole text is JSON.
            ("text/plain", input.to_string()),
            ("text/plain; charset=application/json", input.to_string()),
        ] {
            let request = browser.asked_by("cross-site", Method::POST, path);
            let request =
                request.header("origin", "https://evil.example").header("content-type", content_type);
            let answer = request.body(body).send().await;
            assert_problem(&answer, StatusCode::UNSUPPORTED_MEDIA_TYPE);
            assert_eq!(answer.header("set-cookie"), None, "{path}");
        }
    }
    assert_eq!(app.accounts().await, before);
    assert_eq!(app.world.hashing.asked(), []);
    assert!(app.post.rest().is_empty());
    // It was the type alone: the links are good still.
    for (path, input) in &inputs {
        let answer = app.client.post(path).json(input).send().await;
        assert!(answer.status.is_success(), "{path}: {}", answer.text());
        assert_eq!(answer.header("set-cookie"), None, "{path}");
    }
}
