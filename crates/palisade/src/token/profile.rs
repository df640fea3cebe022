//! Profiles: what a kind of token must be, as a value. The same code checks every kind; only this differs.

use super::{
    Algorithm, Refused,
    claims::Claims,
    jws::{Authentic, Compact, Header},
    key_set::KeySet,
    numeric_date::NumericDate,
    refused::{Claim, ensure},
    rule::{Facts, Rule},
    window::Window,
};

/// The difference between clocks that is forgiven, in seconds.
pub(crate) const LEEWAY: f64 = 60.0;

/// What a kind of token must be.
#[derive(Clone, Debug, Default)]
pub(crate) struct Profile {
    /// The algorithms that are allowed.
    pub(crate) algorithms: Vec<Algorithm>,
    /// What `typ` may be; `None` stands for no `typ` at all.
    pub(crate) types: Vec<Option<String>>,
    /// What claims must say.
    pub(crate) expected: Expected,
    /// Claims that must be there.
    pub(crate) required: Vec<String>,
    /// What else must hold.
    pub(crate) rules: Vec<Rule>,
    /// The difference between clocks that is forgiven, in seconds.
    pub(crate) leeway: f64,
}

/// What claims must say, where something is expected.
#[derive(Clone, Debug, Default)]
pub(crate) struct Expected {
    pub(crate) issuer: Option<String>,
    pub(crate) audience: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) client_id: Option<String>,
    pub(crate) nonce: Option<String>,
}

/// What is known of the request that the token came with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Context {
    pub(crate) access_token: Option<String>,
    pub(crate) max_age: Option<f64>,
    pub(crate) jkt: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) htm: Option<String>,
    pub(crate) htu: Option<String>,
}

impl Profile {
    /// RFC 9068, for one issuer and one audience.
    pub(crate) fn access_token(issuer: &str, audience: &str, algorithms: &[Algorithm]) -> Self {
        Self {
            algorithms: algorithms.to_vec(),
            types: vec![Some("at+jwt".to_owned())],
            expected: Expected {
                issuer: Some(issuer.to_owned()),
                audience: Some(audience.to_owned()),
                ..Expected::default()
            },
            required: ["iss", "sub", "aud", "exp", "iat", "jti", "client_id"].map(str::to_owned).into(),
            rules: vec![Rule::AccessToken],
            leeway: LEEWAY,
        }
    }

    /// Checks header, key and signature. What comes back is the issuer's (or, with [`Rule::EmbeddedKey`], the
    /// sender's) word, and nothing has been said yet about its content.
    pub(crate) fn authenticate(&self, token: &str, keys: &KeySet) -> Result<Authentic, Refused> {
        let compact = Compact::split(token)?;
        let bytes = compact.header()?;
        let header = Header::read(&bytes)?;
        let algorithm = self.check_header(&header)?;
        if self.rules.contains(&Rule::EmbeddedKey) {
            let key = header.embedded_key()?;
            // check: embedded-key-fits
            ensure(key.fits(algorithm), Refused::KeyUnfit)?;
            return Ok(compact.authenticate(algorithm, &key)?.by_sender(&key));
        }
        compact.authenticate(algorithm, keys.select(algorithm, header.key_id()?)?)
    }

    /// Checks what the header says by itself.
    pub(crate) fn check_header(&self, header: &Header<'_>) -> Result<Algorithm, Refused> {
        let algorithm = header.algorithm(&self.algorithms)?;
        // check: kid-type
        header.key_id()?;
        let media_type = header.media_type()?;
        let is_this = |allowed: &Option<String>| match (allowed, media_type) {
            // check: typ-case, instead: (Some(allowed), Some(media_type)) => allowed == media_type,
            (Some(allowed), Some(media_type)) => allowed.eq_ignore_ascii_case(media_type),
            (allowed, media_type) => allowed.is_none() && media_type.is_none(),
        };
        // check: typ
        ensure(self.types.iter().any(is_this), Refused::Type)?;
        Ok(algorithm)
    }

    /// Checks what the claims say.
    pub(crate) fn check_claims(&self, claims: &Claims<'_>, facts: &Facts<'_>) -> Result<(), Refused> {
        self.check_required(claims)?;
        self.check_expected(claims)?;
        Validity::read(claims)?.check(facts.now, self.leeway)?;
        self.rules.iter().try_for_each(|rule| rule.check(claims, self, facts))
    }

    fn check_required(&self, claims: &Claims<'_>) -> Result<(), Refused> {
        for name in &self.required {
            // check: required
            if !claims.has(name) {
                return Err(Refused::Missing(Claim::from(name.clone())));
            }
        }
        Ok(())
    }

    fn check_expected(&self, claims: &Claims<'_>) -> Result<(), Refused> {
        let Expected { issuer, audience, subject, client_id, nonce } = &self.expected;
        // `jti` is compared with nothing here, but is a string wherever it is.
        // check: jti-type
        claims.text("jti")?;
        // check: iss
        expect(claims, "iss", issuer.as_deref())?;
        // check: sub
        expect(claims, "sub", subject.as_deref())?;
        if client_id.is_some() {
            // check: client-id
            expect(claims, "client_id", client_id.as_deref())?;
        }
        if nonce.is_some() {
            // check: nonce
            expect(claims, "nonce", nonce.as_deref())?;
        }
        // check: aud-type
        claims.audience()?;
        if let Some(audience) = audience {
            // check: aud
            ensure(claims.required_audience()?.contains(audience), Refused::Mismatch("aud".into()))?;
        }
        Ok(())
    }
}

/// A claim is a string, if it is there, and says what is expected, if something is.
fn expect(claims: &Claims<'_>, name: &'static str, expected: Option<&str>) -> Result<(), Refused> {
    let found = claims.text(name)?;
    let Some(expected) = expected else { return Ok(()) };
    match found {
        None => Err(Refused::Missing(name.into())),
        Some(found) => ensure(found == expected, Refused::Mismatch(name.into())),
    }
}

/// When a token is good.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Validity {
    pub(crate) expires_at: Option<NumericDate>,
    pub(crate) not_before: Option<NumericDate>,
    pub(crate) issued_at: Option<NumericDate>,
}

impl Validity {
    pub(crate) fn read(claims: &Claims<'_>) -> Result<Self, Refused> {
        Ok(Self {
            expires_at: claims.date("exp")?,
            not_before: claims.date("nbf")?,
            issued_at: claims.date("iat")?,
        })
    }

    /// RFC 7519, sections 4.1.4 to 4.1.6.
    pub(crate) fn check(&self, now: f64, leeway: f64) -> Result<(), Refused> {
        let latest = now + leeway;
        // check: exp
        ensure(self.expires_at.is_none_or(|exp| now < exp.seconds() + leeway), Refused::Expired)?;
        // check: nbf
        ensure(self.not_before.is_none_or(|nbf| nbf.seconds() <= latest), Refused::NotYetValid)?;
        // check: iat
        ensure(self.issued_at.is_none_or(|iat| iat.seconds() <= latest), Refused::IssuedInFuture)
    }

    /// The whole seconds at which [`check`](Self::check) accepts it.
    pub(crate) fn window(&self, leeway: f64) -> Window {
        let begins = [self.not_before, self.issued_at].into_iter().flatten().map(NumericDate::seconds);
        Window::new(begins.fold(0.0, f64::max) - leeway, self.expires_at.map(|exp| exp.seconds() + leeway))
    }
}
