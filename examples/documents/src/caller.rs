//! Who is calling.

use std::sync::Arc;

use palisade::{Authority, prelude::*};

use crate::people::People;

/// Where a token comes from, for the API document.
#[derive(Debug)]
pub(crate) struct Flow;

impl PasswordFlow for Flow {
    const TOKEN_URL: &'static str = "token";
    const SCOPES: &'static [(&'static str, &'static str)] =
        &[("documents:read", "Read documents"), ("documents:write", "Write documents")];
}

/// Who is calling. What they hold in which organisation stands in their authority.
#[derive(Clone, Debug)]
pub struct Caller {
    pub(crate) name: String,
    authority: Authority,
}

impl Principal for Caller {
    fn authority(&self) -> &Authority {
        &self.authority
    }
}

#[dependency(state = crate::App)]
async fn caller(
    token: OAuth2PasswordBearer<Flow, AccessToken>,
    State(people): State<Arc<People>>,
) -> Result<Caller, Denied> {
    let person = people.find(token.subject()).ok_or_else(Denied::invalid_credentials)?;
    let authority = if token.is_undelegated() {
        Authority::account(person.name).scopes(person.scopes())
    } else {
        // Asked for with fewer scopes, a token acts with those, and in no role.
        Authority::delegated(person.name).scopes(token.scopes().intersection(&person.scopes()))
    };
    Ok(Caller { name: person.name.to_owned(), authority: authority.tenants(person.memberships()) })
}
