//! Enforced, documented and listed: one rule. Random routers are served, and their answers are compared with two readers, of
//! which one knows nothing but the API document and the other nothing but the access table; both have evaluators of their
//! own. The two ways in which a router is served are compared, too: `Built::service` and `Built::router`. The seed is printed;
//! `PALISADE_TEST_SEED` sets another.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

mod agree;
mod broken;
mod document;
mod drawn;
mod facts;
mod listed;
mod served;
mod truth;
