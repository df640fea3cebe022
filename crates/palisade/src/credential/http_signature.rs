//! A signed request as a credential (RFC 9421).

use std::sync::Arc;

use http::request::Parts;
use serde_json::json;

use super::{Credential, Reading, Scheme, verified::verified_as};
use crate::signature::SignedRequest;

/// A request signed with the tag `palisade`, verified as a `C`, to which it dereferences. `HttpSignature` alone reads the
/// signature and verifies nothing.
///
/// The API document has no way to describe signatures; it says that there is a key in the header `Signature`, and in words
/// what that is. There is no challenge (see [`signature`](crate::signature)).
pub struct HttpSignature<C = SignedRequest>(pub Arc<C>);

impl<C> Credential for HttpSignature<C> {
    type Read = SignedRequest;

    fn read(head: &Parts) -> Reading<SignedRequest> {
        SignedRequest::read(head)
    }

    fn scheme() -> Scheme {
        let object = json!({ "type": "apiKey", "in": "header", "name": "Signature" });
        Scheme::new("HttpSignature", object, None).description(Some(
            "The request is signed with the key (HTTP Message Signatures, RFC 9421, `ed25519`, tag `palisade`): not a fixed \
             text, but another one for each request, together with the header `Signature-Input`.",
        ))
    }
}

verified_as!(HttpSignature<C>);
