//! Starts the program, and ends it with the test.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Output, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{self, Answer};

pub(crate) const PASSWORD: &str = "a long enough password";

/// A place for a server and the commands beside it, with settings that cost little.
pub(crate) struct Place {
    pub(crate) temporary: TempDir,
    settings: Vec<(String, String)>,
}

/// A server that runs, until it is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) first_lines: String,
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Place {
    pub(crate) fn new() -> Self {
        let place = Self { temporary: tempfile::tempdir().unwrap(), settings: Vec::new() };
        // The cheapest hash there may be, and no word lists.
        place
            .set("PASSWORDS__MEMORY_KIB", "7168")
            .set("PASSWORDS__ITERATIONS", "5")
            .set("PASSWORDS__MINIMUM_SCORE", "0")
            .set("SERVER__LISTEN", "127.0.0.1:0")
            .set("SERVER__ISSUER", "http://id.example.org")
    }

    #[must_use]
    pub(crate) fn set(mut self, key: &str, value: &str) -> Self {
        self.settings.push((format!("PALISADE__{key}"), value.to_owned()));
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.temporary.path().join(name)
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// A file in the place, readable by its owner alone.
    pub(crate) fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        chmod(&path, 0o600);
        path
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path("stderr")).unwrap_or_default()
    }

    fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_palisade"));
        let foreign = std::env::vars().map(|(name, _)| name).filter(|name| name.starts_with("PALISADE__"));
        for name in foreign {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .envs(self.settings.iter().cloned())
            .env("PALISADE__SERVER__DATA", self.data());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.run_with(arguments, "")
    }

    /// Runs a command to its end, with something on its standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = self.program(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // It may have ended already, without reading.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// Runs a command that must work, and answers what it printed.
    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        self.ok_with(arguments, "")
    }

    pub(crate) fn ok_with(&self, arguments: &[&str], input: &str) -> String {
        let output = self.run_with(arguments, input);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command that must fail, and answers what it complained of.
    pub(crate) fn fails(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    /// Starts a server, and waits until it says that it listens.
    pub(crate) fn serve(&self) -> Server {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.path("stderr")).unwrap();
        let mut child = self.program(&["serve"]).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut first_lines = String::new();
        while !first_lines.contains("Data in") {
            let read = out.read_line(&mut first_lines).unwrap();
            assert_ne!(read, 0, "it ended: {first_lines}{}", self.log());
        }
        let url = first_lines.lines().next().and_then(|line| line.strip_prefix("Listening on http://"));
        let address = url.expect("the first line says where it listens").parse().unwrap();
        Server { address, first_lines, child, out }
    }
}

impl Server {
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let host = self.address.to_string();
        let headers: Vec<_> = [("host", host.as_str())].iter().chain(headers).copied().collect();
        client::exchange(self.address, &client::request(method, path, &headers, body))
    }

    pub(crate) fn post_json(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &[("content-type", "application/json")], body.to_string().as_bytes())
    }

    pub(crate) fn sign_up(&self, name: &str) -> Answer {
        self.post_json("/signup", &json!({"username": name, "email": "a@example.org", "password": PASSWORD}))
    }

    pub(crate) fn sign_in_as(&self, name: &str, password: &str, headers: &[(&str, &str)]) -> Answer {
        let form = format!("grant_type=password&username={name}&password={}", password.replace(' ', "+"));
        let content_type = ("content-type", "application/x-www-form-urlencoded");
        let headers: Vec<_> = [content_type].iter().chain(headers).copied().collect();
        self.send("POST", "/token", &headers, form.as_bytes())
    }

    /// An access token.
    pub(crate) fn sign_in(&self, name: &str) -> String {
        let answer = self.sign_in_as(name, PASSWORD, &[]);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) fn get(&self, path: &str, token: &str) -> Answer {
        self.send("GET", path, &[("authorization", &format!("Bearer {token}"))], b"")
    }

    pub(crate) fn signal(&self, name: &str) {
        let kill = Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap();
        assert!(kill.success());
    }

    /// Ends it in order; answers its exit code.
    pub(crate) fn stop(mut self) -> Option<i32> {
        self.signal("-TERM");
        self.child.wait().unwrap().code()
    }

    /// Waits for its end; answers its exit code and what else it printed.
    pub(crate) fn ended(&mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().code(), rest)
    }
}

impl Drop for Server {
    /// Kills it: nothing may be lost by that.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}

pub(crate) fn mode(path: &Path) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o7777
}
