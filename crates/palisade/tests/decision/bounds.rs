//! How many decisions are kept, and whose.

use palisade::{decision::Decisions, prelude::*};

use crate::support::{Api, Badge, Served, ada, done, serve};

fn named(id: &str) -> Badge {
    Badge { id: id.into(), ..ada() }
}

fn served(decisions: Decisions) -> Served {
    serve(Api::new().route("/", get(done).requires(scope("a"))).decisions(decisions))
}

async fn refused(served: &Served, badge: &Badge, times: usize) {
    let client = served.by(badge);
    for _ in 0..times {
        assert_eq!(client.get("/").send().await.status, 403);
    }
}

fn kept(served: &Served, id: &str) -> usize {
    let of_them = |subject: &str| subject == format!("account {id}");
    served.decisions.list(10_000).iter().filter(|decision| of_them(&decision.subject.to_string())).count()
}

#[tokio::test]
async fn attack_one_caller_pushes_out_the_decisions_of_others() {
    let served = served(Decisions::bounded(64));
    for caller in 0..15 {
        refused(&served, &named(&format!("caller-{caller}")), 4).await;
    }
    refused(&served, &named("mallory"), 500).await;
    assert_eq!(kept(&served, "mallory"), 4, "a sixteenth");
    for caller in 0..15 {
        assert_eq!(kept(&served, &format!("caller-{caller}")), 4);
    }
}

#[tokio::test]
async fn the_oldest_makes_room_and_can_no_longer_be_found() {
    let served = served(Decisions::bounded(16));
    let first =
        served.by(&named("first")).get("/").send().await.json()["decision"].as_str().unwrap().to_owned();
    for caller in 0..16 {
        refused(&served, &named(&format!("caller-{caller}")), 1).await;
    }
    assert_eq!(served.decisions.list(100).len(), 16);
    assert_eq!(served.decisions.find(first.parse().unwrap()), None);
}

/// Whoever can have long scopes issued cannot fill the memory with them.
#[tokio::test]
async fn attack_a_decision_as_large_as_can_be() {
    let served = served(Decisions::bounded(32));
    let badge = Badge { huge: true, ..ada() };
    refused(&served, &badge, 3).await;
    for decision in served.decisions.list(10) {
        assert!(serde_json::to_vec(&decision).unwrap().len() <= 8192);
        assert!(decision.facts.held.more_scopes, "it says that something is missing");
    }
    assert_eq!(served.decisions.list(10).len(), 2);
}

/// A source that always draws the same makes one decision of all, and harms nothing else.
#[tokio::test]
async fn attack_an_id_that_is_drawn_again() {
    #[derive(Debug)]
    struct Same;
    impl palisade::random::Random for Same {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), palisade::random::RandomUnavailable> {
            bytes.fill(5);
            Ok(())
        }
    }
    let api = Api::new().route("/", get(done).requires(scope("a"))).random(std::sync::Arc::new(Same));
    let built = api.build().unwrap();
    for id in ["a", "b", "a"] {
        let client = crate::support::by(&palisade::testing::Client::new(built.router.clone()), &named(id));
        assert_eq!(client.get("/").send().await.status, 403);
    }
    let all = built.decisions.list(10);
    assert_eq!((all.len(), all[0].subject.to_string().as_str()), (1, "account a"));
}

fn bytes(decisions: &Decisions) -> usize {
    decisions.list(100).iter().map(|decision| serde_json::to_vec(decision).unwrap().len()).sum()
}

#[tokio::test]
async fn attack_a_share_of_nothing_but_large_decisions() {
    let named_scope = |at: usize| scope(&format!("a-long-name-of-a-scope-{at}"));
    let large = (1..60).map(named_scope).fold(named_scope(0), |all, one| all & one);
    let decisions = Decisions::bounded(64);
    let served = serve(Api::new().route("/", get(done).requires(large)).decisions(decisions));
    refused(&served, &named("mallory"), 8).await;
    let kept_of_one = kept(&served, "mallory");
    assert!((1..4).contains(&kept_of_one), "fewer than a sixteenth of them: {kept_of_one}");
    assert!(bytes(&served.decisions) <= 64 * 4096 / 16);
    for caller in 0..60 {
        refused(&served, &named(&format!("caller-{caller}")), 1).await;
    }
    let all = served.decisions.list(100).len();
    assert!((32..60).contains(&all), "as many as there is room for: {all}");
    assert!(bytes(&served.decisions) <= 64 * 4096);
}

/// Requires all of these.
fn requiring(parts: impl Iterator<Item = Requirement>) -> Served {
    let all = parts.reduce(|all, one| all & one).unwrap();
    serve(Api::new().route("/", get(done).requires(all)))
}

#[tokio::test]
async fn what_is_too_large_with_its_explanation_is_kept_without() {
    let served = requiring((0..150).map(|at| scope(&format!("a-long-name-of-a-scope-{at}"))));
    let answer = served.by(&ada()).get("/").send().await;
    let decision = served.only(&answer);
    assert_eq!((answer.status.as_u16(), &decision.explanation), (403, &None));
    assert!(decision.to_string().ends_with("(what was required is too large to be kept)\n"));
}

#[tokio::test]
async fn what_is_too_large_without_its_explanation_is_not_kept() {
    let served = requiring((0..200).map(|at| {
        let name: &'static str = Box::leak(format!("{at}-{}", "n".repeat(50)).into_boxed_str());
        check(name, move |_| at < 199)
    }));
    let answer = served.by(&ada()).get("/").send().await;
    assert_eq!((answer.status.as_u16(), answer.json().get("decision")), (403, None));
    assert_eq!(served.decisions.list(10), []);
}
