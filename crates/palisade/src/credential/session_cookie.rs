//! The session cookie: a text that names a session, kept by a browser.

use std::{fmt, marker::PhantomData, sync::Arc};

use http::{HeaderValue, header, request::Parts};

use super::{
    ApiKeyScheme, Authenticate, Credential, FromCredential, PresentedKey, Reading, Scheme, api_key,
    authenticate::verified, cookies, verified::verified_as,
};
use crate::{exchange::Exchange, problem::Problem};

/// A session's text as it was sent, read and not verified. It does not print.
#[derive(Clone)]
pub struct SessionText(PresentedKey);

impl SessionText {
    /// The text itself.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for SessionText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionText")
    }
}

/// The session in the cookie that `K` names, verified as a `C`, to which it dereferences.
///
/// A cookie stays in the browser when its session is over, so what is not a session counts as absent: a cookie that is
/// there twice, empty, or not of its form, and one whose verification says
/// [`Denied::not_authenticated`](crate::Denied::not_authenticated). It admits nobody, and where a Palisade layer runs around
/// the route, the answer deletes it.
///
/// Its name begins with `__Host-` (RFC 6265bis, section 4.1.3.2), or the router does not start: other hosts of the same
/// site cannot set such a cookie, so nobody can be made to act in a session that another one planted.
///
/// It is [ambient](Credential::AMBIENT): for unsafe methods and upgrades it counts only from our own pages.
pub struct SessionCookie<K, C = SessionText>(pub Arc<C>, PhantomData<fn() -> K>);

impl<K: ApiKeyScheme, C> Credential for SessionCookie<K, C> {
    type Read = SessionText;

    const AMBIENT: bool = true;

    fn read(head: &Parts) -> Reading<SessionText> {
        match place::<K>(head) {
            Some((header, start, end)) => {
                Reading::Present(SessionText(PresentedKey::part(header, start, end)))
            }
            None => Reading::Absent,
        }
    }

    fn presented(head: &Parts) -> Option<&[u8]> {
        place::<K>(head).map(|(header, start, end)| &header.as_bytes()[start..end])
    }

    fn scheme() -> Scheme {
        let scheme = api_key::scheme::<K>("cookie");
        if K::PARAMETER.starts_with("__Host-") && cookies::is_name(K::PARAMETER) {
            scheme
        } else {
            scheme.fault(&format!(
                "`{}` is no name of a session cookie: it has to begin with `__Host-`, so that no other host of the same \
                 site can set it",
                K::PARAMETER
            ))
        }
    }
}

/// The header with the session's text, and where it stands there, if it can be one.
fn place<K: ApiKeyScheme>(head: &Parts) -> Option<(&HeaderValue, usize, usize)> {
    match cookies::read(&head.headers, K::PARAMETER) {
        Reading::Present((header, start, end)) => {
            api_key::unfit(&header.as_bytes()[start..end]).is_none().then_some((header, start, end))
        }
        Reading::Absent | Reading::Malformed(_) => None,
    }
}

verified_as!(SessionCookie<K, C> by K: ApiKeyScheme, authenticate by hand);

impl<S, K, C> Authenticate<S> for SessionCookie<K, C>
where
    S: Sync,
    K: ApiKeyScheme,
    C: FromCredential<SessionText, S>,
{
    async fn authenticate(head: &mut Parts, state: &S) -> Result<Option<Self>, Problem> {
        let session = verified::<Self, C, S>(head, state).await?;
        if session.is_none() && cookies::read(&head.headers, K::PARAMETER) != Reading::Absent {
            delete(head, K::PARAMETER);
        }
        Ok(session.map(Self::of))
    }
}

/// Has the answer delete the cookie `name`, once.
fn delete(head: &mut Parts, name: &'static str) {
    #[derive(Clone)]
    struct Deleted(Vec<&'static str>);

    let deleted = head.extensions.get_or_insert_with(|| Deleted(Vec::new()));
    if deleted.0.contains(&name) {
        return;
    }
    deleted.0.push(name);
    let deletion = format!("{name}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax");
    if let Ok(deletion) = HeaderValue::try_from(deletion) {
        Exchange::of(head).append_header(header::SET_COOKIE, deletion);
    }
}
