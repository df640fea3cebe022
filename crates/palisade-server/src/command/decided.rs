//! `palisade explain FILE`: decisions, and refusals that say why, as text; and how commands read decisions.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use anyhow::{Context as _, Result, bail};
use palisade::{decision::Decision, requirement::Explanation};
use serde_json::Value;

use super::say;

/// The most that is read: all that a server keeps takes 4 MiB, and JSON for people is larger.
const MOST: u64 = 64 * 1024 * 1024;

pub(super) fn print(file: &Path) -> Result<()> {
    let (name, value) = json(file)?;
    // A refusal in development mode says why by itself.
    if let (Some(explanation), Some(_)) = (value.get("explanation"), value.get("status")) {
        let explanation: Explanation = serde_json::from_value(explanation.clone()).context(name)?;
        return say(explanation.to_string().trim_end());
    }
    for (position, decision) in decisions(value).context(name)?.iter().enumerate() {
        if position > 0 {
            say("")?;
        }
        say(decision.to_string().trim_end())?;
    }
    Ok(())
}

/// Reads one decision, a list of them, or the answer of `GET /admin/decisions`; `-` is standard input.
pub(super) fn read(file: &Path) -> Result<Vec<Decision>> {
    let (name, value) = json(file)?;
    decisions(value).context(name)
}

/// What is in the file, and what to call it.
fn json(file: &Path) -> Result<(String, Value)> {
    let name = if file == Path::new("-") { "standard input".to_owned() } else { file.display().to_string() };
    let text = text(file).with_context(|| format!("{name} cannot be read"))?;
    let value = serde_json::from_slice(&text).with_context(|| {
        format!("{name} is not JSON: give it what `GET /admin/decisions` or `GET /admin/decisions/{{id}}` answered")
    })?;
    Ok((name, value))
}

fn text(file: &Path) -> Result<Vec<u8>> {
    let source: Box<dyn Read> =
        if file == Path::new("-") { Box::new(io::stdin()) } else { Box::new(fs::File::open(file)?) };
    let mut text = Vec::new();
    source.take(MOST + 1).read_to_end(&mut text)?;
    if text.len() as u64 > MOST {
        bail!("it is larger than {MOST} bytes");
    }
    Ok(text)
}

fn decisions(value: Value) -> Result<Vec<Decision>> {
    let list = match value {
        Value::Array(list) => list,
        Value::Object(mut answer) => match answer.remove("decisions") {
            Some(Value::Array(list)) => list,
            _ if answer.contains_key("detail") => {
                let detail = answer["detail"].as_str().unwrap_or_default();
                match answer.get("decision").and_then(Value::as_str) {
                    Some(id) => bail!(
                        "this is the refusal of a server, and no decision: {detail}. An admin is told why: give it what \
                         `GET /admin/decisions/{id}` answers"
                    ),
                    None => bail!("this is the refusal of a server, and no decision: {detail}"),
                }
            }
            _ => vec![Value::Object(answer)],
        },
        _ => bail!("there is no decision in it"),
    };
    let one = |(position, value)| {
        serde_json::from_value(value).with_context(|| format!("number {} is no decision", position + 1))
    };
    list.into_iter().enumerate().map(one).collect()
}
