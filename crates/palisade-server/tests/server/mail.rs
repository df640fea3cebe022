//! Mail through a real mail server on this machine: aiosmtpd, in the Python that `PALISADE_TEST_PYTHON` names, or
//! `python3`. Skipped where that has none.

use std::{
    io::{BufRead as _, BufReader, Lines},
    process::{Child, ChildStdout, Command, Stdio},
};

use serde_json::{Value, json};

use crate::{
    client::Answer,
    program::{PASSWORD, Place, Server},
};

const NEW: &str = "another long enough password";

struct MailServer {
    process: Child,
    port: String,
    messages: Lines<BufReader<ChildStdout>>,
}

impl MailServer {
    #[expect(clippy::print_stderr, reason = "who runs the tests is to see that this one did not run")]
    fn start() -> Option<Self> {
        let python = std::env::var("PALISADE_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/server/mail_server.py");
        let mut command = Command::new(python);
        command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let started = command.spawn().ok().and_then(|mut process| {
            let mut messages = BufReader::new(process.stdout.take().unwrap()).lines();
            let port = messages.next()?.unwrap();
            Some(Self { process, port, messages })
        });
        if started.is_none() {
            let required = std::env::var("PALISADE_TEST_REQUIRE").unwrap_or_default();
            assert!(
                !required.split(',').any(|name| name.trim() == "smtp"),
                "aiosmtpd is not installed, and PALISADE_TEST_REQUIRE asks for smtp"
            );
            eprintln!("skipped: aiosmtpd is not installed (PALISADE_TEST_PYTHON names a Python that has it)");
        }
        started
    }

    fn place(&self) -> Place {
        Place::new()
            .set("LOG__FILTER", "trace")
            .set("MAIL__HOST", "127.0.0.1")
            .set("MAIL__PORT", &self.port)
            .set("MAIL__TLS", "none")
            .set("MAIL__FROM", "no-reply@id.example.org")
    }

    /// The next message, once it is here.
    fn next(&mut self) -> Value {
        serde_json::from_str(&self.messages.next().unwrap().unwrap()).unwrap()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn token_in(message: &Value) -> String {
    let text = message["text"].as_str().unwrap();
    let (_, rest) = text.split_once("?token=").unwrap();
    rest.lines().next().unwrap().to_owned()
}

fn sign_up(server: &Server, name: &str, address: &str) -> Answer {
    server.post_json("/signup", &json!({"username": name, "email": address, "password": PASSWORD}))
}

#[test]
fn whoever_signs_up_proves_the_address_and_gets_back_in_by_it() {
    let Some(mut mail) = MailServer::start() else { return };
    let place = mail.place();
    let server = place.serve();
    assert_eq!(sign_up(&server, "ada", "ada@example.org").status, 201);
    let message = mail.next();
    assert_eq!(message["to"], json!(["ada@example.org"]));
    assert_eq!(message["from"], "no-reply@id.example.org");
    let (head, text) = (message["head"].as_str().unwrap(), message["text"].as_str().unwrap());
    for header in [
        "From: Palisade <no-reply@id.example.org>",
        "To: ada@example.org",
        "Subject: Confirm your e-mail address",
        "Content-Type: text/plain; charset=utf-8",
        "Auto-Submitted: auto-generated",
    ] {
        assert!(head.lines().any(|line| line == header), "{header}: {head}");
    }
    assert!(head.lines().any(|line| line.starts_with("Message-ID: <") && line.ends_with("@id.example.org>")));
    assert!(text.lines().any(|line| line.starts_with("http://id.example.org/verify-email?token=")), "{text}");

    let proves = token_in(&message);
    assert_eq!(server.post_json("/email/verify", &json!({ "token": proves })).status, 204);
    let signed_in = server.sign_in("ada");
    assert_eq!(server.get("/me", &signed_in).json()["email_verified"], true);

    assert_eq!(
        server.post_json("/password/forgot", &json!({ "username_or_email": "ada@example.org" })).status,
        202
    );
    let resets = token_in(&mail.next());
    let reset =
        || server.post_json("/password/reset", &json!({ "token": resets, "new_password": NEW })).status;
    assert_eq!((reset(), reset()), (204, 400));
    assert_eq!(server.get("/me", &signed_in).status, 401);
    assert_eq!(server.sign_in_as("ada", PASSWORD, &[]).status, 400);
    assert_eq!(server.sign_in_as("ada", NEW, &[]).status, 200);
    let notice = mail.next();
    assert!(notice["head"].as_str().unwrap().contains("Subject: Your password was set anew"));
    assert_eq!(server.stop(), Some(0));

    let log = place.log();
    for secret in [proves.as_str(), &resets, "ada@example.org"] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

/// A mail server's reply often repeats the recipient.
#[test]
fn attack_addresses_in_the_log_by_what_the_mail_server_says() {
    let Some(mail) = MailServer::start() else { return };
    let place = mail.place();
    let server = place.serve();
    assert_eq!(sign_up(&server, "eve", "refused@example.org").status, 201);
    assert_eq!(server.stop(), Some(0), "which waits for what is to be sent");
    let log = place.log();
    assert!(log.contains("it answered 550") && log.contains("a message was not sent"), "{log}");
    assert!(!log.contains("refused@"), "{log}");
}

#[test]
fn a_message_in_another_script_arrives_as_it_was_written() {
    let Some(mut mail) = MailServer::start() else { return };
    let place = mail.place();
    let server = place.serve();
    assert_eq!(sign_up(&server, "żółć", "a@example.org").status, 201);
    let message = mail.next();
    let text = message["text"].as_str().unwrap();
    assert!(text.contains("the account \"żółć\""), "{text}");
}
