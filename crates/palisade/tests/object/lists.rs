//! Lists: they show what single requests grant, and nothing else.

use futures_util::StreamExt;
use palisade::{object::Predicate, prelude::*};
use proptest::prelude::{any, *};

use crate::support::{Api, App, Caller, Count, Doc, Edit, Page, Paper, Read, anybody, api, serve};

async fn pages(pages: Grants<Read, Page>, State(app): State<App>) -> Result<Json<Vec<String>>, Problem> {
    app.ran.count();
    let docs: Vec<Doc> = app.docs.lock().unwrap().values().cloned().collect();
    let granted = pages.retain(docs.into_iter().map(Page));
    Ok(Json(granted.map(|page| page.map(|page| page.id().clone())).collect::<Result<_, _>>()?))
}

async fn streamed(pages: Grants<Read, Page>, State(app): State<App>) -> Result<Json<Vec<String>>, Problem> {
    let docs: Vec<Page> = app.docs.lock().unwrap().values().cloned().map(Page).collect();
    let granted: Vec<Result<_, Problem>> =
        pages.retain_stream(futures_util::stream::iter(docs)).collect().await;
    Ok(Json(granted.into_iter().map(|page| page.map(|page| page.id().clone())).collect::<Result<_, _>>()?))
}

#[tokio::test]
async fn a_list_shows_each_caller_what_they_may_have() {
    let app = App::holding([Doc::of("a", "ada"), Doc::of("b", "gil").read_by("ada"), Doc::of("c", "gil")]);
    let api = api()
        .route("/pages", get(pages).requires(anybody()))
        .route("/streamed", get(streamed).requires(anybody()));
    let client = serve(api, &app);
    for path in ["/pages", "/streamed"] {
        assert_eq!(client.bearer("ada").get(path).send().await.text(), r#"["a","b"]"#);
        assert_eq!(client.bearer("gil").get(path).send().await.text(), r#"["b","c"]"#);
        assert_eq!(client.bearer("eve").get(path).send().await.text(), "[]");
        assert_eq!(client.get(path).send().await.status, 401);
    }
}

#[tokio::test]
async fn a_list_that_hangs_on_what_nobody_knows_is_503_and_not_shorter() {
    let app = App::holding([Doc::of("a", "eve"), Doc::of("fragile", "ada")]);
    let client = serve(Api::new().route("/pages", get(pages).requires(anybody())), &app);
    assert_eq!(client.bearer("eve").get("/pages").send().await.status, 503);
    assert_eq!(client.bearer("ada").get("/pages").send().await.status, 200, "hers, whatever else");
}

struct Count1;
struct Lost;
struct Whole;

/// How often the check below was asked, in this test.
static ASKED: std::sync::LazyLock<Count> = std::sync::LazyLock::new(Count::default);

impl Policy<Count1, Page> for Caller {
    fn requirement() -> Requirement {
        let owner = relation("owner of it", |caller: &Self, page: &Page| page.0.owner == caller.name);
        let quota = || {
            check_async("quota", |_| {
                Box::pin(async {
                    ASKED.count();
                    Verdict::True
                })
            })
        };
        owner & quota() | scope("all") & quota()
    }
}

impl Policy<Lost, Page> for Caller {
    fn requirement() -> Requirement {
        let down = check_async("down", |_| Box::pin(async { Verdict::Unknown }));
        scope("all") | down & relation("owns", |caller: &Self, page: &Page| page.0.owner == caller.name)
    }
}

impl Policy<Whole, Page> for Caller {
    fn requirement() -> Requirement {
        scope("all") & !check("closed", |_| false)
    }
}

#[tokio::test]
async fn a_check_that_waits_is_asked_once_for_the_whole_list() {
    async fn count(pages: Grants<Count1, Page>) -> Result<String, Problem> {
        let docs = (0..50).map(|at| Page(Doc::of(&at.to_string(), "ada")));
        Ok(pages.retain(docs).collect::<Result<Vec<_>, _>>()?.len().to_string())
    }
    let client = serve(Api::new().route("/", get(count).requires(anybody())), &App::default());
    assert_eq!(client.bearer("ada").get("/").send().await.text(), "50");
    assert_eq!(ASKED.times(), 1);
}

async fn predicate_of<A: 'static>(pages: Grants<A, Page>) -> Result<String, Problem>
where
    Caller: Policy<A, Page>,
{
    Ok(format!("{:?}", pages.predicate()?))
}

#[tokio::test]
async fn what_does_not_hang_on_the_object_is_decided_in_the_predicate() {
    let api = Api::new()
        .route("/lost", get(predicate_of::<Lost>).requires(anybody()))
        .route("/whole", get(predicate_of::<Whole>).requires(anybody()));
    let client = serve(api, &App::default());
    let (all, none) = (client.bearer("ada~account~~all"), client.bearer("ada"));
    assert_eq!(all.get("/whole").send().await.text(), "Everything");
    assert_eq!(none.get("/whole").send().await.text(), "Nothing");
    assert_eq!(all.get("/lost").send().await.text(), "Everything", "it does not hang on what is unknown");
    assert_eq!(none.get("/lost").send().await.status, 503, "a query would show less than is granted");
}

/// What a predicate comes to for a paper, by the meaning of its relations.
pub(crate) fn selects(predicate: &Predicate, caller: &str, doc: &Doc) -> bool {
    match predicate {
        Predicate::Everything => true,
        Predicate::Nothing => false,
        Predicate::Tenant { name, .. } => doc.org.as_deref() == Some(&**name),
        Predicate::Relation { name, negated } => {
            let holds = match *name {
                "owner" => doc.owner == caller,
                "reader" => doc.readers.iter().any(|reader| reader == caller),
                "open" => doc.open,
                "archived" => doc.archived,
                other => panic!("no relation {other}"),
            };
            holds != *negated
        }
        Predicate::All(parts) => parts.iter().all(|part| selects(part, caller, doc)),
        Predicate::Any(parts) => parts.iter().any(|part| selects(part, caller, doc)),
    }
}

async fn compare<A: 'static>(
    papers: Grants<A, Paper>,
    State(app): State<App>,
) -> Result<Json<Vec<String>>, Problem>
where
    Caller: Policy<A, Paper>,
{
    let docs: Vec<Doc> = app.docs.lock().unwrap().values().cloned().collect();
    let caller = papers.principal().name.clone();
    let predicate = papers.predicate()?;
    let selected: Vec<String> =
        docs.iter().filter(|doc| selects(&predicate, &caller, doc)).map(|doc| doc.id.clone()).collect();
    let granted =
        papers.retain(docs.into_iter().map(Paper)).map(|paper| paper.map(|paper| paper.id().clone()));
    let granted = granted.collect::<Result<Vec<_>, _>>()?;
    assert_eq!(selected, granted, "{predicate:?}");
    Ok(Json(granted))
}

pub(crate) fn docs() -> impl Strategy<Value = Vec<Doc>> {
    let name = || prop::sample::select(vec!["ada", "tim", "eve"]).prop_map(str::to_owned);
    let org = prop::sample::select(vec![None, Some("acme"), Some("globex")]);
    let doc = (org, name(), prop::collection::vec(name(), 0..3), any::<bool>(), any::<bool>()).prop_map(
        |(org, owner, readers, open, archived)| Doc {
            id: String::new(),
            org: org.map(str::to_owned),
            owner,
            readers,
            open,
            archived,
        },
    );
    prop::collection::vec(doc, 0..8).prop_map(|docs| {
        let numbered = docs.into_iter().enumerate();
        numbered.map(|(at, doc)| Doc { id: format!("d{at}"), ..doc }).collect()
    })
}

pub(crate) fn tokens() -> impl Strategy<Value = String> {
    let part = |parts: &[&'static str]| prop::sample::select(parts.to_vec());
    let (name, kind) = (part(&["ada", "tim", "eve"]), part(&["account", "delegated"]));
    let orgs = part(&["", "acme-viewer", "acme-editor", "globex-editor", "acme-viewer.globex-editor"]);
    (name, kind, orgs, part(&["", "docs"]))
        .prop_map(|(name, kind, orgs, scopes)| format!("{name}~{kind}~{orgs}~{scopes}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn lists_predicates_and_single_grants_agree(docs in docs(), token in tokens()) {
        let app = App::holding(docs.clone());
        let api = api()
            .route("/orgs/{org}/readable", get(compare::<Read>).requires(anybody()))
            .route("/orgs/{org}/editable", get(compare::<Edit>).requires(anybody()));
        let client = serve(api, &app).bearer(token);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            for (list, method) in [("readable", http::Method::GET), ("editable", http::Method::PUT)] {
                let listed = client.get(&format!("/orgs/acme/{list}")).send().await;
                assert_eq!(listed.status, 200);
                let mut single = Vec::new();
                for doc in &docs {
                    let path = format!("/orgs/acme/papers/{}", doc.id);
                    if client.request(method.clone(), &path).send().await.status == 200 {
                        single.push(doc.id.clone());
                    }
                }
                assert_eq!(listed.json(), serde_json::json!(single), "{list}");
            }
        });
    }
}
