//! The requests of the matrix: sent, and compared.

use std::{collections::BTreeSet, time::Duration};

use axum::body::Body;
use http::{HeaderName, HeaderValue, Method, Request};
use tower::ServiceExt;

use super::{
    Failure, Make, Matrix, Report, Wanted,
    answer::{Answer, Got, invalid, not_authenticated},
    cases::{self, Case, Everything},
    expected::{self, Facts},
    paths::Paths,
    sent::{Head, malformed, put, put_malformed},
    situation::Situation,
};
use crate::{
    authority::Authority,
    clock::Timestamp,
    credential::Scheme,
    edge::ClientAddress,
    requirement::{Leaf, Requirement},
    table::Row,
    testing::Probe,
};

const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];

/// A matrix being run.
pub(super) struct Run<'m> {
    matrix: &'m Matrix,
    paths: Paths,
    everything: Everything,
    report: Report,
}

/// A route that is called at one path, by one method.
struct Target<'a> {
    row: &'a Row,
    method: &'a str,
    path: String,
}

impl<'m> Run<'m> {
    pub(super) fn of(matrix: &'m Matrix) -> Self {
        let paths = Paths::of(&matrix.table, &matrix.parameters);
        let everything = Everything::in_rows(matrix.table.rows());
        Self { matrix, paths, everything, report: Report::default() }
    }

    pub(super) async fn everything(mut self) -> Report {
        for row in self.matrix.table.rows() {
            self.row(row).await;
        }
        let paths: BTreeSet<&String> = self.matrix.table.rows().iter().map(|row| &row.path).collect();
        for path in paths {
            self.other_methods(path).await;
        }
        self.report
    }

    async fn row(&mut self, row: &Row) {
        let Some(path) = self.paths.matching(&row.path) else {
            let why = format!("{} {}: no path was found that it alone matches", row.method, row.path);
            return self.report.not_tried(why);
        };
        let method = if row.method == "*" { "GET" } else { &row.method };
        let target = Target { row, method, path };
        self.anonymous(&target).await;
        if row.method == "*" {
            self.every_method(&target).await;
        }
        if !row.objects.is_empty() {
            let why = "what it decides about objects, which its handler's arguments do";
            self.not_tried(row, why);
        }
        let Some(requirement) = &row.requirement else { return };
        self.malformed(&target).await;
        self.callers(&target, requirement).await;
    }

    fn not_tried(&mut self, row: &Row, why: &str) {
        self.report.not_tried(format!("{} {}: {why}", row.method, row.path));
    }

    async fn anonymous(&mut self, target: &Target<'_>) {
        let right = nobody(target.row);
        let request = self.request(target);
        self.call(target, "nobody", request, std::slice::from_ref(&right)).await;
        if target.row.requirement.is_some() {
            let mut request = self.request(target);
            request.headers_mut().insert("authorization", HeaderValue::from_static("Matrix garbage"));
            self.call(target, "a credential of another scheme", request, &[right]).await;
        }
    }

    /// What answers every method is refused for every method, and at all of its paths.
    async fn every_method(&mut self, target: &Target<'_>) {
        let mut paths = vec![target.path.clone()];
        for also_at in &target.row.made_of.also_at {
            paths.extend(self.paths.matching(also_at));
        }
        for path in paths {
            for method in METHODS {
                let target = Target { row: target.row, method, path: path.clone() };
                let request = self.request(&target);
                self.call(&target, &format!("nobody, by {method} {path}"), request, &[nobody(target.row)])
                    .await;
            }
        }
    }

    /// A method that a path does not have runs nothing.
    async fn other_methods(&mut self, path: &str) {
        let rows: Vec<&Row> = self.matrix.table.rows().iter().filter(|row| row.path == path).collect();
        let Some(row) = rows.first().filter(|_| rows.iter().all(|row| row.method != "*")) else { return };
        let Some(filled) = self.paths.matching(path) else { return };
        let layered = rows.iter().any(|row| !row.layers.is_empty());
        let refused = Answer::Refused { status: 405, challenges: vec![Vec::new()] };
        let right = if layered { Answer::NothingRuns } else { refused };
        for method in METHODS {
            if rows.iter().all(|row| row.method != method) {
                let target = Target { row, method, path: filled.clone() };
                let request = self.request(&target);
                self.call(&target, &format!("nobody, by {method}"), request, std::slice::from_ref(&right))
                    .await;
            }
        }
    }

    async fn malformed(&mut self, target: &Target<'_>) {
        let schemes = &target.row.made_of.schemes;
        for scheme in schemes {
            let kinds = malformed(scheme);
            if kinds.is_empty() {
                self.report.not_tried(format!("`{}` malformed: its place is not known", scheme.name()));
            }
            for (kind, sent) in kinds {
                let mut request = self.request(target);
                if put_malformed(&mut request, scheme, &sent) {
                    let who = format!("a `{}` {kind}", scheme.name());
                    self.call(target, &who, request, &[invalid(schemes, scheme)]).await;
                }
            }
        }
    }

    async fn callers(&mut self, target: &Target<'_>, requirement: &Requirement) {
        let mut cases = cases::of(requirement, &self.everything);
        let left_out = cases.len().saturating_sub(self.matrix.most);
        if left_out > 0 {
            let of = cases.len();
            self.not_tried(target.row, &format!("{left_out} of {of} callers; say `.at_most({of})`"));
            cases.truncate(self.matrix.most);
        }
        let mut ways = Ways::of(self.matrix, target.row);
        for scheme in &ways.without_maker {
            self.report.not_tried(format!("credentials of `{scheme}`: say `.credential(\"{scheme}\", ..)`"));
        }
        for name in requirement.checks().map(|check| check.name) {
            if !self.matrix.checks.contains_key(name) {
                let say = format!("what hangs on `check({name})`; say `.check(\"{name}\", ..)`");
                self.not_tried(target.row, &say);
            }
        }
        for case in &cases {
            self.case(target, requirement, case, &mut ways).await;
        }
        self.report_unmade(&ways);
    }

    fn report_unmade(&mut self, ways: &Ways<'_>) {
        for way in &ways.real {
            let name = way.name();
            for (kind, made) in
                [("valid", way.valid), ("expired", way.expired), ("misdirected", way.misdirected)]
            {
                if !made {
                    self.report.not_tried(format!("{kind} credentials of {name}: none was made"));
                }
            }
        }
    }

    /// Calls as this caller, in every way it can.
    async fn case(
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
    fn request(&self, target: &Target<'_>) -> Head {
        let mut request = Request::new(Body::empty());
        *request.method_mut() = target.method.parse().unwrap_or(Method::GET);
        *request.uri_mut() = target.path.parse().unwrap_or_default();
        request.headers_mut().insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
        request
    }

    async fn call(&mut self, target: &Target<'_>, who: &str, mut request: Head, right: &[Answer]) {
        let probe = Probe::new();
        request.extensions_mut().insert(probe.clone());
        (self.matrix.prepare)(target.row, &mut request);
        let Ok(response) = self.matrix.router.clone().oneshot(request).await;
        self.report.request_sent();
        let got = Got::of(response.status().as_u16(), response.headers(), probe.times());
        if !right.iter().any(|right| got.is(right)) {
            let expected: Vec<String> = right.iter().map(Answer::to_string).collect();
            self.report.failed(Failure {
                route: route(target.row),
                caller: who.to_owned(),
                expected: expected.join(" or "),
                got: got.to_string(),
            });
        }
    }
}

/// How callers of a route can be made.
struct Ways<'a> {
    pose: Option<&'a super::Pose>,
    real: Vec<Way<'a>>,
    without_maker: BTreeSet<&'a str>,
}

/// Credentials that are sent together, and which kinds of them were made.
struct Way<'a> {
    schemes: Vec<(&'a Scheme, &'a Make)>,
    valid: bool,
    expired: bool,
    misdirected: bool,
}

impl<'a> Ways<'a> {
    fn of(matrix: &'a Matrix, row: &'a Row) -> Self {
        let pose = row.principal.as_ref().and_then(|principal| matrix.poses.get(principal));
        let mut ways = Self { pose, real: Vec::new(), without_maker: BTreeSet::new() };
        for together in row.schemes.iter().filter(|together| !together.is_empty()) {
            let known = |name: &String| row.made_of.schemes.iter().find(|scheme| scheme.name() == name);
            let schemes = together.iter().map(|name| known(name).zip(matrix.makers.get(name)));
            match schemes.collect() {
                Some(schemes) => {
                    ways.real.push(Way { schemes, valid: false, expired: false, misdirected: false });
                }
                None => {
                    let missing = together.iter().filter(|name| !matrix.makers.contains_key(*name));
                    ways.without_maker.extend(missing.map(String::as_str));
                }
            }
        }
        ways
    }
}

impl Way<'_> {
    fn name(&self) -> String {
        let names: Vec<String> =
            self.schemes.iter().map(|(scheme, _)| format!("`{}`", scheme.name())).collect();
        names.join(" and ")
    }
}

fn nobody(row: &Row) -> Answer {
    match row.requirement {
        Some(_) => not_authenticated(&row.made_of.schemes),
        None => Answer::Admitted,
    }
}

fn route(row: &Row) -> String {
    format!("{} {}", row.method, row.path)
}

fn is_safe(method: &str) -> bool {
    method.parse::<Method>().is_ok_and(|method| method.is_safe())
}

fn is_bearer(scheme: &Scheme) -> bool {
    scheme.challenge().is_some_and(|challenge| challenge.split(' ').next() == Some("Bearer"))
}

fn hangs_on_the_hour(requirement: &Requirement) -> bool {
    requirement.literals().iter().any(|literal| match &literal.leaf {
        Leaf::Condition(named) => matches!(named.condition, crate::requirement::Condition::Hours(_)),
        _ => false,
    })
}
