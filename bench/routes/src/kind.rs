//! The kinds of route, and the request each is asked with.

use axum::body::{Body, Bytes};
use http::{Method, Request, StatusCode, header, request::Parts};

use crate::app;

/// A kind of route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Public, asked without a credential.
    Public,
    /// A scope is required, as in all that follow.
    Scope,
    /// A role is required.
    Role,
    /// An object that the path names is loaded, and its policy asked.
    Object,
    /// The handler takes a dependency, beside the principal.
    Dependency,
    /// The handler takes a dependency that leaves a clean-up.
    Cleanup,
    /// `POST` with a kilobyte of JSON.
    Body,
    /// The handler takes a parameter of the path.
    Path,
    /// No route matches.
    Missing,
    /// Refused for want of a credential.
    Unauthenticated,
    /// Refused for want of a scope.
    Forbidden,
    /// The scope is required in a plain axum router under `palisade::layer()`, by hand.
    Layer,
}

impl Kind {
    pub(crate) const ALL: [Self; 12] = [
        Self::Public,
        Self::Scope,
        Self::Role,
        Self::Object,
        Self::Dependency,
        Self::Cleanup,
        Self::Body,
        Self::Path,
        Self::Missing,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::Layer,
    ];

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Scope => "scope",
            Self::Role => "role",
            Self::Object => "object",
            Self::Dependency => "dependency",
            Self::Cleanup => "cleanup",
            Self::Body => "body",
            Self::Path => "path",
            Self::Missing => "missing",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::Layer => "layer",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Public => "/public",
            // The same route, asked with a credential, without one, and under the layer.
            Self::Scope | Self::Unauthenticated | Self::Layer => "/items",
            Self::Role => "/staff",
            Self::Object => "/documents/7",
            Self::Dependency => "/pages",
            Self::Cleanup => "/work",
            Self::Body => "/orders",
            Self::Path => "/items/7",
            Self::Missing => "/nothing/here",
            Self::Forbidden => "/audit",
        }
    }

    /// The status that is answered.
    fn expected(self) -> StatusCode {
        match self {
            Self::Missing => StatusCode::NOT_FOUND,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            _ => StatusCode::OK,
        }
    }

    fn sends_a_token(self) -> bool {
        !matches!(self, Self::Public | Self::Missing | Self::Unauthenticated)
    }

    /// The request that is sent again and again.
    pub(crate) fn template(self, token: &str) -> Result<Template, http::Error> {
        let mut request = Request::builder()
            .uri(self.path())
            .header(header::HOST, "127.0.0.1:8000")
            .header(header::USER_AGENT, "routes/0")
            .header(header::ACCEPT, "*/*");
        if self.sends_a_token() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let mut body = None;
        if self == Self::Body {
            let order = app::order();
            request = request
                .method(Method::POST)
                .header(header::CONTENT_TYPE, "application/json")
                .header(header::CONTENT_LENGTH, order.len());
            body = Some(order.into());
        }
        let (head, ()) = request.body(())?.into_parts();
        Ok(Template { head, body, expected: self.expected() })
    }
}

/// A request to make copies of.
pub(crate) struct Template {
    head: Parts,
    body: Option<Bytes>,
    /// The status that is answered.
    pub(crate) expected: StatusCode,
}

impl Template {
    pub(crate) fn request(&self) -> Request<Body> {
        let body = self.body.clone().map_or_else(Body::empty, Body::from);
        Request::from_parts(self.head.clone(), body)
    }
}
