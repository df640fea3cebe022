//! The guard around a handler: principal, requirement, then the handler's arguments, then the handler. What is refused
//! here has not had its body read; who let the guard wait for a body is asked for again when it is there.

use std::{
    any::Any,
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{
    body::Body,
    extract::{FromRequestParts, Request},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header, request::Parts};
use http_body::Body as _;

use super::{
    admission::{Admission, Seen},
    arguments::{Arguments, HandlerFn},
    endpoint::Endpoint,
    operation::{Asked, Mounted, Rule},
};
use crate::{
    authority::{Authority, Principal},
    credential::{Scheme, challenges},
    decision::{self, Stage},
    denied::{Denial, Denied},
    dependency::Admitted,
    describe::{Describe, Description, Schemas},
    exchange::{BoxedResponse, Exchange, Running},
    extract::PathParameters,
    object::GrantedObjects,
    problem::Problem,
    requirement::{Answers, Facts, RequestTime, Requirement},
    socket::{Recheck, Rechecking},
};

/// How long it holds that a caller is allowed while its body is awaited. One that sends on and on would else act with
/// what was taken from it long ago; a body that comes at once costs no second question.
const HOLDS_FOR: Duration = Duration::from_secs(1);

/// A handler behind its rule.
pub(super) struct Guarded<H, T, P> {
    handler: H,
    shared: Arc<Shared>,
    types: std::marker::PhantomData<fn() -> (T, P)>,
}

struct Shared {
    rule: Rule,
    mounted: Mounted,
    /// The schemes to challenge for; found out at the first refusal.
    schemes: OnceLock<Vec<Scheme>>,
    asked: Asked,
    reads: Reads,
}

/// What of the request the requirement reads that costs something to read.
#[derive(Clone, Copy)]
struct Reads {
    path: bool,
    headers: bool,
}

impl<H, T, P> Guarded<H, T, P> {
    pub(super) fn new(handler: H, rule: Rule, asked: Asked, mounted: Mounted) -> Self {
        let reads = match &rule {
            Rule::Requires(requirement) => Reads {
                path: requirement.reads_path(),
                headers: requirement.conditions().any(|named| named.condition.header().is_some()),
            },
            Rule::Public(_) => Reads { path: false, headers: false },
        };
        let shared = Arc::new(Shared { rule, mounted, schemes: OnceLock::new(), asked, reads });
        Self { handler, shared, types: std::marker::PhantomData }
    }
}

impl<H: Clone, T, P> Clone for Guarded<H, T, P> {
    fn clone(&self) -> Self {
        Self { handler: self.handler.clone(), shared: self.shared.clone(), types: self.types }
    }
}

impl<H, T, P, S> Endpoint<S> for Guarded<H, T, P>
where
    H: HandlerFn<T, Output: IntoResponse, Future: Send>,
    T: Arguments<S> + 'static,
    P: Principal + FromRequestParts<S> + Describe<S>,
    S: Clone + Send + Sync + 'static,
{
    fn call(&self, request: Request, state: &S) -> BoxedResponse {
        let (guarded, state) = (self.clone(), state.clone());
        // Outside of the future, which would hold the request twice.
        let (mut head, body) = request.into_parts();
        let exchange = Exchange::entered(&mut head.extensions).clone();
        Box::pin(async move {
            let mut response = match guarded.answer(&mut head, body, &state, &exchange).await {
                Ok(response) => response,
                Err(problem) => problem.into_response(),
            };
            if response.status() == StatusCode::UNAUTHORIZED {
                exchange.app().decisions.count_anonymous();
            }
            guarded.shared.challenge::<T, P, S>(&mut response);
            response
        })
    }
}

impl<H, T, P> Guarded<H, T, P> {
    /// Lets through whom the rule allows, reads what the handler takes, and calls it.
    ///
    /// A block in place of an async function, which would hold its arguments twice: the future of an endpoint is made with every
    /// request, and up to a kilobyte of it the allocator keeps at hand.
    #[expect(clippy::manual_async_fn, reason = "an async function holds its arguments twice")]
    fn answer<'r, S>(
        &'r self,
        head: &'r mut Parts,
        body: Body,
        state: &'r S,
        exchange: &'r Exchange,
    ) -> impl Future<Output = Result<Response, Problem>> + Send
    where
        H: HandlerFn<T, Output: IntoResponse, Future: Send>,
        T: Arguments<S>,
        P: Principal + FromRequestParts<S>,
        S: Clone + Send + Sync + 'static,
    {
        async move {
            Exchange::enter(&mut head.extensions, self.shared.mounted.get().copied());
            let Rule::Requires(requirement) = &self.shared.rule else {
                #[cfg(feature = "testing")]
                if let Some(answer) = crate::testing::Probe::stands_in(head) {
                    return Ok(answer);
                }
                let values = T::extract(head, body, state).await?;
                return Ok(self.handler.call(values).await.into_response());
            };
            let asked = &self.shared.asked;
            let has_body = !body.is_end_stream();
            let objects = (asked.rechecked || has_body).then(GrantedObjects::default);
            let question = Question { requirement, reads: self.shared.reads, objects: objects.as_ref() };
            // With the head as it came, before anything was resolved from it.
            let mut awaited = has_body.then(|| Awaited::new(head, question, exchange));
            #[cfg(feature = "testing")]
            if let Some(answer) = stood_in(question, head, exchange).await? {
                return Ok(answer);
            }
            let rechecked = asked.rechecked.then(|| recheck::<P, S>(question, head, state));
            let admission = admit::<P, S>(question, head, state, exchange).await?;
            if let Some(awaited) = &mut awaited {
                awaited.since = exchange.app().clock.monotonic();
            }
            if !asked.admits.is_empty() {
                head.extensions.insert(Admitted(Arc::clone(&asked.admits)));
            }
            if let Some(objects) = &objects {
                head.extensions.insert(objects.clone());
            }
            if let Some(rechecked) = rechecked {
                head.extensions.insert(rechecked);
            }
            #[cfg(feature = "testing")]
            if let Some(answer) = crate::testing::Probe::stands_in(head) {
                return Ok(answer);
            }
            let answered = self.act(head, body, state, awaited).await;
            admission.concluded(exchange, answered)
        }
    }

    /// Reads what the handler takes and calls it; before that, asks again if the body took long to come.
    #[expect(clippy::manual_async_fn, reason = "an async function holds its arguments twice")]
    fn act<'r, S>(
        &'r self,
        head: &'r mut Parts,
        body: Body,
        state: &'r S,
        awaited: Option<Box<Awaited<'r>>>,
    ) -> impl Future<Output = Result<Response, Problem>> + Send
    where
        H: HandlerFn<T, Output: IntoResponse, Future: Send>,
        T: Arguments<S>,
        P: Principal + FromRequestParts<S>,
        S: Clone + Send + Sync + 'static,
    {
        async move {
            let values = T::extract(head, body, state).await?;
            if let Some(awaited) = awaited.filter(|awaited| awaited.took_long())
                && let Some(refused) = Box::pin(awaited.refused::<P, S>(state)).await
            {
                return Ok(refused);
            }
            Ok(self.handler.call(values).await.into_response())
        }
    }
}

/// A body that is read after its caller was allowed, and what is asked again when it took long to come.
struct Awaited<'a> {
    /// The head as it came.
    head: Parts,
    question: Question<'a>,
    exchange: &'a Exchange,
    /// When the caller was allowed, by the monotonic clock.
    since: Duration,
}

impl<'a> Awaited<'a> {
    fn new(head: &Parts, question: Question<'a>, exchange: &'a Exchange) -> Box<Self> {
        Box::new(Self { head: head.clone(), question, exchange, since: Duration::ZERO })
    }

    fn took_long(&self) -> bool {
        self.exchange.app().clock.monotonic().saturating_sub(self.since) > HOLDS_FOR
    }

    /// The answer to a caller who is not allowed any more.
    async fn refused<P, S>(mut self, state: &S) -> Option<Response>
    where
        P: Principal + FromRequestParts<S>,
        S: Clone + Send + Sync + 'static,
    {
        let answer = recheck::<P, S>(self.question, &mut self.head, state).answer().await;
        (!answer.status().is_success()).then_some(answer)
    }
}

/// What is asked of a caller.
#[derive(Clone, Copy)]
struct Question<'a> {
    requirement: &'a Requirement,
    reads: Reads,
    /// Where it is noted which objects were granted, if somebody may ask again.
    objects: Option<&'a GrantedObjects>,
}

/// Lets through whoever the requirement allows. Whoever it does not is refused by a decision.
async fn admit<'q, P, S>(
    question: Question<'q>,
    head: &mut Parts,
    state: &S,
    exchange: &Exchange,
) -> Result<Admission<'q, P>, Problem>
where
    P: Principal + FromRequestParts<S>,
    S: Send + Sync,
{
    let principal = match P::from_request_parts(head, state).await {
        Ok(principal) => principal,
        Err(rejection) => return Err(Problem::from_rejection(rejection)),
    };
    let (answers, path, request) =
        decide(question, principal.authority(), &principal, head, exchange).await?;
    Ok(Admission { principal, requirement: question.requirement, answers, path, request })
}

/// What is answered for an authority that a test poses as, if it does: nothing of the app runs for it.
#[cfg(feature = "testing")]
async fn stood_in(
    question: Question<'_>,
    head: &mut Parts,
    exchange: &Exchange,
) -> Result<Option<Response>, Problem> {
    let Some(posed) = crate::testing::posed::<Authority>(head) else { return Ok(None) };
    decide(question, &posed, &posed, head, exchange).await?;
    Ok(crate::testing::Probe::stands_in(head))
}

/// Lets through whoever has an `authority` that the requirement allows.
async fn decide<'q>(
    Question { requirement, reads, .. }: Question<'q>,
    authority: &Authority,
    principal: &(dyn Any + Send + Sync),
    head: &mut Parts,
    exchange: &Exchange,
) -> Result<(Answers<'q>, Option<PathParameters>, Seen), Problem> {
    let path = match reads.path {
        true => Some(PathParameters::of(head).await?.ok_or_else(Problem::nothing_here)?),
        false => None,
    };
    let time = RequestTime::of(&*exchange.app().clock);
    let facts = Facts { authority, principal, head, time: &time, path: path.as_ref(), resource: None };
    let mut answers = Answers::default();
    if let Err(refusal) = requirement.weigh(facts, &mut answers).await {
        let problem = Denied::from(refusal.denial.clone()).into();
        return Err(decision::refused(exchange, head, authority, refusal, Stage::Route, problem));
    }
    let request = Seen::of(head, requirement, reads.headers, time.read());
    Ok((answers, path, request))
}

/// The same question, to be asked again of the same head, and whether the objects are still granted: each time in an exchange
/// of its own, with its clean-ups.
fn recheck<P, S>(question: Question<'_>, head: &mut Parts, state: &S) -> Recheck
where
    P: Principal + FromRequestParts<S>,
    S: Clone + Send + Sync + 'static,
{
    let exchange = Exchange::of(head).afresh();
    let Question { requirement, reads, objects } = question;
    let (requirement, objects) = (requirement.clone(), objects.cloned().unwrap_or_default());
    let (mut head, state) = (head.clone(), state.clone());
    head.extensions.insert(Rechecking);
    Recheck::new(move || {
        let exchange = exchange.afresh();
        let (requirement, objects) = (requirement.clone(), objects.clone());
        let (mut head, state) = (head.clone(), state.clone());
        head.extensions.insert(exchange.clone());
        let asked = exchange.clone();
        let asking = async move {
            let question = Question { requirement: &requirement, reads, objects: None };
            let admitted = match admit::<P, S>(question, &mut head, &state, &asked).await {
                Ok(_) => objects.ask_again(&mut head).await,
                Err(problem) => Err(problem),
            };
            admitted.map_or_else(IntoResponse::into_response, |()| StatusCode::OK.into_response())
        };
        Running::new(exchange, || Box::pin(asking))
    })
}

impl Shared {
    /// Adds the challenge a denial calls for, the guard's or the handler's own: a 401 always has one (RFC 9110, section
    /// 15.5.2), where there is a scheme to name.
    fn challenge<T, P, S>(&self, response: &mut Response)
    where
        T: Arguments<S>,
        P: Describe<S>,
    {
        let challenged = response.headers().contains_key(header::WWW_AUTHENTICATE);
        let Some(problem) = response.extensions().get::<Problem>().filter(|_| !challenged) else { return };
        let denial = match problem.denial() {
            Some(denial) => denial.clone(),
            None if problem.status() == StatusCode::UNAUTHORIZED => Denial::NotAuthenticated,
            None => return,
        };
        let presented = problem.presented_challenge().map(str::to_owned);
        let schemes = self.schemes.get_or_init(|| self.schemes::<T, P, S>());
        for challenge in challenges(schemes, &denial, presented.as_deref()) {
            response.headers_mut().append(header::WWW_AUTHENTICATE, challenge);
        }
    }

    fn schemes<T, P, S>(&self) -> Vec<Scheme>
    where
        T: Arguments<S>,
        P: Describe<S>,
    {
        let mut schemas = Schemas::default();
        let mut description = Description::of_path("", &mut schemas);
        if matches!(self.rule, Rule::Requires(_)) {
            P::describe(&mut description);
        }
        T::describe(&mut description);
        description.needs.iter().flat_map(|need| need.schemes()).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::{
        requirement::scope,
        router::{IntoEndpoint, get},
    };

    #[derive(Clone)]
    struct Caller(Arc<Authority>);

    impl Principal for Caller {
        fn authority(&self) -> &Authority {
            &self.0
        }
    }

    impl<S: Sync> FromRequestParts<S> for Caller {
        type Rejection = Infallible;

        async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Infallible> {
            Ok(Self(Arc::new(Authority::account("ada"))))
        }
    }

    impl<S> Describe<S> for Caller {
        fn describe(_: &mut Description<'_>) {}
    }

    /// What glibc's allocator keeps at hand for each thread. Something larger costs about ten times as much to allocate, and
    /// this is allocated for every request.
    const KEPT_AT_HAND: usize = 1032;

    #[test]
    fn the_future_of_a_guarded_endpoint_is_no_larger_than_what_an_allocator_keeps_at_hand() {
        let route = get(async |caller: Caller| caller.0.subject().to_string()).requires(scope("me:read"));
        let methods = IntoEndpoint::<Caller, ()>::methods(route, "/me", &Mounted::default());
        let answer = methods.endpoints[0].call(Request::default(), &());
        assert!(size_of_val(&*answer) <= KEPT_AT_HAND, "{}", size_of_val(&*answer));
    }
}
