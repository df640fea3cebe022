//! Foreign routers below a path, and the layer that says whose state is used.

use std::{
    convert::Infallible,
    task::{Context, Poll},
};

use axum::{
    extract::{FromRequestParts, Request},
    response::Response,
};
use tower::{Layer, Service, ServiceExt};

use super::{
    Route, Router, any,
    operation::{Kind, Mounted, Rule},
};
use crate::{
    authority::Principal, describe::Describe, exchange::Exchange, extract::Undescribed,
    requirement::Requirement,
};

impl<S, P> Router<S, P>
where
    S: Clone + Send + Sync + 'static,
    P: Principal + FromRequestParts<S> + Describe<S>,
{
    /// Mounts a foreign axum router below `prefix`, open to anybody for this reason. Palisade does not know what is in
    /// it: the access table lists it as one row.
    #[must_use]
    pub fn mount_public(self, prefix: &str, router: axum::Router, reason: &'static str) -> Self {
        self.mount(prefix, router, &Rule::Public(reason))
    }

    /// Mounts a foreign axum router below `prefix`, all of it under `requirement`.
    #[must_use]
    pub fn mount_guarded(self, prefix: &str, router: axum::Router, requirement: Requirement) -> Self {
        self.mount(prefix, router, &Rule::Requires(requirement))
    }

    fn mount(mut self, prefix: &str, router: axum::Router, rule: &Rule) -> Self {
        let wildcard = prefix.contains("{*");
        if !prefix.starts_with('/') || prefix.ends_with('/') || wildcard {
            self.faults.push(format!("`{prefix}` is no prefix to mount at: write it as `/legacy`"));
            return self;
        }
        let handler = any(move |request: Request| {
            let router = router.clone();
            async move {
                let Ok(response) = router.oneshot(request).await;
                Undescribed(response)
            }
        });
        let endpoint = match rule {
            Rule::Requires(requirement) => handler.requires(requirement.clone()),
            Rule::Public(reason) => handler.public(reason),
        };
        match Route::of::<P, _>(prefix, endpoint) {
            Ok(route) => self.routes.push(route.being(Kind::Mount)),
            Err(fault) => self.faults.push(fault),
        }
        self
    }
}

/// Says, before a layer runs, which router's state it resolves dependencies from.
#[derive(Clone)]
pub(super) struct EnterMount(pub(super) Mounted);

#[derive(Clone)]
pub(super) struct Entered<I> {
    inner: I,
    mounted: Mounted,
}

impl<I> Layer<I> for EnterMount {
    type Service = Entered<I>;

    fn layer(&self, inner: I) -> Entered<I> {
        Entered { inner, mounted: self.0.clone() }
    }
}

impl<I> Service<Request> for Entered<I>
where
    I: Service<Request, Response = Response, Error = Infallible>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = I::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> I::Future {
        Exchange::enter(request.extensions_mut(), self.mounted.get().copied());
        self.inner.call(request)
    }
}
