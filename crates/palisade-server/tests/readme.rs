//! The README's walk, typed into one shell as a reader would, with each answer compared.

#![expect(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]

mod process;

use std::process::{Command, Stdio};

use process::Server;

/// What stands in the README where the test listens elsewhere.
const ADDRESS: &str = "http://127.0.0.1:8000";
/// Stands for any text without a line break.
const ANYTHING: char = '…';
/// Printed between answers; no answer has it.
const BORDER: &str = "\u{1e}";

/// One command of the walk, and what it prints.
#[derive(Debug, PartialEq)]
struct Step {
    command: String,
    output: String,
}

#[test]
fn the_walk_in_the_readme_gives_what_is_printed() {
    for program in ["bash", "curl"] {
        if !process::has(program) {
            return process::skip(program, "curl");
        }
    }
    let server = Server::start();
    let steps = steps(include_str!("../../../README.md"));
    assert!(steps.len() >= 8, "the walk is shorter than expected: {steps:#?}");
    let printed = run(&steps, &server);
    for (step, printed) in steps.iter().zip(&printed) {
        let expected = &step.output;
        assert!(matches(expected, printed), "$ {}\nexpected: {expected}\nprinted:  {printed}", step.command);
    }
    assert_eq!(printed.len(), steps.len(), "the shell ended before the walk");
}

/// The answers of all commands, from one shell: a variable set in one step is there in the next.
fn run(steps: &[Step], server: &Server) -> Vec<String> {
    let script: String = steps
        .iter()
        .map(|step| format!("{}\nprintf '%s' '{BORDER}'\n", step.command.replace(ADDRESS, &server.address)))
        .collect();
    let shell = Command::new("bash")
        .args(["--noprofile", "--norc", "-c", &script])
        .current_dir(server.folder())
        // A proxy that happens to be set has no business here.
        .env("no_proxy", "127.0.0.1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&shell.stderr), "");
    let printed = String::from_utf8(shell.stdout).unwrap();
    printed.split_terminator(BORDER).map(|answer| answer.trim_end_matches('\n').to_owned()).collect()
}

/// The steps of all ```` ```console ```` blocks: a line `$ command`, then what it prints, up to an empty line.
fn steps(markdown: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let (mut in_walk, mut in_output) = (false, false);
    for line in markdown.lines() {
        if let Some(language) = line.strip_prefix("```") {
            in_walk = !in_walk && language == "console";
        } else if let Some(command) = line.strip_prefix("$ ").filter(|_| in_walk) {
            steps.push(Step { command: command.to_owned(), output: String::new() });
            in_output = true;
        } else if line.is_empty() {
            in_output = false;
        } else if let Some(step) = steps.last_mut().filter(|_| in_walk && in_output) {
            if !step.output.is_empty() {
                step.output.push('\n');
            }
            step.output.push_str(line);
        }
    }
    steps
}

/// Whether `text` is `pattern` with something in place of each [`ANYTHING`].
fn matches(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split(ANYTHING);
    let Some(mut rest) = text.strip_prefix(pieces.next().unwrap_or_default()) else { return false };
    let mut whole = true;
    for piece in pieces {
        // What follows a gap is looked for as near as can be; the last piece has to be the end.
        let Some(at) = rest.find(piece) else { return false };
        if rest[..at].contains('\n') {
            return false;
        }
        whole = piece.is_empty();
        rest = &rest[at + piece.len()..];
    }
    rest.is_empty() || (whole && !rest.contains('\n') && pattern.ends_with(ANYTHING))
}

#[test]
fn a_gap_stands_for_any_text_without_a_line_break() {
    assert!(matches(r#"{"id":"…","name":"ada"} 201"#, r#"{"id":"0199","name":"ada"} 201"#));
    assert!(matches("a … b … c", "a 1 b 2 c"));
    assert!(matches("begins …", "begins and goes on"));
    assert!(matches("", ""));
    for other in ["", r#"{"id":"0199","name":"bob"} 201"#, r#"{"id":"0199","name":"ada"} 2010"#] {
        assert!(!matches(r#"{"id":"…","name":"ada"} 201"#, other), "{other}");
    }
    assert!(!matches("a … b", "a 1\n2 b"));
}

#[test]
fn a_step_is_a_command_and_what_follows_it() {
    let text = "```sh\n$ no\n```\n```console\n$ one\n1\n2\n\n$ two\n$ three\n3\n```\n$ no\n";
    let step = |command: &str, output: &str| Step { command: command.into(), output: output.into() };
    assert_eq!(steps(text), [step("one", "1\n2"), step("two", ""), step("three", "3")]);
}
