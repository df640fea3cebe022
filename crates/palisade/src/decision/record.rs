//! How a refusal becomes a decision: it gets an id, is kept, is logged, and its id goes to the caller.

use http::{Method, StatusCode, request::Parts};

use super::{Decision, DecisionId, RecordedFacts, Ruling, Stage, facts::cut};
use crate::{
    authority::{Authority, Subject},
    edge,
    exchange::Exchange,
    problem::Problem,
    requirement::{Explanation, Refusal, Verdict},
};

/// How long an id and a method may be, in bytes.
const LONGEST: usize = 256;

/// What was decided, before it has an id.
pub(crate) struct Case<'a> {
    pub(crate) method: &'a Method,
    pub(crate) authority: &'a Authority,
    pub(crate) stage: Stage,
    pub(crate) ruling: Ruling,
    pub(crate) verdict: Option<Verdict>,
    pub(crate) facts: RecordedFacts,
    pub(crate) explanation: Explanation,
}

/// Refuses a caller who is known with `problem`: records why, and gives the problem the decision's id.
///
/// `authority` is the caller's and `head` the request's. The problem's status says what the caller learns; with 404 it learns
/// nothing more, whatever is recorded. To hide an object, call this in both cases: for one that may not be seen with what
/// `Requirement::weigh` refused with, for one that is not there with
/// `Refusal::for_want_of_an_object`.
pub(crate) fn refused(
    exchange: &Exchange,
    head: &Parts,
    authority: &Authority,
    refusal: Refusal,
    stage: Stage,
    problem: Problem,
) -> Problem {
    let Refusal { explanation, facts, verdict, .. } = refusal;
    let app = exchange.app();
    let shown = problem.status() == StatusCode::FORBIDDEN
        && app.explains
        && edge::is_of_this_machine(&head.uri, &head.headers, &head.extensions);
    let shown = shown.then(|| explanation.clone());
    let ruling = Ruling::of(problem.status());
    let case = Case { method: &head.method, authority, stage, ruling, verdict, facts, explanation };
    problem.decided(case.recorded(exchange)).explained(shown)
}

impl Ruling {
    /// What an error status says.
    pub(crate) fn of(status: StatusCode) -> Self {
        match status {
            StatusCode::SERVICE_UNAVAILABLE => Self::Undecided,
            status => Self::Refused(status.as_u16()),
        }
    }
}

impl Case<'_> {
    /// Keeps it and logs it. Without randomness there is no id: then it is logged alone, and the refusal stands.
    pub(crate) fn recorded(self, exchange: &Exchange) -> Option<DecisionId> {
        let app = exchange.app();
        let id = match DecisionId::draw(&*app.random) {
            Ok(id) => Some(id),
            Err(error) => {
                tracing::warn!(%error, "a decision has no id, and is not kept");
                None
            }
        };
        self.log(id, exchange.template());
        let decision = Decision {
            id: id?,
            method: cut(self.method.as_str(), LONGEST),
            path: exchange.template().to_owned(),
            subject: bounded(self.authority.subject()),
            stage: self.stage,
            ruling: self.ruling,
            verdict: self.verdict,
            facts: self.facts,
            explanation: Some(self.explanation),
        };
        app.decisions.keep(decision).then_some(id).flatten()
    }

    fn log(&self, id: Option<DecisionId>, path: &str) {
        if self.ruling == Ruling::Allowed {
            return;
        }
        let (subject, method) = (self.authority.subject(), self.method);
        let id = id.map(tracing::field::display);
        let Self { ruling, stage, explanation, .. } = self;
        tracing::info!(decision = id, %subject, %method, path, ?ruling, ?stage, "refused");
        tracing::debug!(decision = id, %explanation, "refused because");
    }
}

/// An id as long as it may be.
fn bounded(subject: &Subject) -> Subject {
    match subject {
        Subject::Account(id) if id.len() > LONGEST => Subject::Account(cut(id, LONGEST).into()),
        Subject::Client(id) if id.len() > LONGEST => Subject::Client(cut(id, LONGEST).into()),
        subject => subject.clone(),
    }
}

#[cfg(all(test, feature = "testing", feature = "tokens"))]
mod tests {
    use std::any::Any;

    use axum::{Extension, extract::FromRequestParts};

    use super::*;
    use crate::{
        authority::Principal,
        describe::{Describe, Description},
        edge::ClientAddress,
        requirement::{Answers, Facts, RequestTime, relation},
        router::{Router, get},
        signed_in,
        testing::Client,
    };

    #[derive(Clone)]
    struct Ada(Authority);

    impl Principal for Ada {
        fn authority(&self) -> &Authority {
            &self.0
        }
    }

    impl<S: Sync> FromRequestParts<S> for Ada {
        type Rejection = Problem;
        async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Problem> {
            Ok(Self(Authority::account("ada")))
        }
    }

    impl<S> Describe<S> for Ada {
        fn describe(_: &mut Description<'_>) {}
    }

    struct Doc;

    /// A document that nobody may see, or know to be there: `/docs/there` is.
    struct Hidden;

    impl<S: Sync> FromRequestParts<S> for Hidden {
        type Rejection = Problem;
        async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, Problem> {
            let exchange = Exchange::of(head);
            let ada = Ada::from_request_parts(head, state).await?;
            let policy = relation("owner", |_: &Ada, _: &Doc| false);
            let there = head.uri.path() == "/docs/there";
            let (principal, resource) = (&ada as &(dyn Any + Send + Sync), &Doc as &(dyn Any + Send + Sync));
            let time = RequestTime::of(&*exchange.app().clock);
            let resource = there.then_some(resource);
            let facts = Facts { authority: &ada.0, principal, head, time: &time, path: None, resource };
            let refusal = if there {
                let Err(refusal) = policy.weigh(facts, &mut Answers::default()).await else {
                    return Ok(Self);
                };
                refusal
            } else {
                Refusal::for_want_of_an_object(&policy, facts)
            };
            let stage = Stage::Policy { action: "Read".into(), resource: "Doc".into() };
            let problem = Problem::new(StatusCode::NOT_FOUND, "There is no such document");
            Err(refused(&exchange, head, &ada.0, refusal, stage, problem))
        }
    }

    impl<S> Describe<S> for Hidden {
        fn describe(_: &mut Description<'_>) {}
    }

    #[tokio::test]
    async fn attack_telling_a_hidden_object_from_one_that_is_not_there() {
        let route = get(async |_: Hidden| "shown").requires(signed_in());
        let routes = Router::<(), Ada>::new().route("/docs/{id}", route);
        let built = routes.dangerous().explain_in_bodies().build().unwrap();
        let here = ClientAddress([127, 0, 0, 1].into());
        let client = Client::new(built.router.layer(Extension(here)));
        let mut told = Vec::new();
        for (path, verdict) in [("/docs/there", Some(Verdict::False)), ("/docs/missing", None)] {
            let answer = client.get(path).header("host", "localhost").send().await;
            let mut document = answer.json();
            let decision = built.decisions.list(1).remove(0);
            assert_eq!(document["decision"].take(), decision.id.to_string());
            assert_eq!((decision.ruling, decision.verdict), (Ruling::Refused(404), verdict));
            assert_eq!(decision.path, "/docs/{id}");
            told.push((document, answer.headers));
        }
        assert_eq!(built.decisions.list(10).len(), 2, "one for each answer");
        assert_eq!(told[0].0.get("explanation"), None, "not even to a developer");
        // The answers have one length, since ids have.
        assert_eq!(told[0], told[1]);
        let told = built.decisions.list(2).iter().map(ToString::to_string).collect::<String>();
        assert!(told.contains("there is no such Doc to Read") && told.contains("by the policy of Read Doc"));
    }
}
