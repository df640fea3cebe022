//! What of a verified token is checked again, each time it is used.

use std::sync::Arc;

use super::Window;

/// What can end a token after it was verified: its time, its key, its revocation. A verifier says whether it
/// [still accepts](super::Verifier::still_accepts) it.
///
/// It is a small part of an [`AccessToken`](super::AccessToken), to be kept where it is at hand.
#[derive(Clone, Debug)]
pub struct Acceptance {
    pub(crate) window: Window,
    /// The generation of the keys it was verified with.
    pub(crate) key_generation: u64,
    /// The name of the token (`jti`).
    pub(crate) id: Arc<str>,
}

impl Acceptance {
    /// When the token is accepted, leeway included: what `nbf`, `iat` and `exp` come to in whole seconds.
    pub fn window(&self) -> Window {
        self.window
    }
}
