//! Signs a request, for clients and tests.

use http::{HeaderMap, HeaderName, HeaderValue, Request, header, uri};
use sfv::{BareItem, FieldType, InnerList, Item, Key, List, ListEntry, Parameters};

use super::{
    CONTENT_DIGEST, KEY_CHAIN, NotSigned, SIGNATURE, SIGNATURE_INPUT, TAG,
    base::base,
    component::{Component, Message, UriScheme},
    content_digest,
    fields::single,
};
use crate::{api_key::HeldKey, clock::Timestamp, random::Random};

const LABEL: &str = "sig";

/// Signs `request`, whose body is `body`, with `key`: adds `Content-Digest` if there is a body, `Palisade-Key-Chain` if the
/// key is derived, `Signature-Input` and `Signature`, in place of those that are there. Covered are the method, the
/// authority, the path, the query, these headers and `Content-Type`. It is to be sent once, at once, and as it is.
///
/// # Errors
///
/// [`NotSigned`]: the authority is in neither the target nor `Host`, or there is no randomness.
pub fn sign<B>(
    request: &mut Request<B>,
    body: &[u8],
    key: &HeldKey,
    now: Timestamp,
    random: &dyn Random,
) -> Result<(), NotSigned> {
    let mut components = vec![Component::Method, Component::Authority, Component::Path, Component::Query];
    let headers = request.headers_mut();
    let digest = (!body.is_empty()).then(|| content_digest::header(&content_digest::of(body))).flatten();
    let chain = key.chain().and_then(|chain| HeaderValue::try_from(chain.to_text()).ok());
    for (name, value) in [(CONTENT_DIGEST, digest), (KEY_CHAIN, chain)] {
        set(headers, name, value);
    }
    for name in [header::CONTENT_TYPE, CONTENT_DIGEST, KEY_CHAIN] {
        if headers.contains_key(&name) {
            components.push(Component::Field(name));
        }
    }
    let list = list(&components, key, now, random)?;
    let parameters =
        List::from([ListEntry::InnerList(list.clone())]).serialize().ok_or(NotSigned::Uncoverable)?;
    let scheme = match request.uri().scheme() {
        Some(scheme) if *scheme == uri::Scheme::HTTP => UriScheme::Http,
        _ => UriScheme::Https,
    };
    let message =
        Message { method: request.method(), uri: request.uri(), headers: request.headers(), scheme };
    let base = base(&components, &parameters, &message).map_err(|_| NotSigned::Uncoverable)?;
    let signature = Item::new(BareItem::ByteSequence(key.seed().sign(base.as_bytes()).to_vec()));
    for (name, member) in [(SIGNATURE_INPUT, ListEntry::from(list)), (SIGNATURE, signature.into())] {
        let value = single(LABEL, member).ok_or(NotSigned::Uncoverable)?;
        set(request.headers_mut(), name, Some(value));
    }
    Ok(())
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: Option<HeaderValue>) {
    headers.remove(&name);
    if let Some(value) = value {
        headers.insert(name, value);
    }
}

/// The components and the parameters.
fn list(
    components: &[Component],
    key: &HeldKey,
    now: Timestamp,
    random: &dyn Random,
) -> Result<InnerList, NotSigned> {
    let mut nonce = [0; 16];
    random.fill(&mut nonce)?;
    let nonce: String = nonce.iter().map(|byte| format!("{byte:02x}")).collect();
    let text =
        |text: String| sfv::String::try_from(text).map(BareItem::String).map_err(|_| NotSigned::Uncoverable);
    let created = sfv::Integer::try_from(now.as_unix()).map_err(|_| NotSigned::Uncoverable)?;
    let items = components.iter().map(|component| Ok(Item::new(text(component.name().to_owned())?)));
    let parameters = [
        ("created", BareItem::Integer(created)),
        ("nonce", text(nonce)?),
        ("keyid", text(key.id().to_string())?),
        ("alg", text("ed25519".to_owned())?),
        ("tag", text(TAG.to_owned())?),
    ];
    let parameters = parameters.into_iter().map(|(name, value)| Ok((self::key(name)?, value)));
    let items = items.collect::<Result<Vec<_>, NotSigned>>()?;
    Ok(InnerList::with_params(items, parameters.collect::<Result<Parameters, NotSigned>>()?))
}

fn key(name: &str) -> Result<Key, NotSigned> {
    Key::try_from(name.to_owned()).map_err(|_| NotSigned::Uncoverable)
}
