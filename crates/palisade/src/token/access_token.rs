//! An access token that was verified, as its holder's word may be read.

use super::{Acceptance, Refused, Window, claims::Claims, numeric_date::NumericDate, refused::ensure};
use crate::{clock::Timestamp, factor::FactorSet, scope::ScopeSet};

/// The client id of a sign-in without a client: by password, at the issuer itself.
pub(crate) const FIRST_PARTY: &str = "palisade";

/// The claims of an access token (RFC 9068) that a [`Verifier`](super::Verifier) accepted; nothing else makes one.
#[derive(Debug)]
pub struct AccessToken {
    subject: String,
    client_id: String,
    scopes: ScopeSet,
    acceptance: Acceptance,
    issued_at: NumericDate,
    expires_at: NumericDate,
    authenticated_at: Option<NumericDate>,
    factors: FactorSet,
    generation: Option<u64>,
    undelegated: bool,
}

impl AccessToken {
    /// Reads claims that have been checked against their profile. Private claims are believed of our own issuer only.
    pub(crate) fn read(
        claims: &Claims<'_>,
        own_issuer: bool,
        window: Window,
        key_generation: u64,
    ) -> Result<Self, Refused> {
        // check: cnf
        ensure(!claims.has("cnf"), Refused::SenderConstrained)?;
        let client_id = claims.required_text("client_id")?.to_owned();
        let scopes = claims.text("scope")?.unwrap_or_default();
        // check: own-issuer-generation, instead: let generation = claims.integer("gen")?;
        let generation = if own_issuer { claims.integer("gen")? } else { None };
        // check: own-issuer-undelegated, instead: let undelegated = claims.flag("undelegated")?.unwrap_or(false);
        let undelegated = own_issuer && claims.flag("undelegated")?.unwrap_or(false);
        // check: undelegated-first-party
        let first_party = client_id == FIRST_PARTY;
        Ok(Self {
            undelegated: undelegated && first_party,
            subject: claims.required_text("sub")?.to_owned(),
            client_id,
            scopes: scopes.parse().map_err(|_| Refused::Malformed("scope".into()))?,
            acceptance: Acceptance { window, key_generation, id: claims.required_text("jti")?.into() },
            issued_at: claims.required_date("iat")?,
            expires_at: claims.required_date("exp")?,
            authenticated_at: claims.date("auth_time")?,
            factors: factors(claims),
            generation,
        })
    }

    /// Who the token speaks for (`sub`).
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Which client the token was issued to (`client_id`).
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// What the token was issued for (`scope`); empty if it says nothing.
    pub fn scopes(&self) -> &ScopeSet {
        &self.scopes
    }

    /// When it ends (`exp`), whole seconds.
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at.timestamp()
    }

    /// When it was issued (`iat`), whole seconds.
    pub fn issued_at(&self) -> Timestamp {
        self.issued_at.timestamp()
    }

    /// When its holder last signed in (`auth_time`), whole seconds.
    pub fn authenticated_at(&self) -> Option<Timestamp> {
        self.authenticated_at.map(NumericDate::timestamp)
    }

    /// What its holder signed in with (`amr`, RFC 8176), as far as the names are known here.
    pub fn factors(&self) -> FactorSet {
        self.factors
    }

    /// The name of this one token (`jti`).
    pub fn id(&self) -> &str {
        &self.acceptance.id
    }

    /// The generation of its account when it was issued (private claim `gen`), if our own issuer says one.
    pub fn generation(&self) -> Option<u64> {
        self.generation
    }

    /// Whether this is a sign-in at the issuer itself that was not narrowed (private claim `undelegated`), so that it
    /// holds everything its account holds. Believed only of a verifier's own issuer
    /// ([`VerifierBuilder::own_issuer`](super::VerifierBuilder::own_issuer)) and client id `palisade`.
    pub fn is_undelegated(&self) -> bool {
        self.undelegated
    }

    /// What is to be checked again before it is used another time.
    pub fn acceptance(&self) -> &Acceptance {
        &self.acceptance
    }
}

/// What `amr` names that is known here. What is no list of names proves no factor, and is no reason to refuse the token.
fn factors(claims: &Claims<'_>) -> FactorSet {
    let names = claims.texts("amr").ok().flatten().unwrap_or_default();
    names.into_iter().filter_map(|name| name.parse().ok()).collect()
}
