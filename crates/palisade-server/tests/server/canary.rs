//! Secrets are nowhere in what the program writes, at the chattiest level, however things fail.
//!
//! Each is planted where a credential goes, right and wrong, and then looked for in all output as it is, in base64,
//! percent-encoded and as JSON escapes it. The log's filter says `trace`; what is not ours stays at `info` all the
//! same, which `log.rs` tests.

use std::fs;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use serde_json::json;

use crate::{
    client::{exchange, request},
    program::{Place, Server},
};

/// Characters that every encoding writes in another way.
fn canary(name: &str) -> String {
    format!("canary+{name}/\"\u{e9}\u{1f425}=\\ {name}")
}

#[test]
fn attack_secrets_in_the_output() {
    let master_key = STANDARD.encode(b"canary, which is thirty-two byte");
    // Nobody answers at the mail server's port, so that whatever is to be sent fails and is told.
    let place = Place::new()
        .set("LOG__FILTER", "trace")
        .set("KEYS__MASTER_KEY", &master_key)
        .set("MAIL__HOST", "127.0.0.1")
        .set("MAIL__PORT", "1")
        .set("MAIL__TLS", "none")
        .set("MAIL__FROM", "no-reply@example.org")
        .set("MAIL__USERNAME", "palisade")
        .set("MAIL__PASSWORD", "canary-of-the-mail-server")
        .set("SERVER__SHUTDOWN_SECONDS", "1");
    let server = place.serve();
    let mut secrets = vec![
        master_key.clone(),
        "canary-of-the-mail-server".into(),
        "canary, which is thirty-two byte".into(),
    ];
    secrets.push(fs::read_to_string(place.data().join("first-admin")).unwrap().trim().to_owned());
    plant_in_bodies(&server, &mut secrets);
    plant_in_links(&place, &server, &mut secrets);
    plant_in_headers(&server, &mut secrets);
    plant_in_the_target(&server, &mut secrets);
    plant_in_commands(&place, &mut secrets);

    let mut server = server;
    server.signal("-TERM");
    let (code, printed) = server.ended();
    assert_eq!(code, Some(0));
    let written = format!("{}{printed}{}", server.first_lines, place.log());
    assert!(written.contains("answered"), "the log says something: {written}");
    for secret in &secrets {
        assert_absent(secret, &written);
    }
}

fn plant_in_bodies(server: &Server, secrets: &mut Vec<String>) {
    let mut planted = |name: &str| {
        secrets.push(canary(name));
        canary(name)
    };
    let account = |name: &str, password: &str| json!({"username": name, "email": "a@example.org", "password": password});
    let password = planted("password");
    assert_eq!(server.post_json("/signup", &account("ada", &password)).status, 201);
    assert_eq!(server.post_json("/signup", &account("ada", &planted("taken"))).status, 409);
    assert_eq!(server.post_json("/signup", &account("", &planted("invalid"))).status, 422);
    let mut claim = account("eve", &planted("claimant"));
    claim["first_admin_secret"] = planted("first-admin").into();
    assert_eq!(server.post_json("/signup", &claim).status, 403);
    let json = [("content-type", "application/json")];
    for body in [
        format!("{{\"password\": \"{}", planted("cut-off")),
        format!("{{\"password\": [{}]}}", json!(planted("list"))),
        json!({"username": "bob", "email": planted("email"), "password": {"x": planted("object")}})
            .to_string(),
        json!({ planted("member"): 1 }).to_string(),
    ] {
        assert_eq!(server.send("POST", "/signup", &json, body.as_bytes()).status, 422);
    }
    let encoded = |text: &str| percent(text);
    let token = server.sign_in_as("ada", &encoded(&password), &[]);
    assert_eq!(token.status, 200, "{token:?}");
    assert_eq!(server.sign_in_as("ada", &encoded(&planted("wrong")), &[]).status, 400);
    assert_eq!(server.sign_in_as(&encoded(&planted("as-name")), "x", &[]).status, 400);
    let client = format!("x&client_secret={}", encoded(&planted("client-secret")));
    assert_eq!(server.sign_in_as("ada", &client, &[]).status, 401);
    let token = token.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(server.get("/me", &token).status, 200);
    let change = json!({"current_password": planted("not-current"), "new_password": planted("new")});
    let headers = [("content-type", "application/json"), ("authorization", &format!("Bearer {token}"))];
    assert_eq!(server.send("POST", "/me/password", &headers, change.to_string().as_bytes()).status, 422);
    let signature = token.rsplit('.').next().unwrap().to_owned();
    assert_eq!(server.get("/me", &format!("{}x", token)).status, 401);
    secrets.extend([token, signature]);
}

fn plant_in_links(place: &Place, server: &Server, secrets: &mut Vec<String>) {
    for name in ["canary-token", "canary-address@example.org"] {
        let token = json!({ "token": name });
        assert_eq!(server.post_json("/email/verify", &token).status, 400);
        let reset = json!({ "token": name, "new_password": "canary-by-a-void-link" });
        assert_eq!(server.post_json("/password/reset", &reset).status, 400);
        let forgotten = json!({ "username_or_email": name });
        assert_eq!(server.post_json("/password/forgot", &forgotten).status, 202);
        secrets.push(name.to_owned());
    }
    let link = place.ok(&["account", "reset-link", "ada"]);
    let token = link.trim().rsplit('=').next().unwrap().to_owned();
    let weak = json!({ "token": token, "new_password": "canary" });
    assert_eq!(server.post_json("/password/reset", &weak).status, 422);
    let reset = json!({ "token": token, "new_password": "canary-by-a-good-link" });
    assert_eq!(server.post_json("/password/reset", &reset).status, 204);
    secrets.extend([token, "canary-by-a-void-link".into(), "canary-by-a-good-link".into()]);
}

fn plant_in_headers(server: &Server, secrets: &mut Vec<String>) {
    for scheme in ["Bearer ", "Basic ", "Digest ", ""] {
        let name = format!("canary-after-{}", if scheme.is_empty() { "nothing" } else { scheme.trim() });
        let credentials =
            if scheme == "Basic " { STANDARD.encode(format!("ada:{name}")) } else { name.clone() };
        let value = format!("{scheme}{credentials}");
        for path in ["/me", "/token", "/nothing"] {
            assert!(server.send("POST", path, &[("authorization", &value)], b"").status >= 400);
        }
        secrets.push(name);
    }
    for (header, name) in [
        ("cookie", "session=canary-cookie"),
        ("x-api-key", "canary-api-key"),
        ("proxy-authorization", "Basic canary-proxy"),
        ("x-forwarded-for", "canary-forwarded"),
    ] {
        assert_eq!(server.send("GET", "/me", &[(header, name)], b"").status, 401);
        secrets.push(name.split(['=', ' ']).next_back().unwrap().to_owned());
    }
    let host = request("GET", "/me", &[("host", "canary-host")], b"");
    assert_eq!(exchange(server.address, &host).status, 421);
    assert_eq!(exchange(server.address, b"canary-line\r\ncanary-header: x\r\n\r\n").status, 400);
    secrets.extend(["canary-host", "canary-line", "canary-header"].map(str::to_owned));
}

fn plant_in_the_target(server: &Server, secrets: &mut Vec<String>) {
    for path in
        ["/me?api_key=canary-query", "/nothing?access_token=canary-query", "/token?password=canary-query"]
    {
        server.send("GET", path, &[], b"");
    }
    secrets.push("canary-query".into());
}

fn plant_in_commands(place: &Place, secrets: &mut Vec<String>) {
    let mut output = String::new();
    let mut run = |arguments: &[&str], secret: &str| {
        let written = place.run_with(arguments, &format!("{secret}\n"));
        output.push_str(&String::from_utf8_lossy(&written.stdout));
        output.push_str(&String::from_utf8_lossy(&written.stderr));
        secrets.push(secret.to_owned());
    };
    run(&["account", "add", "carol", "--email", "c@example.org"], "canary-of-carol");
    run(&["account", "add", "carol", "--email", "c@example.org"], "canary-of-another");
    run(&["account", "password", "carol"], "canary");
    run(&["account", "password", "nobody"], "canary-of-nobody");
    run(&["keys", "rotate"], "canary-to-keys");
    run(&["config", "check"], "canary-to-config");
    for secret in secrets.iter() {
        assert_absent(secret, &output);
    }
    // It is the beginning of every other one's.
    secrets.retain(|secret| secret != "canary");
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// As JSON writes it with every character beyond ASCII escaped.
fn escaped(text: &str) -> String {
    text.encode_utf16().fold(String::new(), |all, unit| match u8::try_from(unit) {
        Ok(byte @ (b'"' | b'\\')) => format!("{all}\\{}", char::from(byte)),
        Ok(byte) if byte.is_ascii() => format!("{all}{}", char::from(byte)),
        _ => format!("{all}\\u{unit:04x}"),
    })
}

fn assert_absent(secret: &str, written: &str) {
    let quoted = json!(secret).to_string();
    let sparing: String = secret
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                char::from(byte).into()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect();
    let mut forms = vec![
        secret.to_owned(),
        STANDARD_NO_PAD.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
        percent(secret),
        percent(secret).to_lowercase(),
        sparing.to_lowercase(),
        sparing.replace("%20", "+"),
        sparing,
        quoted.trim_matches('"').to_owned(),
        json!(quoted).to_string().trim_matches('"').to_owned(),
        escaped(secret),
        format!("{secret:?}").trim_matches('"').to_owned(),
    ];
    forms.retain(|form| form.len() > 5);
    for form in forms {
        assert!(
            !written.contains(&form),
            "`{secret}` stands in the output as `{form}`: {}",
            around(written, &form)
        );
    }
}

fn around<'w>(written: &'w str, form: &str) -> &'w str {
    written.lines().find(|line| line.contains(form)).unwrap_or_default()
}
