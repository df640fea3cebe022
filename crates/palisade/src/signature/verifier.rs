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
/// not, since nobody knows whether it was used. Memory is bounded, and no key takes that of all others; where there is no
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
    /// now, and that it is sent for the first time. What is left to the derived key is returned; `None` if the key itself
    /// has signed. That the key is alive, and what a [derived one](Narrowed) needs besides, is for the caller to check.
    ///
    /// Of a request that was accepted before and is [rechecked](Rechecking), age, nonce and body are not judged again.
    ///
    /// # Errors
    ///
    /// [`Refused`], which turns into a [`Denied`](crate::Denied): 401, and 503 where nonces cannot be remembered.
    pub fn verify(
        &self,
        request: &SignedRequest,
        root: PublicKey,
        head: &Parts,
    ) -> Result<Option<Narrowed>, Refused> {
        let rechecking = head.extensions.get::<Rechecking>().is_some();
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
            let signer = Signer { key: request.key_id, is_derived: narrowed.is_some() };
            self.nonces().use_once(signer, &request.nonce, now)?;
        }
        Ok(narrowed)
    }

    fn check_age(&self, request: &SignedRequest, now: Timestamp) -> Result<(), Refused> {
        if request.created > now.after(LEEWAY) {
            return Err(Refused::FromTheFuture);
        }
        if request.created < self.since || now > request.created.after(LONGEST_AGE).after(LEEWAY) {
            return Err(Refused::TooOld);
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
