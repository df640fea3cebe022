//! The matrix: every route of a router, called by everybody.
//!
//! The access table says who may call what. [`Matrix`] makes callers of it: nobody; malformed, expired and misdirected
//! credentials; whoever has exactly enough for an alternative; whoever has everything but one leaf; delegated credentials
//! with all there is to hold. It calls each route as each of them and compares the answer with what the table says, by an
//! evaluator of its own. No handler runs: a [`Probe`](super::Probe) stands in.
//!
//! A caller passes through `cases.rs` (who there is), `situation.rs` (what it holds), `expected.rs` (what would be right),
//! `run.rs` and `calls.rs` (the requests) and `report.rs`.

mod answer;
mod calls;
mod cases;
mod expected;
mod paths;
mod report;
mod run;
mod sent;
mod situation;
#[cfg(feature = "issue")]
mod tokens;
mod ways;

use std::{collections::BTreeMap, fmt, sync::Arc};

use http::Extensions;

pub use self::report::{Failure, Report};
#[cfg(feature = "issue")]
pub use self::tokens::IssuedTokens;
use self::{expected::Checks, run::Run, sent::Head};
use super::{Served, probe::pose};
use crate::{
    authority::{Authority, Principal},
    clock::{ManualClock, SharedClock, SystemClock},
    requirement::Verdict,
    router::Router,
    table::{AccessTable, Row, short},
};

/// A credential the matrix asks for.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Wanted<'a> {
    /// A valid one, whose bearer has exactly this authority.
    Valid(&'a Authority),
    /// One that would give this authority, had it not expired.
    Expired(&'a Authority),
    /// One that would give this authority, were it meant for this API.
    WrongAudience(&'a Authority),
}

impl<'a> Wanted<'a> {
    /// The authority the credential gives, or would give.
    pub fn authority(&self) -> &'a Authority {
        let (Self::Valid(authority) | Self::Expired(authority) | Self::WrongAudience(authority)) = self;
        authority
    }
}

/// Puts a principal of some type into a request's extensions.
type Pose = Arc<dyn Fn(&Authority, &mut Extensions) + Send + Sync>;
type Make = Arc<dyn Fn(Wanted<'_>) -> Option<String> + Send + Sync>;
type Prepare = Arc<dyn Fn(&Row, &mut Head) + Send + Sync>;

/// Calls every route of a router as everybody, and compares the answers with the router's access table.
///
/// ```
/// use palisade::{prelude::*, testing::Matrix};
///
/// #[derive(Clone)]
/// struct CurrentUser { authority: Authority }
///
/// impl Principal for CurrentUser {
///     fn authority(&self) -> &Authority {
///         &self.authority
///     }
/// }
///
/// #[dependency]
/// async fn current_user(token: Bearer) -> Result<CurrentUser, Denied> {
///     Err(Denied::invalid_credentials()) // stands for a look into the store
/// }
///
/// fn api() -> Router<(), CurrentUser> {
///     Router::new()
///         .route("/health", get(|| async { "ok" }).public("liveness probe"))
///         .route("/items", get(|| async { "items" }).requires(scope("items:read")))
///         .route("/items", post(|| async { "made" }).requires(scope("items:write") & signed_in()))
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// Matrix::new(api().with_state(())).run().await.assert();
/// # });
/// ```
///
/// Callers are made in three ways:
///
/// - Unless more is said, the guard is given an [`Authority`], whatever credential there is. That tries every requirement, and none
///   of the code that reads credentials.
/// - [`principal`](Self::principal) makes a principal of the authority, for checks of your own that look at it.
/// - [`credential`](Self::credential) makes a real credential, so that the way from the credential to the principal is tried
///   too: that it does not outlive its time, is meant for this API, and that a delegated one is not taken for its account.
///
/// | who calls | what is right |
/// |---|---|
/// | nobody; with another scheme's credential | 401, each challenge without an error |
/// | with a malformed, made up, expired or misdirected credential | 401, the error in its own challenge |
/// | with exactly enough for one alternative | admitted |
/// | without one leaf of what is needed; as a client; delegated, with all there is to hold | what the table says: 403 with the challenge that says what to get, or admitted by another alternative |
/// | anybody, where a back end does not say | 503 |
/// | a browser on a page of another site, with an ambient credential | 403 for an unsafe method |
/// | with a method the path does not have | 405, and nothing runs |
///
/// `HEAD` of every `GET`, mounts and fallbacks are called as all others. What a custom [check](crate::check) answers is said by
/// [`check`](Self::check); until then its routes may answer whatever it could lead to. Policies of objects are decided where
/// the handler's arguments are read, which the matrix does not do.
///
/// The callers are the same in each run, and [bounded](Self::at_most).
#[derive(Clone)]
#[must_use = "nothing is called before `run`"]
pub struct Matrix {
    table: AccessTable,
    /// What is called, and in which ways.
    served: Vec<Served>,
    clock: SharedClock,
    manual: Option<Arc<ManualClock>>,
    poses: BTreeMap<String, Pose>,
    makers: BTreeMap<String, Make>,
    checks: Checks,
    parameters: BTreeMap<String, String>,
    prepare: Prepare,
    most: usize,
    objects_elsewhere: bool,
}

impl Matrix {
    /// Of `router`, by its own table. It is called in both ways in which it can be served: as
    /// [`Built::router`](crate::router::Built::router) and as [`Built::service`](crate::router::Built::service).
    ///
    /// # Panics
    ///
    /// When the router cannot be built.
    #[track_caller]
    pub fn new<P>(router: Router<(), P>) -> Self {
        let clock = router.shared_clock();
        match router.build() {
            Ok(built) => {
                let served = vec![built.router.into(), built.service.into()];
                Self { clock, served, ..Self::of(&built.table, axum::Router::new()) }
            }
            Err(errors) => panic!("{errors}"),
        }
    }

    /// Of `served`, by a `table` that was made elsewhere: whether this is the router of that table.
    pub fn of(table: &AccessTable, served: impl Into<Served>) -> Self {
        Self {
            table: table.clone(),
            served: vec![served.into()],
            clock: SystemClock::shared(),
            manual: None,
            poses: BTreeMap::new(),
            makers: BTreeMap::new(),
            checks: Checks::new(),
            parameters: BTreeMap::new(),
            prepare: Arc::new(|_, _| {}),
            most: 200,
            objects_elsewhere: false,
        }
    }

    /// Makes principals: `with` an authority, in the place of what the [dependency](crate::Dependency) `P` resolves to, so that
    /// [checks](crate::check) can look at it. Said once for each type of principal that the router has.
    pub fn principal<P: Principal>(mut self, with: impl Fn(Authority) -> P + Send + Sync + 'static) -> Self {
        let put = move |authority: &Authority, extensions: &mut Extensions| {
            pose(extensions, with(authority.clone()));
        };
        self.poses.insert(short(std::any::type_name::<P>()).to_owned(), Arc::new(put));
        self
    }

    /// Makes credentials of the scheme `scheme`: what is wanted, as the text that stands in the scheme's place, such as the
    /// token after `Bearer`, or the key. `None` where the app has no such credential; then it is not tried.
    pub fn credential(
        mut self,
        scheme: &str,
        make: impl Fn(Wanted<'_>) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.makers.insert(scheme.to_owned(), Arc::new(make));
        self
    }

    /// Says what the check `name` answers, to everybody.
    pub fn check(mut self, name: &str, verdict: Verdict) -> Self {
        self.checks.insert(name.to_owned(), verdict);
        self
    }

    /// Puts `value` into paths for the parameter `name`, where the principal needs one that exists.
    pub fn parameter(mut self, name: &str, value: &str) -> Self {
        self.parameters.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Takes the time from `clock`, which has to be the router's: for [`Matrix::of`], which does not know it.
    pub fn clock(mut self, clock: SharedClock) -> Self {
        self.clock = clock;
        self
    }

    /// Moves `clock`, which is the router's, into and out of the hours that requirements ask for.
    pub fn moving(mut self, clock: &Arc<ManualClock>) -> Self {
        self.manual = Some(Arc::clone(clock));
        self.clock(clock.clone())
    }

    /// Changes each request before it is sent, as a layer further out would.
    pub fn prepare(
        mut self,
        change: impl Fn(&Row, &mut http::Request<axum::body::Body>) + Send + Sync + 'static,
    ) -> Self {
        self.prepare = Arc::new(change);
        self
    }

    /// Says that the policies of objects are tried by other tests: they are not [reported](Report::untried) any more.
    pub fn objects_tried_elsewhere(mut self) -> Self {
        self.objects_elsewhere = true;
        self
    }

    /// Tries each route with at most `callers` callers, 200 unless it is said here. What is left out is
    /// [reported](Report::untried).
    pub fn at_most(mut self, callers: usize) -> Self {
        self.most = callers;
        self
    }

    /// Calls everything.
    pub async fn run(self) -> Report {
        let mut reports = Vec::new();
        for served in &self.served {
            reports.push((served.way(), Run::of(&self, served).everything().await));
        }
        Report::of_ways(&reports)
    }
}

impl fmt::Debug for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Matrix").field("routes", &self.table.rows().len()).finish_non_exhaustive()
    }
}
