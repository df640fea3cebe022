//! What every request passes before it is routed, and every response before it is sent.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use anyhow::{Context as _, Result};
use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use http::{Request, StatusCode, Uri};
use http_body::Body as _;
use http_body_util::Limited;
use hyper::body::Incoming;
use palisade::{
    Problem,
    edge::{AllowedHosts, ForwardedHeader, TrustedProxies, secure_headers},
    router::RouterService,
};
use tokio::time::{error::Elapsed, timeout};
use tracing::Level;

use super::timely::{Lateness, Timely};
use crate::config::{self, Server};

/// How much longer than a body an answer may take, so that an endpoint can still refuse one that is late.
const GRACE: Duration = Duration::from_secs(1);

/// The edge, and the router behind it.
#[derive(Debug)]
pub(super) struct Edge {
    hosts: AllowedHosts,
    proxies: TrustedProxies,
    body_bytes: usize,
    request_time: Duration,
    service: RouterService,
}

impl Edge {
    pub(super) fn new(
        settings: &Server,
        issuer: &str,
        address: SocketAddr,
        service: RouterService,
    ) -> Result<Self> {
        let header = match settings.forwarded_header {
            config::ForwardedHeader::XForwardedFor => ForwardedHeader::XForwardedFor,
            config::ForwardedHeader::Forwarded => ForwardedHeader::Forwarded,
        };
        Ok(Self {
            hosts: settings
                .hosts
                .iter()
                .fold(hosts(issuer, address)?, |hosts, more| hosts.allow_exactly(more)),
            proxies: TrustedProxies::new(settings.behind_proxy.iter().copied(), header),
            body_bytes: settings.body_bytes,
            request_time: Duration::from_secs(settings.request_seconds),
            service,
        })
    }

    /// Answers a request that came from `peer`. It is handed to the router before anything is awaited: what an async
    /// block holds is moved with it.
    pub(super) fn answer(
        &self,
        peer: IpAddr,
        request: Request<Incoming>,
    ) -> impl Future<Output = Result<Response, Infallible>> + Send + use<> {
        let log = tracing::enabled!(Level::DEBUG)
            .then(|| (request.method().clone(), request.uri().path().to_owned()));
        let routed = self.admit(peer, request).map(|(request, lateness)| {
            (timeout(self.request_time + GRACE, self.service.answer(request)), lateness)
        });
        async move {
            let mut response = match routed {
                Ok((answering, lateness)) => in_time(answering.await, &lateness),
                Err(problem) => problem.into_response(),
            };
            secure_headers(response.headers_mut());
            if let Some((method, path)) = log {
                tracing::debug!(%method, path, status = response.status().as_u16(), "answered");
            }
            Ok(response)
        }
    }

    fn admit(
        &self,
        peer: IpAddr,
        mut request: Request<Incoming>,
    ) -> Result<(Request<Body>, Lateness), Problem> {
        self.hosts.check(request.uri(), request.headers())?;
        let client = self.proxies.client_address(peer, request.headers());
        request.extensions_mut().insert(client);
        let (head, body) = request.into_parts();
        // A request without a body is the common one, and an empty body costs nothing.
        if body.is_end_stream() {
            return Ok((Request::from_parts(head, Body::empty()), Lateness::default()));
        }
        let (body, lateness) = Timely::new(Limited::new(body, self.body_bytes), self.request_time);
        Ok((Request::from_parts(head, Body::new(body)), lateness))
    }
}

/// The answer, unless it or the request's body was late.
fn in_time(answered: Result<Result<Response, Infallible>, Elapsed>, lateness: &Lateness) -> Response {
    match answered {
        // Whatever the endpoint made of half a body.
        Ok(Ok(_)) if lateness.is_established() => {
            Problem::new(StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time").into_response()
        }
        Ok(Ok(response)) => response,
        Err(_) => Problem::new(StatusCode::SERVICE_UNAVAILABLE, "This took too long, try again later")
            .because("the request's time was over")
            .into_response(),
    }
}

/// The issuer's host, and this machine's own names at the port where it listens.
fn hosts(issuer: &str, address: SocketAddr) -> Result<AllowedHosts> {
    let issuer: Uri = issuer.parse().context("the issuer is no address")?;
    let host = issuer.host().context("the issuer has no host")?;
    let port = issuer.port_u16().unwrap_or(if issuer.scheme_str() == Some("https") { 443 } else { 80 });
    let hosts = AllowedHosts::new().allow_loopback(address.port()).allow(host, port);
    // Such as 127.0.0.2.
    Ok(match address.ip() {
        ip if ip.is_loopback() => {
            hosts.allow(&SocketAddr::new(ip, 0).to_string().replace(":0", ""), address.port())
        }
        _ => hosts,
    })
}
