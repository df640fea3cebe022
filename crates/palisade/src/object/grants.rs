//! Many objects: the policy is decided for the request as far as it can be without one, and the rest is asked of each, or
//! becomes a query.

use std::{any::Any, fmt, marker::PhantomData, sync::Arc};

use axum::extract::FromRequestParts;
use futures_util::{Stream, StreamExt, future::ready};
use http::request::Parts;

use super::{
    Granted, Policy, Predicate, Resource,
    decide::{is_of_tenant, parameter},
    describe::described_object,
    short_name,
};
use crate::{
    authority::Principal,
    denied::Denied,
    describe::{Describe, Description},
    exchange::Exchange,
    extract::PathParameters,
    macros::argument,
    problem::Problem,
    requirement::{Facts, RequestTime, Residual, Verdict},
};

/// What this caller may do `A` to, of many: for handlers that list or change several objects at once.
///
/// All of the policy that does not hang on the object is decided once, when it is extracted; each check of yours is then
/// asked at most once. What is left are relations, and the tenant the object belongs to. It says what held at that moment:
/// it is not asked again after a body that took long, nor during a long answer.
///
/// # Errors
///
/// As an extractor it refuses with 401 and what else the principal refuses with, and with 404 where the path names the
/// tenant by what is no text. A policy that could not be decided refuses later, where the answer hangs on it.
pub struct Grants<A, R: Resource> {
    principal: R::Principal,
    /// The tenant that the path names, where the resource belongs to one.
    tenant: Option<Arc<str>>,
    residual: Arc<Residual>,
    types: PhantomData<fn() -> (A, R)>,
}

impl<A, R: Resource> Grants<A, R> {
    /// The grant for this object; none if the caller may not.
    ///
    /// # Errors
    ///
    /// 503 if it could not be found out for this object.
    pub fn grant(&self, resource: R) -> Result<Option<Granted<A, R>>, Problem> {
        if !is_of_tenant(&resource, self.tenant.as_deref()) {
            return Ok(None);
        }
        match self.residual.verdict(&self.principal as &(dyn Any + Send + Sync), &resource) {
            Verdict::True => Ok(Some(Granted::proven(Arc::new(resource)))),
            Verdict::False => Ok(None),
            Verdict::Unknown => Err(undecided()),
        }
    }

    /// The grants for those of `resources` that the caller may have.
    ///
    /// # Errors
    ///
    /// Each that could not be decided is a 503 in the place of its grant: `collect::<Result<Vec<_>, _>>()?` answers that.
    /// Leaving it out would say that it does not exist.
    pub fn retain(
        &self,
        resources: impl IntoIterator<Item = R>,
    ) -> impl Iterator<Item = Result<Granted<A, R>, Problem>> {
        resources.into_iter().filter_map(|resource| self.grant(resource).transpose())
    }

    /// As [`retain`](Self::retain), of a stream.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn retain_stream(
        self,
        resources: impl Stream<Item = R>,
    ) -> impl Stream<Item = Result<Granted<A, R>, Problem>> {
        resources.filter_map(move |resource| ready(self.grant(resource).transpose()))
    }

    /// What an object must be for the caller to have it, for a store to select by: it selects exactly those that
    /// [`grant`](Self::grant) grants.
    ///
    /// # Errors
    ///
    /// 503 if a part of the policy could not be decided on which the selection hangs.
    pub fn predicate(&self) -> Result<Predicate, Problem> {
        let relations = Predicate::of(&self.residual).ok_or_else(undecided)?;
        let tenant = R::TENANT.zip(self.tenant.as_ref());
        let tenant = tenant.map(|(parameter, name)| Predicate::Tenant { parameter, name: Arc::clone(name) });
        Ok(relations.within(tenant))
    }

    /// Who is asking; what is bound to the parameters of a query.
    pub fn principal(&self) -> &R::Principal {
        &self.principal
    }
}

fn undecided() -> Problem {
    Denied::undecided("a part of the policy that this hangs on").into()
}

impl<A, R: Resource> Clone for Grants<A, R> {
    fn clone(&self) -> Self {
        let Self { principal, tenant, residual, types } = self;
        Self {
            principal: principal.clone(),
            tenant: tenant.clone(),
            residual: Arc::clone(residual),
            types: *types,
        }
    }
}

impl<A: 'static, R: Resource> fmt::Debug for Grants<A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Grants<{}, {}>", short_name::<A>(), short_name::<R>())
    }
}

impl<S, A, R> FromRequestParts<S> for Grants<A, R>
where
    S: Send + Sync + 'static,
    A: 'static,
    R: Resource,
    R::Principal: Policy<A, R> + FromRequestParts<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, Problem> {
        let principal: R::Principal = argument(head, state).await?;
        let exchange = Exchange::of(head);
        let path = match R::TENANT {
            Some(_) => Some(PathParameters::of(head).await?.ok_or_else(Problem::nothing_here)?),
            None => None,
        };
        let tenant = path.as_ref().zip(R::TENANT).map(|(path, name)| parameter(path, name)).transpose()?;
        let policy = exchange.app().policies.of::<A, R>();
        let time = RequestTime::of(&*exchange.app().clock);
        let facts = Facts {
            authority: principal.authority(),
            principal: &principal as &(dyn Any + Send + Sync),
            head,
            time: &time,
            path: path.as_ref(),
            resource: None,
        };
        let residual = policy.without_object(facts).await;
        let tenant = tenant.map(Arc::from);
        Ok(Self { principal, tenant, residual: Arc::new(residual), types: PhantomData })
    }
}

impl<S, A, R> Describe<S> for Grants<A, R>
where
    A: 'static,
    R: Resource,
    R::Principal: Policy<A, R> + Describe<S>,
{
    fn describe(description: &mut Description<'_>) {
        R::Principal::describe(description);
        described_object::<A, R>(description, true);
    }
}
