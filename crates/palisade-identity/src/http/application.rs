//! What anybody who is to get an account is asked for.

use palisade::{Problem, secret::SecretString};
use schemars::{Schema, SchemaGenerator, json_schema};

use super::refusal::fault;
use crate::{accounts::Applicant, email::Email, username::Username};

/// The schema of a new password. The policy decides the rest, so that it can say why.
pub(super) fn new_password(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "format": "password", "minLength": 8, "maxLength": 128 })
}

/// The schema of a password that exists: capped before it is hashed.
pub(super) fn password(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "format": "password", "maxLength": 1024 })
}

/// The schema of a link's token. What it is not is told by the refusal of the link.
pub(super) fn link_token(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "maxLength": 256 })
}

/// Puts together who is to get an account; every field that will not do is told.
pub(super) fn applicant(username: &str, email: &str, password: SecretString) -> Result<Applicant, Problem> {
    let (username, email) = contact(username, email)?;
    Ok(Applicant { username, email, password })
}

/// A name and an address; each that will not do is told.
pub(super) fn contact(username: &str, email: &str) -> Result<(Username, Email), Problem> {
    let mut faults = Vec::new();
    let username =
        Username::new(username).map_err(|why| faults.push(fault("username", "username", &why.to_string())));
    let email = Email::new(email).map_err(|why| faults.push(fault("email", "email", &why.to_string())));
    match (username, email) {
        (Ok(username), Ok(email)) => Ok((username, email)),
        _ => Err(Problem::invalid_input(faults)),
    }
}
