//! One caller, in every way it can call; each request is sent and its answer compared.

use std::time::Duration;

use axum::body::Body;
use http::{HeaderName, HeaderValue, Method, Request};

use super::{
    Failure, Wanted,
    answer::{Answer, Got, invalid, not_authenticated},
    cases::Case,
    expected::{self, Facts},
    run::{Run, Target},
    sent::{Head, put},
    situation::Situation,
    ways::{Way, Ways},
};
use crate::{
    authority::Authority,
    clock::Timestamp,
    credential::Scheme,
    edge::ClientAddress,
    requirement::{Condition, Leaf, Requirement},
    testing::Probe,
};

impl Run<'_> {
    /// Calls as this caller, in every way it can.
    pub(super) async fn case(
        &mut self,
        target: &Target<'_>,
        requirement: &Requirement,
        case: &Case,
        ways: &mut Ways<'_>,
    ) {
        let now = self.at(&case.situation);
        let authority = case.situation.authority(now, |name| self.paths.value(name));
        let right = self.right(target, requirement, &case.situation, &authority, now);
        if case.is_enough && !right.contains(&Answer::Admitted) {
            let cause = if hangs_on_the_hour(requirement) { "; say `.moving(..)`" } else { "" };
            self.not_tried(target.row, &format!("{}, of whom nobody could be made{cause}", case.who));
        }
        let mut request = self.request_in(target, &case.situation);
        match ways.pose {
            Some(pose) => pose(&authority, request.extensions_mut()),
            None => super::pose(request.extensions_mut(), authority.clone()),
        }
        self.call(target, &case.who, request, &right).await;
        for way in &mut ways.real {
            self.real(target, case, &authority, &right, way).await;
        }
    }

    fn right(
        &self,
        target: &Target<'_>,
        requirement: &Requirement,
        situation: &Situation,
        authority: &Authority,
        now: Timestamp,
    ) -> Vec<Answer> {
        let tenant = |name: &str| self.paths.value(name);
        let (address, headers) = (situation.address, &situation.headers);
        let facts = Facts { authority, now, address, headers, tenant: &tenant };
        expected::answers(requirement, &facts, &self.matrix.checks, &target.row.made_of.schemes)
    }

    /// Calls with real credentials: valid ones; and where these are admitted, the same spoilt.
    async fn real(
        &mut self,
        target: &Target<'_>,
        case: &Case,
        authority: &Authority,
        right: &[Answer],
        way: &mut Way<'_>,
    ) {
        let schemes = &target.row.made_of.schemes;
        let Some(request) = self.carrying(target, case, way, |_| Wanted::Valid(authority)) else { return };
        way.valid = true;
        let who = format!("{}, by {}", case.who, way.name());
        self.call(target, &who, request, right).await;
        if *right != [Answer::Admitted] {
            return;
        }
        if way.schemes.iter().any(|(scheme, _)| scheme.ambient) && !is_safe(target.method) {
            let request = self.carrying(target, case, way, |_| Wanted::Valid(authority));
            if let Some(mut request) = request {
                request.headers_mut().insert("sec-fetch-site", HeaderValue::from_static("cross-site"));
                let right = Answer::Refused { status: 403, challenges: vec![Vec::new()] };
                self.call(target, &format!("{who}, from another site"), request, &[right]).await;
            }
        }
        for spoilt in 0..way.schemes.len() {
            let valid = Wanted::Valid(authority);
            let scheme = way.schemes[spoilt].0;
            let right = [invalid(schemes, scheme), not_authenticated(schemes)];
            let right = if is_bearer(scheme) { &right[..1] } else { &right[..] };
            let expired = self.carrying(target, case, way, |at| {
                if at == spoilt { Wanted::Expired(authority) } else { valid }
            });
            if let Some(request) = expired {
                way.expired = true;
                self.call(target, &format!("{who}, expired"), request, right).await;
            }
            let misdirected = self.carrying(target, case, way, |at| {
                if at == spoilt { Wanted::WrongAudience(authority) } else { valid }
            });
            if let Some(request) = misdirected {
                way.misdirected = true;
                self.call(target, &format!("{who}, for another audience"), request, right).await;
            }
        }
    }

    /// A request with the credentials of `way`, each as `wanted` by its position.
    fn carrying<'a>(
        &self,
        target: &Target<'_>,
        case: &Case,
        way: &Way<'_>,
        wanted: impl Fn(usize) -> Wanted<'a>,
    ) -> Option<Head> {
        let mut request = self.request_in(target, &case.situation);
        for (at, (scheme, make)) in way.schemes.iter().enumerate() {
            let credential = make(wanted(at))?;
            if !put(&mut request, scheme, &credential) {
                return None;
            }
        }
        Some(request)
    }

    /// Moves the clock, where it can be, to a time at which the situation has its hours, and says what time it is.
    fn at(&self, situation: &Situation) -> Timestamp {
        const STEP: Duration = Duration::from_secs(60);
        const MOST: u64 = 8 * 24 * 60;
        let now = self.matrix.clock.now();
        let fits = |time| situation.hours.iter().all(|(window, wanted)| window.contains(time) == *wanted);
        let steps = (0..MOST).map(|step| STEP * u32::try_from(step).unwrap_or(0));
        let mut steps = steps.filter(|after| fits(now.after(*after)));
        match (&self.matrix.manual, steps.next()) {
            (Some(clock), Some(after)) if !after.is_zero() => {
                clock.advance(after);
                now.after(after)
            }
            _ => now,
        }
    }

    fn request_in(&self, target: &Target<'_>, situation: &Situation) -> Head {
        let mut request = self.request(target);
        if let Some(address) = situation.address {
            request.extensions_mut().insert(ClientAddress(address));
        }
        for (name, value) in &situation.headers {
            let header = (HeaderName::try_from(name), HeaderValue::from_bytes(value.as_bytes()));
            if let (Ok(name), Ok(value)) = header {
                request.headers_mut().insert(name, value);
            }
        }
        request
    }

    /// A request as a page of ours would send it.
    pub(super) fn request(&self, target: &Target<'_>) -> Head {
        let mut request = Request::new(Body::empty());
        *request.method_mut() = target.method.parse().unwrap_or(Method::GET);
        *request.uri_mut() = target.path.parse().unwrap_or_default();
        request.headers_mut().insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
        request
    }

    pub(super) async fn call(&mut self, target: &Target<'_>, who: &str, mut request: Head, right: &[Answer]) {
        let probe = Probe::new();
        request.extensions_mut().insert(probe.clone());
        (self.matrix.prepare)(target.row, &mut request);
        let response = self.served.answer(request).await;
        self.report.request_sent();
        let got = Got::of(response.status().as_u16(), response.headers(), probe.times());
        if !right.iter().any(|right| got.is(right)) {
            let expected: Vec<String> = right.iter().map(Answer::to_string).collect();
            self.report.failed(Failure {
                route: target.route(),
                caller: who.to_owned(),
                expected: expected.join(" or "),
                got: got.to_string(),
            });
        }
    }
}

fn is_safe(method: &str) -> bool {
    method.parse::<Method>().is_ok_and(|method| method.is_safe())
}

fn is_bearer(scheme: &Scheme) -> bool {
    scheme.challenge().is_some_and(|challenge| challenge.split(' ').next() == Some("Bearer"))
}

fn hangs_on_the_hour(requirement: &Requirement) -> bool {
    requirement.literals().iter().any(|literal| match &literal.leaf {
        Leaf::Condition(named) => matches!(named.condition, Condition::Hours(_)),
        _ => false,
    })
}
