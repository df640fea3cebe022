//! Which requests the matrix sends, route by route.

use std::collections::BTreeSet;

use http::HeaderValue;

use super::{
    Matrix, Report,
    answer::{Answer, invalid, not_authenticated},
    cases::{self, Everything},
    paths::Paths,
    sent::{malformed, put_malformed},
    ways::Ways,
};
use crate::{requirement::Requirement, table::Row, testing::Served};

const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];

/// A matrix being run.
pub(super) struct Run<'m> {
    pub(super) matrix: &'m Matrix,
    pub(super) served: &'m Served,
    pub(super) paths: Paths,
    everything: Everything,
    pub(super) report: Report,
}

/// A route that is called at one path, by one method.
pub(super) struct Target<'a> {
    pub(super) row: &'a Row,
    pub(super) method: &'a str,
    pub(super) path: String,
}

impl Target<'_> {
    /// As the table names it.
    pub(super) fn route(&self) -> String {
        format!("{} {}", self.row.method, self.row.path)
    }
}

impl<'m> Run<'m> {
    pub(super) fn of(matrix: &'m Matrix, served: &'m Served) -> Self {
        let paths = Paths::of(&matrix.table, &matrix.parameters);
        let everything = Everything::in_rows(matrix.table.rows());
        Self { matrix, served, paths, everything, report: Report::default() }
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
        if !row.objects.is_empty() && !self.matrix.objects_elsewhere {
            let why = "what it decides about objects, which its handler's arguments do; if other tests try that, say \
                       `.objects_tried_elsewhere()`";
            self.not_tried(row, why);
        }
        let Some(requirement) = &row.requirement else { return };
        self.malformed(&target).await;
        self.callers(&target, requirement).await;
    }

    pub(super) fn not_tried(&mut self, row: &Row, why: &str) {
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
}

fn nobody(row: &Row) -> Answer {
    match row.requirement {
        Some(_) => not_authenticated(&row.made_of.schemes),
        None => Answer::Admitted,
    }
}
