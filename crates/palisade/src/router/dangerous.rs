//! What makes a router weaker. Each is found by searching for `.dangerous()`.

use super::Router;

/// A router about to be made weaker.
#[derive(Debug)]
#[must_use = "call one of its methods, which gives the router back"]
pub struct DangerousRouter<S, P>(pub(super) Router<S, P>);

impl<S, P> DangerousRouter<S, P> {
    /// Puts into the body of a 403 why it was refused, as `explanation`: for development, on the developer's own machine. It is
    /// done only for a request that comes from this machine (its [`ClientAddress`](crate::edge::ClientAddress) was noted, and is
    /// loopback), is for this machine (so is its `Host`), and that no proxy says it has forwarded. A proxy on this machine that
    /// says nothing of itself and rewrites `Host` is not told from a developer: never use this behind one.
    pub fn explain_in_bodies(self) -> Router<S, P> {
        let mut router = self.0;
        router.app.explains = true;
        router
    }
}
