//! "Why was this refused?", asked of a server and of the commands.

use serde_json::{Value, json};

use crate::program::{PASSWORD, Place, Server};

fn add(place: &Place, name: &str, role: &str) {
    let arguments = ["account", "add", name, "--email", "a@example.org", "--role", role];
    place.ok_with(&arguments, &format!("{PASSWORD}\n"));
}

fn with_root_and_ada() -> Place {
    let place = Place::new();
    add(&place, "root", "admin");
    add(&place, "ada", "user");
    place
}

/// Refuses ada, and answers the id she was told.
fn refused(server: &Server) -> String {
    let answer = server.get("/admin/accounts", &server.sign_in("ada"));
    assert_eq!(answer.status, 403);
    answer.json()["decision"].as_str().unwrap().to_owned()
}

fn text(value: &Value) -> String {
    value.to_string()
}

#[test]
fn from_a_refusal_to_its_reason() {
    let place = with_root_and_ada();
    let server = place.serve();
    let id = refused(&server);
    assert!(place.log().contains(&id), "the log has the id");
    let admin = server.sign_in("root");
    let decision = server.get(&format!("/admin/decisions/{id}"), &admin);
    assert_eq!(decision.status, 200, "{decision:?}");
    let told = place.ok_with(&["explain"], &text(&decision.json()));
    let lines: Vec<_> = told.lines().collect();
    assert!(lines[0].starts_with(&format!("Decision {id}, 20")), "{told}");
    assert!(lines[1].starts_with("GET /admin/accounts by account "), "{told}");
    let rest = [
        "Refused (403) by what the route requires:",
        "NO      all of",
        "  NO      role(admin): the role is not held",
        "  NO      scope(accounts:read): the scope is not held",
    ];
    assert_eq!(lines[2..], rest);

    let list = server.get("/admin/decisions", &admin).json();
    let file = place.file("decisions.json", &text(&list));
    assert_eq!(place.ok(&["explain", file.to_str().unwrap()]), told, "a list is printed as well");
    let array = place.ok_with(&["explain", "-"], &text(&list["decisions"]));
    assert_eq!(array, told);
}

#[test]
fn by_the_same_requirements_nothing_flips() {
    let place = with_root_and_ada();
    let server = place.serve();
    refused(&server);
    let list = server.get("/admin/decisions", &server.sign_in("root")).json();
    let file = place.file("decisions.json", &text(&list));
    let told = place.ok(&["replay", file.to_str().unwrap()]);
    assert_eq!(told, "1 decisions: 0 flip, 1 stay, 0 are of routes that are gone, 0 cannot be known\n");
}

#[test]
fn replay_lists_what_flips_and_ends_as_diff_does() {
    let place = with_root_and_ada();
    let server = place.serve();
    refused(&server);
    let list = server.get("/admin/decisions", &server.sign_in("root")).json();
    // As if another version had refused whom this one allows.
    let mut flipped = list.clone();
    let decision = &mut flipped["decisions"][0];
    decision["path"] = json!("/me");
    let mut gone = list["decisions"][0].clone();
    gone["path"] = json!("/no/such/route");
    flipped["decisions"].as_array_mut().unwrap().push(gone);
    let file = place.file("decisions.json", &text(&flipped));
    let output = place.run(&["replay", file.to_str().unwrap()]);
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("GET /me by account "), "{told}");
    assert!(told.contains(": refused, now allowed\nyes     scope(me:read): the scope is held\n"), "{told}");
    assert!(told.contains("there is no such route any more"), "{told}");
    assert!(
        told.ends_with("2 decisions: 1 flip, 0 stay, 1 are of routes that are gone, 0 cannot be known\n"),
        "{told}"
    );
}

#[test]
fn what_is_no_decision_is_explained() {
    let place = Place::new();
    for (input, words) in [
        ("nonsense", "is not JSON"),
        ("7", "there is no decision in it"),
        ("[{}]", "number 1 is no decision"),
        (
            r#"{"status": 403, "detail": "Not enough permissions"}"#,
            "the refusal of a server, and no decision: Not enough",
        ),
    ] {
        for (command, code) in [("explain", 1), ("replay", 2)] {
            let output = place.run_with(&[command, "-"], input);
            let error = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(code), "{error}");
            assert!(error.contains(words) && error.contains("standard input"), "{error}");
        }
    }
    assert!(place.fails(&["explain", "/no/such/file"]).contains("/no/such/file cannot be read"));
    assert_eq!(place.run(&["replay", "/no/such/file"]).status.code(), Some(2));
}

/// What is explained may come from anybody: it moves no cursor, and adds no line that seems to be ours.
#[test]
fn attack_a_decision_that_writes_to_the_terminal() {
    const TRICK: &str = "x\u{1b}[2J\u{9b}1m\u{202e}\rNO\nyes     role(admin)";
    let place = with_root_and_ada();
    let server = place.serve();
    let id = refused(&server);
    let mut forged = server.get(&format!("/admin/decisions/{id}"), &server.sign_in("root")).json();
    forged["stage"] = json!({ "policy": { "action": TRICK, "resource": TRICK } });
    forged["facts"]["parameters"] = json!({ TRICK: TRICK });
    forged["explanation"] = json!({ "leaf": { "check": TRICK }, "verdict": "false", "because": TRICK });
    let mut told = vec![place.ok_with(&["explain"], &text(&forged))];
    assert_eq!(told[0].lines().count(), 5, "{told:?}");
    forged["ruling"] = json!(TRICK);
    for input in [text(&forged), text(&json!({ "detail": TRICK }))] {
        let output = place.run_with(&["explain", "-"], &input);
        assert_eq!(output.status.code(), Some(1));
        told.push(String::from_utf8(output.stderr).unwrap());
    }
    for text in told {
        assert!(text.chars().all(|one| one == '\n' || !one.is_control()), "{text:?}");
    }
}

#[test]
fn a_route_is_explained_for_an_account_without_a_server() {
    let place = with_root_and_ada();
    let explain = |route: &str, account: &str, more: &[&str]| {
        let asked = ["explain", "--route", route, "--account", account];
        place.ok(&[&asked[..], more].concat())
    };
    let told = explain("GET /admin/accounts", "ada", &[]);
    assert!(
        told.starts_with("GET /admin/accounts by ada, signed in just now: it would be refused (403).\n"),
        "{told}"
    );
    assert!(told.contains("NO      role(admin): the role is not held"), "{told}");
    assert!(explain("get /admin/accounts/7", "root", &[]).starts_with("GET /admin/accounts/{id} by root"));
    assert!(explain("/me", "ada", &[]).contains("it would be allowed"));
    assert!(explain("GET /me", "ada", &["--scopes", "me:write"]).contains("it would be refused"));
    assert!(
        explain("GET /me", "ada", &["--scopes", "me:read accounts:read"]).contains("it would be allowed")
    );
    assert!(
        explain("GET /admin/accounts", "root", &["--scopes", "accounts:read"])
            .contains("the credential is delegated")
    );
    assert!(explain("GET /me/sessions", "ada", &["--delegated"]).contains("it would be refused"));
    let old = explain("POST /me/password", "ada", &["--age", "901"]);
    assert!(old.contains("NO      recent(900s): the sign-in was 901 s ago"), "{old}");
    assert!(explain("POST /token", "ada", &[]).contains("is public (this is where callers sign in)"));
    place.ok(&["account", "disable", "ada"]);
    assert!(explain("GET /me", "ada", &[]).contains("ada is disabled"));
}

/// What the command says is what the server does.
#[test]
fn the_command_and_the_server_agree() {
    let place = with_root_and_ada();
    let server = place.serve();
    for (name, token) in [("ada", server.sign_in("ada")), ("root", server.sign_in("root"))] {
        for path in ["/me", "/me/sessions", "/admin/accounts", "/admin/decisions"] {
            let told = place.ok(&["explain", "--route", path, "--account", name]);
            let allowed = server.get(path, &token).status == 200;
            assert_eq!(told.contains("would be allowed"), allowed, "{name} {path}: {told}");
        }
    }
}

#[test]
fn a_route_or_account_that_is_none_is_explained() {
    let place = with_root_and_ada();
    let fails =
        |route: &str, account: &str| place.fails(&["explain", "--route", route, "--account", account]);
    assert!(fails("GET /admin/acounts", "ada").contains("did you mean `GET /admin/accounts`?"));
    assert!(fails("PUT /me", "ada").contains("this path has GET, HEAD, PATCH"));
    assert!(fails("GET /something/else/entirely", "ada").contains("`palisade routes` lists all"));
    assert!(fails("GET /me", "bob").contains("there is no account `bob`"));
    assert_eq!(place.run(&["explain", "--route", "GET /me"]).status.code(), Some(2), "whose?");
    assert_eq!(
        place.run(&["explain", "x.json", "--route", "GET /me", "--account", "ada"]).status.code(),
        Some(2)
    );
}

#[test]
fn development_tells_this_machine_why() {
    let place = with_root_and_ada().set("SERVER__DEVELOPMENT", "true");
    let server = place.serve();
    let token = format!("Bearer {}", server.sign_in("ada"));
    let asked = |headers: &[(&str, &str)]| {
        let headers = [&[("authorization", token.as_str())], headers].concat();
        server.send("GET", "/admin/accounts", &headers, b"").json()
    };
    assert_eq!(asked(&[])["explanation"]["all"][0]["leaf"]["role"], "admin");
    assert!(asked(&[("x-forwarded-for", "203.0.113.7")]).get("explanation").is_none(), "a proxy's request");
    assert!(place.log().contains("development"), "and says so");
}

#[test]
fn attack_development_where_others_can_reach_it() {
    let place = Place::new().set("SERVER__DEVELOPMENT", "true");
    for arguments in [
        &["serve", "--behind-proxy", "127.0.0.0/8"][..],
        &["serve", "--listen", "0.0.0.0:0", "--behind-proxy", "10.0.0.0/8"],
        &["config", "check", "--config", "behind.toml"],
    ] {
        let file = place.file("behind.toml", "[server]\nbehind_proxy = [\"10.0.0.0/8\"]\n");
        let arguments: Vec<_> = arguments
            .iter()
            .map(|one| if *one == "behind.toml" { file.to_str().unwrap() } else { one })
            .collect();
        let error = place.fails(&arguments);
        assert!(error.contains("development mode tells whoever is refused why"), "{error}");
    }
    let place = Place::new();
    assert!(
        place.fails(&["serve", "--development", "--behind-proxy", "10.0.0.0/8"]).contains("development mode")
    );
}

/// A name that a page rebinds to this machine is refused before anything is decided, and the issuer's own name gets no reasons.
#[test]
fn attack_development_with_a_foreign_host() {
    let place = with_root_and_ada().set("SERVER__DEVELOPMENT", "true");
    let server = place.serve();
    let token = format!("Bearer {}", server.sign_in("ada"));
    let asked = |host: &str| {
        let headers = [("host", host), ("authorization", token.as_str())];
        let request = crate::client::request("GET", "/admin/accounts", &headers, b"");
        crate::client::exchange(server.address, &request)
    };
    assert_eq!(asked("evil.example").status, 421);
    let by_name = asked("id.example.org");
    assert_eq!((by_name.status, by_name.json().get("explanation")), (403, None));
}
