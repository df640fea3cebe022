//! One object, decided about: who asks, what the path names, whether there is such an object, and whether the policy holds.

use std::{any::Any, sync::Arc};

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::{Granted, Hidden, Load, Policy, Resource, short_name};
use crate::{
    authority::Principal,
    decision::{self, Stage},
    denied::{Denial, Denied},
    exchange::Exchange,
    extract::PathParameters,
    macros::argument,
    problem::Problem,
    requirement::{Answers, Facts, Refusal, RequestTime, Requirement, Verdict, only},
};

/// Decides whether the caller may do `A` to the object that the path names.
pub(super) async fn granted<A, R, S>(head: &mut Parts, state: &S) -> Result<Granted<A, R>, Problem>
where
    A: 'static,
    R: Load<S>,
    R::Principal: Policy<A, R> + FromRequestParts<S>,
    S: Send + Sync + 'static,
{
    let principal: R::Principal = argument(head, state).await?;
    let exchange = Exchange::of(head);
    let path = PathParameters::of(head).await?;
    let found = match &path {
        Some(path) => found::<R, S>(path, &exchange, state).await?,
        None => None,
    };
    let path = path.as_ref();
    let time = RequestTime::of(&*exchange.app().clock);
    let facts = Facts {
        authority: principal.authority(),
        principal: &principal as &(dyn Any + Send + Sync),
        head,
        time: &time,
        path,
        resource: None,
    };
    let asked = Asked { action: short_name::<A>(), resource: short_name::<R>(), facts, exchange: &exchange };
    let policies = &exchange.app().policies;
    let policy = policies.of::<A, R>();
    let Some(resource) = found else {
        return Err(asked.refuse(Refusal::for_want_of_an_object(&policy, facts), false));
    };
    let facts = Facts { resource: Some(&*resource), ..facts };
    let Err(refusal) = policy.weigh(facts, &mut Answers::default()).await else {
        return Ok(Granted::proven(resource));
    };
    let told =
        refusal.denial == Denial::Undecided || is_told::<R>(policies.seen::<R>().as_deref(), facts).await;
    Err(asked.refuse(refusal, told))
}

/// What stands in the path for `name`.
///
/// # Errors
///
/// 500 where the path has no such parameter, or a router around this one has one of the same name. A Palisade router with such
/// a route does not start.
pub(super) fn parameter<'a>(path: &'a PathParameters, name: &str) -> Result<&'a str, Problem> {
    only(path, name)
        .ok_or_else(|| Problem::internal(format_args!("the path has no parameter `{name}`, or two of them")))
}

/// The object that the path names, if there is one in the tenant that it names.
async fn found<R, S>(path: &PathParameters, exchange: &Exchange, state: &S) -> Result<Option<Arc<R>>, Problem>
where
    R: Load<S>,
    S: Sync + 'static,
{
    let tenant = R::TENANT.map(|name| parameter(path, name)).transpose()?;
    let Ok(id) = parameter(path, R::PARAMETER)?.parse::<R::Id>() else { return Ok(None) };
    let resource = loaded::<R, S>(id, exchange, state).await?;
    if let (Some(resource), Some(parameter)) = (&resource, R::TENANT)
        && resource.tenant().is_none()
    {
        // So it is in none, also where `tenant()` was forgotten.
        let kind = short_name::<R>();
        tracing::warn!(
            kind,
            parameter,
            "an object has no tenant, though its kind has: see `Resource::tenant`"
        );
    }
    Ok(resource.filter(|resource| is_of_tenant(&**resource, tenant)))
}

/// Whether it belongs to the tenant asked in, where tenants are told apart.
pub(super) fn is_of_tenant<R: Resource>(resource: &R, tenant: Option<&str>) -> bool {
    tenant.is_none_or(|tenant| resource.tenant().as_deref() == Some(tenant))
}

/// What a loader gave for an id, kept for the request.
struct Loaded<R: Resource> {
    id: R::Id,
    resource: Option<Arc<R>>,
}

impl<R: Resource> Clone for Loaded<R> {
    fn clone(&self) -> Self {
        Self { id: self.id.clone(), resource: self.resource.clone() }
    }
}

/// The object with this id, loaded once per request.
async fn loaded<R, S>(id: R::Id, exchange: &Exchange, state: &S) -> Result<Option<Arc<R>>, Problem>
where
    R: Load<S>,
    S: Sync + 'static,
{
    match exchange.kept::<Loaded<R>, S>() {
        Some(Ok(kept)) if kept.id == id => return Ok(kept.resource),
        Some(Err(problem)) => return Err(problem),
        _ => {}
    }
    let loaded = load::<R, S>(&id, state).await;
    exchange.keep::<Loaded<R>, S>(loaded.clone().map(|resource| Loaded { id, resource }));
    loaded
}

async fn load<R: Load<S>, S>(id: &R::Id, state: &S) -> Result<Option<Arc<R>>, Problem> {
    let Some(resource) = R::load(id, state).await? else { return Ok(None) };
    if resource.id() == *id {
        return Ok(Some(Arc::new(resource)));
    }
    Err(Problem::internal(format_args!(
        "the loader of `{}` was asked for {id} and gave {}: nothing is granted",
        short_name::<R>(),
        resource.id()
    )))
}

/// Whether the caller may know that the object exists.
async fn is_told<R: Resource>(seen: Option<&Requirement>, facts: Facts<'_>) -> bool {
    match (R::HIDDEN, seen) {
        (Hidden::Never, _) => true,
        (Hidden::Unless(_), Some(seen)) => seen.evaluate(facts).await == Verdict::True,
        (Hidden::Unless(_) | Hidden::Always, _) => false,
    }
}

/// What was asked, by whom.
struct Asked<'a> {
    action: &'static str,
    resource: &'static str,
    facts: Facts<'a>,
    exchange: &'a Exchange,
}

impl Asked<'_> {
    /// Every "no" about an object goes through here, so that what is hidden and what is missing cannot come to differ: both
    /// are recorded, and whoever is not `told` that the object exists gets one answer.
    fn refuse(self, refusal: Refusal, told: bool) -> Problem {
        let Self { action, resource, facts, exchange } = self;
        let problem =
            if told { Denied::from(refusal.denial.clone()).into() } else { Problem::nothing_here() };
        let stage = Stage::Policy { action: action.to_owned(), resource: resource.to_owned() };
        decision::refused(exchange, facts.head, facts.authority, refusal, stage, problem)
    }
}
