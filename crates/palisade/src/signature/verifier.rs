//! Verifies signed requests, each once.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use http::request::Parts;

use super::{
    LEEWAY, LONGEST_AGE, Refused, SignedRequest,
    base::base,
    body,
    component::{Message, UriScheme},
    nonces::{Nonces, Signer},
};
use crate::{
    Rechecking,
    api_key::{Narrowed, PublicKey},
    clock::{SharedClock, Timestamp},
};

/// How many nonces are remembered: at most some 100 MB. One key can send 400 requests a second, all together 13,000.
const CAPACITY: usize = 1 << 20;

/// Verifies signed requests and remembers their nonces, so that none is accepted twice. There is one of it for an app.
///
/// A signature is accepted for 60 seconds, and 10 more for clocks that differ; one from before the verifier was made is
/// not, since nobody knows whether it was used. As a caller's clock may be ahead, that is so for one made in the first ten
/// seconds too: it is refused (503), to be signed again later. Memory is bounded, and no key takes that of all others; where there is no
/// room a request is refused (503) rather than a nonce forgotten: one key can send some 400 requests a second.
pub struct Verifier {
    clock: SharedClock,
    since: Timestamp,
    nonces: Mutex<Nonces>,
}

impl Verifier {
    /// A verifier that goes by `clock`.
    pub fn new(clock: SharedClock) -> Self {
        let since = clock.now();
        Self { clock, since, nonces: Mutex::new(Nonces::new(CAPACITY, since)) }
    }

    /// Verifies that the key with the public key `root`, or one derived from it, has signed the request of this head just
    /// now. That the key is alive, and what a [derived one](Narrowed) needs besides, is for the caller to check, which then
    /// [accepts](Verified::accept) the request: that it is sent for the first time is not known before.
    ///
    /// Of a request that was accepted before and is [rechecked](Rechecking), age, nonce and body are not judged again.
    ///
    /// # Errors
    ///
    /// [`Refused`], which turns into a [`Denied`](crate::Denied): 401, and 503 in the first ten seconds.
    pub fn verify<'a>(
        &'a self,
        request: &'a SignedRequest,
        root: PublicKey,
        head: &Parts,
    ) -> Result<Verified<'a>, Refused> {
        let rechecking = Rechecking::is_in(head);
        let now = self.nonces().time(self.clock.now());
        if !rechecking {
            self.check_age(request, now)?;
        }
        let narrowed = match &request.chain {
            Some(chain) => Some(chain.verify(root, request.key_id, now)?),
            None => None,
        };
        let signer = narrowed.as_ref().map_or(root, Narrowed::public_key);
        check_signature(request, signer, head)?;
        if !rechecking {
            if body::has_body(head)? && !request.covers_body(&head.headers) {
                return Err(Refused::BodyUncovered);
            }
            if let Some(digest) = request.digest {
                body::expect(head, digest)?;
            }
        }
        Ok(Verified { verifier: self, request, narrowed, rechecking })
    }

    fn check_age(&self, request: &SignedRequest, now: Timestamp) -> Result<(), Refused> {
        if request.created > now.after(LEEWAY) {
            return Err(Refused::FromTheFuture);
        }
        if request.created < self.since || now > request.created.after(LONGEST_AGE).after(LEEWAY) {
            return Err(Refused::TooOld);
        }
        // Whoever came before may have accepted it from a caller whose clock is ahead.
        if request.created <= self.since.after(LEEWAY) {
            return Err(Refused::JustBegun);
        }
        if request.expires.is_some_and(|expires| now >= expires) {
            return Err(Refused::Expired);
        }
        Ok(())
    }

    fn nonces(&self) -> std::sync::MutexGuard<'_, Nonces> {
        // A panic between two changes leaves a nonce remembered that was not used, or one more to forget.
        self.nonces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request whose signature is right, and of which nobody knows yet whether it was sent before.
#[derive(Debug)]
#[must_use = "the request can be sent again until it is accepted"]
pub struct Verified<'a> {
    verifier: &'a Verifier,
    request: &'a SignedRequest,
    narrowed: Option<Narrowed>,
    rechecking: bool,
}

impl Verified<'_> {
    /// What is left to the derived key that signed; `None` if the key itself has.
    pub fn narrowed(&self) -> Option<&Narrowed> {
        self.narrowed.as_ref()
    }

    /// Accepts the request, once: its nonce is used from here on. The last step, after all that the caller checks, so that
    /// a key that was taken away uses up none of the memory. What is [left](Self::narrowed) to a derived key is returned.
    ///
    /// # Errors
    ///
    /// [`Refused`]: 401 when it was sent before or is too old by now, and 503 where its nonce cannot be remembered.
    pub fn accept(self) -> Result<Option<Narrowed>, Refused> {
        if !self.rechecking {
            let signer = Signer { key: self.request.key_id, is_derived: self.narrowed.is_some() };
            let mut nonces = self.verifier.nonces();
            let now = nonces.time(self.verifier.clock.now());
            // Again: who was verified long ago could outlive the memory of its nonce.
            self.verifier.check_age(self.request, now)?;
            nonces.use_once(signer, &self.request.nonce, now)?;
        }
        Ok(self.narrowed)
    }
}

fn check_signature(request: &SignedRequest, signer: PublicKey, head: &Parts) -> Result<(), Refused> {
    let mut last = None;
    for scheme in [UriScheme::Https, UriScheme::Http] {
        let base = base(&request.components, &request.parameters, &Message::of(head, scheme))?;
        if last.as_ref() == Some(&base) {
            break;
        }
        if signer.verifies(base.as_bytes(), &request.signature) {
            return Ok(());
        }
        last = Some(base);
    }
    Err(Refused::BadSignature)
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("since", &self.since).finish_non_exhaustive()
    }
}
