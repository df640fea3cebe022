//! What every request passes before it is routed, and every response before it is sent.

use std::{
    future::ready,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use anyhow::{Context as _, Result};
use axum::body::Body;
use http::{Request, Uri};
use http_body::Body as _;
use http_body_util::Limited;
use hyper::body::Incoming;
use palisade::{
    Problem,
    edge::{AllowedHosts, ForwardedHeader, TrustedProxies},
    router::RouterService,
};
use tracing::Level;

use super::{
    activity::Activity,
    response::{Outcome, ResponseFuture},
    timely::{Lateness, Timely},
};
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

    /// Answers a request that came from `peer`. Its connection is busy from here on.
    pub(super) fn answer(
        &self,
        peer: IpAddr,
        request: Request<Incoming>,
        activity: &Activity,
    ) -> ResponseFuture {
        let busy = activity.begin();
        let log = tracing::enabled!(Level::DEBUG)
            .then(|| Box::new((request.method().clone(), request.uri().path().to_owned())));
        let outcome = match self.admit(peer, request) {
            Ok((request, lateness)) => Outcome::Routed(self.service.answer(request), lateness),
            Err(problem) => Outcome::Refused(ready(problem)),
        };
        ResponseFuture::new(outcome, self.request_time + GRACE, log, busy)
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
