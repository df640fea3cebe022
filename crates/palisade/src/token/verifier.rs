//! The verifier of an API: access tokens of one issuer for one audience, quickly.

use std::sync::{
    Arc, PoisonError, RwLock,
    atomic::{AtomicU64, Ordering},
};

use super::{
    Acceptance, AccessToken, Algorithm, KeySet, MAX_LENGTH, Refused, Revocations, UnusableKey,
    cache::VerifiedCache,
    claims::Claims,
    jwk::Jwk,
    numeric_date::NumericDate,
    profile::{Context, Profile, Validity},
    refused::ensure,
    rule::Facts,
};
use crate::{
    clock::{SharedClock, SystemClock, Timestamp},
    secret::SecretBytes,
};

/// How many verified tokens are kept unless something else is said.
const CACHED_TOKENS: usize = 16_384;

/// Verifies access tokens (RFC 9068) of one issuer for one audience.
///
/// Cheap to ask: of a token that was verified before, only what can have ended it since is checked
/// ([`still_accepts`](Self::still_accepts)).
#[derive(Debug)]
pub struct Verifier {
    profile: Profile,
    own_issuer: bool,
    keys: RwLock<Arc<CurrentKeys>>,
    /// The generation of `keys`, to be read without its lock.
    key_generation: AtomicU64,
    clock: SharedClock,
    cached_tokens: usize,
    cache: Option<VerifiedCache<Arc<AccessToken>>>,
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
        ensure(token.len() <= MAX_LENGTH, Refused::TooLong)?;
        if let Some(known) = self.verified_before(token.as_bytes())? {
            return Ok(known);
        }
        let verified = self.verify_in_full(token)?;
        if let Some(cache) = &self.cache {
            cache.insert(token.as_bytes(), Arc::clone(&verified));
        }
        Ok(verified)
    }

    /// The token, if exactly these bytes were [verified](Self::verify) before and are kept, and it is still accepted. `None` says
    /// nothing about the token: verify it.
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify).
    pub fn verified_before(&self, token: &[u8]) -> Result<Option<Arc<AccessToken>>, Refused> {
        let Some(known) = self.cache.as_ref().and_then(|cache| cache.get(token)) else { return Ok(None) };
        Ok(self.still_accepts(known.acceptance(), self.clock.now())?.then_some(known))
    }

    /// Checks again, at `now`, what can end a token that this verifier has accepted before: its times, its revocation, and its
    /// key. `false` when the keys have changed since, so that it has to be verified in full.
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify).
    pub fn still_accepts(&self, token: &Acceptance, now: Timestamp) -> Result<bool, Refused> {
        // check: cache-keys
        if token.key_generation != self.key_generation.load(Ordering::Acquire) {
            return Ok(false);
        }
        // check: cached-times
        token.window.check(now)?;
        // check: cached-revocation
        self.check_revoked(&token.id)?;
        Ok(true)
    }

    /// Accepts tokens signed by `keys` from now on. Tokens that were verified with others are verified in full when they come
    /// next.
    pub fn set_keys(&self, keys: KeySet) {
        let mut current = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let generation = current.generation + 1;
        *current = Arc::new(CurrentKeys { set: keys, generation });
        self.key_generation.store(generation, Ordering::Release);
    }

    /// How many verified tokens are kept at most.
    pub fn cache_capacity(&self) -> usize {
        self.cached_tokens
    }

    /// How many verified tokens are kept.
    pub fn cached_tokens(&self) -> usize {
        self.cache.as_ref().map_or(0, VerifiedCache::len)
    }

    /// As [`verify`](Self::verify), whatever was verified before: nothing is taken from the cache, and nothing is kept in it.
    /// For callers with a cache of their own, which check a cached token by [`still_accepts`](Self::still_accepts).
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify).
    pub fn verify_in_full(&self, token: &str) -> Result<Arc<AccessToken>, Refused> {
        ensure(token.len() <= MAX_LENGTH, Refused::TooLong)?;
        let now = NumericDate::from(self.clock.now()).seconds();
        let keys = Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner));
        let authentic = self.profile.authenticate(token, &keys.set)?;
        let claims = Claims::read(&authentic)?;
        let context = Context::default();
        let facts = Facts { context: &context, algorithm: authentic.algorithm(), sender: None, now };
        self.profile.check_claims(&claims, &facts)?;
        let window = Validity::read(&claims)?.window(self.profile.leeway);
        let token = AccessToken::read(&claims, self.own_issuer, window, keys.generation)?;
        // check: revocation
        self.check_revoked(token.id())?;
        Ok(Arc::new(token))
    }

    fn check_revoked(&self, id: &str) -> Result<(), Refused> {
        let revoked = self.revocations.as_ref().is_some_and(|revocations| revocations.contains(id));
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

    /// Keeps at most `tokens` verified tokens, 16,384 unless said; with 0, each token is verified in full each time.
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
            cached_tokens: self.cached_tokens,
            cache: (self.cached_tokens > 0).then(|| VerifiedCache::with_capacity(self.cached_tokens)),
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
