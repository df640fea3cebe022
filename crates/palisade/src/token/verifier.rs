//! The verifier of an API: access tokens of one issuer for one audience, quickly.

use std::sync::{
    Arc, PoisonError, RwLock,
    atomic::{AtomicU64, Ordering},
};

use super::{
    AccessToken, Algorithm, KeySet, MAX_LENGTH, Refused, Revocations, UnusableKey,
    cache::{Cache, TokenDigest},
    claims::Claims,
    jwk::Jwk,
    numeric_date::NumericDate,
    profile::{Context, Profile},
    refused::ensure,
    rule::Facts,
};
use crate::{
    clock::{SharedClock, SystemClock},
    secret::SecretBytes,
};

/// How many verified tokens are kept unless something else is said.
const CACHED_TOKENS: usize = 16_384;

/// Verifies access tokens (RFC 9068) of one issuer for one audience.
///
/// Cheap to ask: a token that was verified before costs one hash, and its expiry and revocation are still checked.
#[derive(Debug)]
pub struct Verifier {
    profile: Profile,
    own_issuer: bool,
    keys: RwLock<Arc<CurrentKeys>>,
    /// The generation of `keys`, to be read without its lock.
    key_generation: AtomicU64,
    clock: SharedClock,
    cache: Option<Cache>,
    revocations: Option<Arc<Revocations>>,
}

#[derive(Debug)]
struct CurrentKeys {
    set: KeySet,
    generation: u64,
}

impl Verifier {
    /// Starts a verifier for access tokens whose `iss` is exactly `issuer` and whose `aud` holds exactly `audience`.
    pub fn access_tokens(issuer: &str, audience: &str) -> VerifierBuilder {
        VerifierBuilder {
            profile: Profile::access_token(issuer, audience, &Algorithm::ASYMMETRIC),
            own_issuer: false,
            keys: KeySet::default(),
            clock: None,
            cached_tokens: CACHED_TOKENS,
            revocations: None,
        }
    }

    /// Verifies a token as it came.
    ///
    /// # Errors
    ///
    /// [`Refused`], for the log. The caller learns only that the token is not valid (RFC 6750, section 3.1).
    pub fn verify(&self, token: &str) -> Result<Arc<AccessToken>, Refused> {
        // Before the token is hashed, and once more where it is taken apart.
        ensure(token.len() <= MAX_LENGTH, Refused::TooLong)?;
        let now = NumericDate::from(self.clock.now()).seconds();
        let Some(cache) = &self.cache else { return self.verify_anew(token, now).map(|(token, _)| token) };
        let digest = TokenDigest::of(token);
        if let Some(token) = cache.lookup(&digest, self.key_generation.load(Ordering::Acquire)) {
            // check: cached-times
            token.validity().check(now, self.profile.leeway)?;
            // check: cached-revocation
            self.check_revoked(&token)?;
            return Ok(token);
        }
        let (token, key_generation) = self.verify_anew(token, now)?;
        cache.insert(digest, Arc::clone(&token), key_generation);
        Ok(token)
    }

    /// Believes `keys` from now on, and nothing that was verified with others.
    pub fn set_keys(&self, keys: KeySet) {
        let mut current = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let generation = current.generation + 1;
        *current = Arc::new(CurrentKeys { set: keys, generation });
        self.key_generation.store(generation, Ordering::Release);
    }

    /// How many verified tokens are kept.
    pub fn cached_tokens(&self) -> usize {
        self.cache.as_ref().map_or(0, Cache::len)
    }

    fn verify_anew(&self, token: &str, now: f64) -> Result<(Arc<AccessToken>, u64), Refused> {
        let keys = Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner));
        let authentic = self.profile.authenticate(token, &keys.set)?;
        let claims = Claims::read(&authentic)?;
        let context = Context::default();
        let facts = Facts { context: &context, algorithm: authentic.algorithm(), sender: None, now };
        self.profile.check_claims(&claims, &facts)?;
        let token = AccessToken::read(&claims, self.own_issuer)?;
        // check: revocation
        self.check_revoked(&token)?;
        Ok((Arc::new(token), keys.generation))
    }

    fn check_revoked(&self, token: &AccessToken) -> Result<(), Refused> {
        let revoked = self.revocations.as_ref().is_some_and(|revocations| revocations.contains(token.id()));
        ensure(!revoked, Refused::Revoked)
    }
}

/// A [`Verifier`] in the making.
#[derive(Debug)]
#[must_use]
pub struct VerifierBuilder {
    profile: Profile,
    own_issuer: bool,
    keys: KeySet,
    clock: Option<SharedClock>,
    cached_tokens: usize,
    revocations: Option<Arc<Revocations>>,
}

impl VerifierBuilder {
    /// Believes these keys. Without any, every token is refused until [`Verifier::set_keys`].
    pub fn keys(mut self, keys: KeySet) -> Self {
        self.keys = keys;
        self
    }

    /// Allows only these algorithms instead of all that have a public key. [`Algorithm::Hs256`] cannot be allowed
    /// here, see [`dangerous`](Self::dangerous).
    pub fn algorithms(mut self, algorithms: &[Algorithm]) -> Self {
        self.profile.algorithms.retain(|algorithm| algorithms.contains(algorithm));
        self
    }

    /// The issuer is this very application: its private claims (`gen`, `undelegated`) are believed.
    pub fn own_issuer(mut self) -> Self {
        self.own_issuer = true;
        self
    }

    /// Takes the time from `clock` instead of the system's.
    pub fn clock(mut self, clock: SharedClock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Keeps at most `tokens` verified tokens, 16,384 unless said; 0 verifies each one anew.
    pub fn cache(mut self, tokens: usize) -> Self {
        self.cached_tokens = tokens;
        self
    }

    /// Refuses the tokens in `revocations`.
    pub fn revocations(mut self, revocations: Arc<Revocations>) -> Self {
        self.revocations = Some(revocations);
        self
    }

    /// Options that weaken the verifier.
    pub fn dangerous(self) -> DangerousVerifierBuilder {
        DangerousVerifierBuilder(self)
    }

    /// The verifier.
    pub fn build(self) -> Verifier {
        Verifier {
            profile: self.profile,
            own_issuer: self.own_issuer,
            keys: RwLock::new(Arc::new(CurrentKeys { set: self.keys, generation: 0 })),
            key_generation: AtomicU64::new(0),
            clock: self.clock.unwrap_or_else(SystemClock::shared),
            cache: (self.cached_tokens > 0).then(|| Cache::with_capacity(self.cached_tokens)),
            revocations: self.revocations,
        }
    }
}

/// Options that weaken a [`Verifier`].
#[derive(Debug)]
#[must_use]
pub struct DangerousVerifierBuilder(VerifierBuilder);

impl DangerousVerifierBuilder {
    /// Verifies `HS256` with `secret`, and nothing else. Every holder of the secret, each API among them, can then
    /// make tokens for all the others.
    ///
    /// # Errors
    ///
    /// [`UnusableKey::Weak`] when the secret has fewer than 32 bytes.
    pub fn shared_secret(mut self, secret: &SecretBytes) -> Result<VerifierBuilder, UnusableKey> {
        self.0.keys = KeySet::of(Jwk::secret(secret)?);
        self.0.profile.algorithms = vec![Algorithm::Hs256];
        Ok(self.0)
    }
}
