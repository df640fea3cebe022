//! Endpoints: a handler, its method, and who may call it.
//!
//! [`get`] and its like take a handler and know nothing of it; `.requires(..)` or `.public(..)` says who may call; only
//! then does [`Router::route`](super::Router::route) take it. All bounds stand at `IntoEndpoint`, which is where the
//! compiler's messages about a route come from.

use std::{marker::PhantomData, sync::Arc};

use axum::{
    extract::{FromRequestParts, Request},
    response::IntoResponse,
};
use http::Method;

use super::{
    arguments::{Arguments, HandlerFn},
    guard::Guarded,
    operation::{Kind, Mounted, Operation, Rule},
};
use crate::{
    authority::Principal,
    describe::{Describe, DescribeResponse},
    exchange::BoxedResponse,
    requirement::Requirement,
};

/// A handler behind its guard, whatever its types.
pub(crate) trait Endpoint<S>: Send + Sync {
    /// Answers a request. Its exchange is in its extensions.
    fn call(&self, request: Request, state: &S) -> BoxedResponse;
}

/// An endpoint that has got its state.
struct WithState<S> {
    endpoint: Arc<dyn Endpoint<S>>,
    state: S,
}

/// `endpoint`, which is called with `state` whatever the router's state is.
pub(super) fn with_state<S, S2>(endpoint: Arc<dyn Endpoint<S>>, state: S) -> Arc<dyn Endpoint<S2>>
where
    S: Clone + Send + Sync + 'static,
{
    Arc::new(WithState { endpoint, state })
}

impl<S: Send + Sync, S2> Endpoint<S2> for WithState<S> {
    fn call(&self, request: Request, _: &S2) -> BoxedResponse {
        self.endpoint.call(request, &self.state)
    }
}

/// A handler that has not said who may call it. A router does not take it: say `.requires(..)` or `.public("reason")`.
#[derive(Debug)]
#[must_use = "say who may call it, then give it to `Router::route`"]
pub struct Undeclared<H, T, B = NoMethod> {
    handler: H,
    method: Option<Method>,
    before: B,
    arguments: PhantomData<fn() -> T>,
}

/// A handler that has said who may call it.
#[derive(Debug)]
#[must_use = "give it to `Router::route`"]
pub struct Declared<H, T, B = NoMethod> {
    handler: H,
    method: Option<Method>,
    rule: Rule,
    summary: Option<&'static str>,
    cancellable: bool,
    before: B,
    arguments: PhantomData<fn() -> T>,
}

/// The start of a chain of methods.
#[derive(Clone, Copy, Debug)]
pub struct NoMethod;

macro_rules! methods {
    ($($name:ident $method:ident $word:literal),* $(,)?) => {
        $(
            #[doc = concat!("`", $word, "`, answered by `handler`.")]
            pub fn $name<H, T>(handler: H) -> Undeclared<H, T> {
                undeclared(handler, Some(Method::$method), NoMethod)
            }
        )*

        impl<H, T, B> Declared<H, T, B> {
            $(
                #[doc = concat!("And `", $word, "` of the same path, answered by `handler`.")]
                pub fn $name<H2, T2>(self, handler: H2) -> Undeclared<H2, T2, Self> {
                    undeclared(handler, Some(Method::$method), self)
                }
            )*
        }
    };
}

methods! {
    get GET "GET", post POST "POST", put PUT "PUT", patch PATCH "PATCH", delete DELETE "DELETE",
    options OPTIONS "OPTIONS",
}

/// Every method, answered by `handler`. Not described in the API document.
pub fn any<H, T>(handler: H) -> Undeclared<H, T> {
    undeclared(handler, None, NoMethod)
}

fn undeclared<H, T, B>(handler: H, method: Option<Method>, before: B) -> Undeclared<H, T, B> {
    Undeclared { handler, method, before, arguments: PhantomData }
}

impl<H, T, B> Undeclared<H, T, B> {
    /// Only callers that satisfy `requirement`. It is checked before the handler runs and before the body is read.
    pub fn requires(self, requirement: Requirement) -> Declared<H, T, B> {
        self.declared(Rule::Requires(requirement))
    }

    /// Anybody, for this reason, which the access table shows.
    pub fn public(self, reason: &'static str) -> Declared<H, T, B> {
        self.declared(Rule::Public(reason))
    }

    fn declared(self, rule: Rule) -> Declared<H, T, B> {
        let Self { handler, method, before, arguments } = self;
        Declared { handler, method, rule, summary: None, cancellable: false, before, arguments }
    }
}

impl<H, T, B> Declared<H, T, B> {
    /// What the operation does, in a few words, for the API document.
    pub fn summary(mut self, summary: &'static str) -> Self {
        self.summary = Some(summary);
        self
    }

    /// Lets the handler be cut short when the client goes away. The handlers of safe methods can be anyway; those of
    /// unsafe ones run to their end unless this is said.
    pub fn cancellable(mut self) -> Self {
        self.cancellable = true;
        self
    }
}

/// What a router takes: handlers that say who may call them.
#[diagnostic::on_unimplemented(
    message = "this route does not say who may call it",
    label = "add `.requires(..)` or `.public(\"reason\")`",
    note = "a route of a Palisade router states its requirement, or why it has none"
)]
pub trait IntoEndpoint<P, S>: Sized {
    #[doc(hidden)]
    fn methods(self, path: &str, mounted: &Mounted) -> Methods<S>;
}

/// The methods of one path, and what is known of them.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "handlers have nothing to show")]
pub struct Methods<S> {
    /// In the order of `operations`.
    pub(super) endpoints: Vec<Arc<dyn Endpoint<S>>>,
    pub(super) operations: Vec<Operation>,
}

impl<P, S> IntoEndpoint<P, S> for NoMethod {
    fn methods(self, _: &str, _: &Mounted) -> Methods<S> {
        Methods { endpoints: Vec::new(), operations: Vec::new() }
    }
}

impl<H, T, B, P, S> IntoEndpoint<P, S> for Declared<H, T, B>
where
    T: Arguments<S> + 'static,
    H: HandlerFn<T, Output: IntoResponse + DescribeResponse, Future: Send>,
    P: Principal + FromRequestParts<S> + Describe<S>,
    S: Clone + Send + Sync + 'static,
    B: IntoEndpoint<P, S>,
{
    fn methods(self, path: &str, mounted: &Mounted) -> Methods<S> {
        let mut methods = self.before.methods(path, mounted);
        let (rule, asked) = self.rule.with_arguments::<T, S>(path);
        let guarded = Guarded::<H, T, P>::new(self.handler, rule.clone(), asked, mounted.clone());
        methods.endpoints.push(Arc::new(guarded));
        methods.operations.push(Operation {
            path: path.to_owned(),
            kind: Kind::Endpoint,
            method: self.method,
            rule,
            principal: std::any::type_name::<P>(),
            handler: std::any::type_name::<H>(),
            summary: self.summary,
            cancellable: self.cancellable,
            documented: true,
            layers: Vec::new(),
            describe_principal: P::describe,
            describe_arguments: T::describe,
            describe: |description| {
                T::describe(description);
                H::Output::describe_response(description);
            },
        });
        methods
    }
}
