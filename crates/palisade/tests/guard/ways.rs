//! The two ways of a built router answer the same: `Built::router`, which is axum's, and `Built::service`, which goes to
//! Palisade's own routes directly. What differs by design is `content-length`, which axum's router adds and the service leaves
//! to the server.

mod app;
mod both;
mod near;

use std::sync::LazyLock;

use proptest::prelude::{ProptestConfig, Strategy, prop, prop_assert_eq, proptest};
use tokio::runtime::{Builder, Runtime};

use self::{
    app::built,
    both::{Asked, Both, ask},
};

const ADMIN: &str = "account~a.b~admin~10";
const EDITOR: &str = "account~a~editor~3000";
const CALLERS: [Option<&str>; 6] =
    [None, Some(ADMIN), Some(EDITOR), Some("delegated~b"), Some("forged"), Some("unknown")];
const METHODS: [&str; 12] =
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE", "get", "X-Y", "PROPFIND"];

/// A request, and the status and the beginning of the body that are answered.
type Row = (Asked, u16, &'static str);

/// Asks each of `rows` in both ways.
async fn each(rows: impl IntoIterator<Item = Row>) {
    let both = Both::of(built(true));
    let mut wrong = Vec::new();
    for (asked, status, begins) in rows {
        let (by_axum, by_service) = both.answers(&asked).await;
        if by_axum != by_service {
            wrong.push(format!("{asked:?}\n  axum's router: {by_axum:?}\n  the service: {by_service:?}"));
        } else if by_axum.status != status || !by_axum.text.starts_with(begins) {
            wrong.push(format!("{asked:?}\n  not {status} {begins:?}, but {by_axum:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn get(path: &str) -> Asked {
    ask("GET", path)
}

#[tokio::test]
async fn paths_match_the_same() {
    each([
        (get("/"), 200, "root"),
        (get("/static").by(ADMIN), 200, "static"),
        (get("/static"), 401, "{"),
        (get("/static?x=1").by(ADMIN), 200, "static"),
        (get("/static/").by(ADMIN), 200, "GET /static/"),
        (get("/slash/"), 200, "slash"),
        (get("/slash").by(ADMIN), 200, "GET /slash"),
        (get("/items/7"), 200, "item 7"),
        (get("/items/%37"), 200, "item 7"),
        (get("/items/seven"), 422, "{"),
        (get("/items/"), 401, "{"),
        (get("/items/special").by(ADMIN), 200, "special"),
        (get("/items/speci%61l").by(ADMIN), 422, "{"),
        (get("/items/special?x").by(EDITOR), 403, "{"),
        (ask("PUT", "/items/special").by(ADMIN), 405, "{"),
        (ask("PUT", "/items/a%2Fb").by(ADMIN), 200, "item \"a/b\""),
        (ask("PUT", "/items/a%ffb").by(ADMIN), 422, "{"),
        (ask("PUT", "/items/%").by(ADMIN), 200, "item \"%\""),
        (ask("PUT", "/items/%C3%A9+%20").by(ADMIN), 200, "item \"é+ \""),
        (ask("PUT", "/items/%00").by(ADMIN), 200, "item \"\\0\""),
        (ask("PUT", "/items/a%ffb"), 401, "{"),
        (get("/items/7/parts/oak"), 200, "part \"oak\" of 7"),
        (get("/items/7/parts/"), 401, "{"),
        (get("/items//parts/oak"), 422, "{"),
        (get("/items/7/parts/%ff"), 422, "{"),
        (ask("POST", "/items/7/parts/oak").by(EDITOR), 200, "Part { id: 7"),
        (get("/files/a/b/c"), 200, "file \"a/b/c\""),
        (get("/files//"), 200, "file \"/\""),
        (get("/files//a//"), 200, "file \"/a//\""),
        (get("/files/../x/%2e%2e"), 200, "file \"../x/..\""),
        (get("/files/%ff"), 422, "{"),
        (get("/files/"), 401, "{"),
        (get("/files"), 401, "{"),
        (get("/files/known"), 200, "known"),
        (get("/files/known/"), 200, "file \"known/\""),
        (ask("DELETE", "/files/known"), 405, "{"),
        (ask("DELETE", "/files/x").by(EDITOR), 200, "file"),
        (get("/v2"), 200, "file \"2\""),
        (get("/v"), 401, "{"),
        (get("/odd%20path"), 200, "odd"),
        (get("//static"), 401, "{"),
        (get("/number/7"), 200, "number 7"),
        (get("/number/x"), 422, "{"),
        (get("/1/2/3/4/5"), 200, "five"),
        (get("/hidden"), 200, "hidden"),
        (get("/nothing").by(ADMIN), 200, "GET /nothing"),
        (get("/nothing"), 401, "{"),
        (get("/openapi.json"), 200, "{"),
        (get("/docs"), 200, "<"),
        (get("http://api.example/items/7"), 200, "item 7"),
    ])
    .await;
}

#[tokio::test]
async fn methods_match_the_same() {
    each([
        (get("/items"), 200, "list"),
        (ask("HEAD", "/items"), 200, ""),
        (ask("HEAD", "/static"), 401, ""),
        (ask("HEAD", "/static").by(ADMIN), 200, ""),
        (ask("HEAD", "/any"), 200, ""),
        (ask("POST", "/items").by(ADMIN).json(r#"{"word":"oak"}"#), 200, "Page"),
        (
            ask("PUT", "/items").by(ADMIN).sending("application/x-www-form-urlencoded", "word=a%20b"),
            200,
            "Page",
        ),
        (ask("PATCH", "/items").sending("text/plain", "é"), 200, "\"é\""),
        (ask("DELETE", "/items").by(EDITOR), 403, "{"),
        (ask("DELETE", "/items").by(ADMIN), 200, "clear"),
        (ask("OPTIONS", "/items"), 405, "{"),
        (ask("OPTIONS", "/options"), 200, "options"),
        (get("/options"), 405, "{"),
        (ask("PURGE", "/items"), 405, "{"),
        (ask("PURGE", "/items/7"), 405, "{"),
        (ask("PURGE", "/any"), 200, "PURGE /any"),
        (ask("get", "/any"), 200, "get /any"),
        (ask("OPTIONS", "/any?x"), 200, "OPTIONS /any?x"),
        (ask("TRACE", "/any/7").by(ADMIN), 200, "TRACE"),
        (get("/any/7"), 200, "item 7"),
        (ask("HEAD", "/any/7"), 200, ""),
        (ask("POST", "/any/7"), 401, "{"),
        (ask("PURGE", "/nothing").by(ADMIN), 200, "PURGE"),
        (ask("OPTIONS", "*"), 401, "{"),
    ])
    .await;
}

#[tokio::test]
async fn handlers_are_given_the_same() {
    each([
        (get("/query?word=oak&page=3"), 200, "Page { page: Some(3)"),
        (get("/query?page=x"), 422, "{"),
        (ask("POST", "/query?word=a%20b"), 200, "Page { page: None, word: \"a b\""),
        (ask("POST", "/query"), 400, ""),
        (ask("POST", "/bytes").by(ADMIN).sending("application/octet-stream", "raw"), 200, "b\"raw\""),
        (ask("POST", "/items").by(ADMIN).json("{"), 422, "{"),
        (ask("POST", "/items").by(ADMIN).json("{}"), 422, "{"),
        (ask("POST", "/items").by(ADMIN).sending("text/plain", "{}"), 415, "{"),
        (get("/axum/7/oak"), 200, "Part { id: 7"),
        (get("/axum/x/oak"), 400, ""),
        (get("/axum/7/%ff"), 400, ""),
        (get("/matched/7"), 200, "matched /matched/{id}"),
        (ask("POST", "/matched/7"), 200, "item 7"),
        (ask("PUT", "/matched/7").by(ADMIN), 200, "beside"),
        (get("/original/%37?x").by(ADMIN), 200, "originally /original/%37?x"),
        (get("/extensions/7"), 200, "Some(\"/extensions/{id}\"), Some(/extensions/7)"),
        (get("/whole/7").by(ADMIN), 200, "GET /whole/7: Some(\"/whole/{id}\")"),
        (ask("PURGE", "/whole/7"), 401, "{"),
        (get("/undescribed/a%20b/c?q"), 200, "[(\"id\", \"a b\"), (\"part\", \"c\")] Some(\"q\")"),
        (ask("POST", "/undescribed-body").sending("text/plain", "text"), 200, "text"),
        (get("/nested-path"), 500, ""),
        (get("/placed/7"), 200, "/placed/{id} at /placed/7"),
        (get("/marked"), 200, "marked"),
        (ask("POST", "/marked").by(ADMIN), 200, "marked"),
        (get("/greets"), 200, "somebody"),
        (get("/greets").by(ADMIN), 200, "you"),
        (get("/greets").by("forged"), 401, "{"),
        (get("/panics"), 500, "{"),
        (ask("POST", "/panics").by(ADMIN), 500, "{"),
        (get("/refuses").by(ADMIN), 401, "{"),
        (get("/refuses").by("unknown"), 503, "{"),
        (get("/streams"), 200, "one two three"),
        (ask("HEAD", "/streams"), 200, ""),
        (get("/socket/acme"), 401, "{"),
        (get("/socket/acme").by(ADMIN), 426, "{"),
        (
            get("/socket/acme")
                .by(ADMIN)
                .with("connection", "upgrade")
                .with("upgrade", "websocket")
                .with("sec-websocket-version", "13")
                .with("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
            426,
            "{",
        ),
        (ask("POST", "/recent").by(EDITOR), 403, "{"),
        (ask("POST", "/recent").by(ADMIN), 200, "recent"),
        (get("/orgs/acme/staff").by(ADMIN), 403, "{"),
        (get("/orgs/%ff/staff").by(ADMIN), 404, "{"),
        (get("/orgs/%ff/staff"), 401, "{"),
    ])
    .await;
}

#[tokio::test]
async fn layers_nested_routers_and_mounts_are_the_same() {
    each([
        (get("/layered/7"), 200, "item 7"),
        (get("/layered/7").with("x-layer", "inner"), 200, "inner"),
        (get("/layered/x").with("x-layer", "outer"), 200, "outer"),
        (ask("POST", "/layered/7").by(ADMIN).with("x-layer", "outer"), 200, "item \"7\""),
        (ask("PUT", "/layered/7"), 405, ""),
        (ask("HEAD", "/layered/7"), 200, ""),
        (get("/within"), 401, "{"),
        (get("/within").by(ADMIN), 200, "within"),
        (get("/without"), 200, "without"),
        (get("/late"), 200, "late"),
        (ask("POST", "/late").by(ADMIN), 200, "later"),
        (ask("PUT", "/late").with("x-layer", "late"), 200, "early"),
        (ask("DELETE", "/late"), 405, ""),
        (get("/machines"), 401, "{"),
        (get("/machines").with("x-machine", "m"), 200, "machines"),
        (get("/machines/sync/7").with("x-machine", "m"), 200, "item 7"),
        (get("/machines/nothing").with("x-machine", "m"), 200, "GET /machines/nothing"),
        (get("/machines/"), 401, "{"),
        (get("/nested").by(ADMIN), 200, "the nested root"),
        (ask("POST", "/nested").by(ADMIN), 405, "{"),
        (get("/nested/").by(ADMIN), 418, "nested"),
        (get("/nested/"), 401, "{"),
        (get("/nested/items/7"), 200, "item 7"),
        (ask("POST", "/nested/items/7").by(ADMIN), 200, "item \"7\""),
        (get("/nested/matched/7"), 200, "matched /nested/matched/{id}"),
        (get("/nested/7/8").by(ADMIN), 418, "nested"),
        (get("/tenants/acme").by(ADMIN), 403, "{"),
        (get("/tenants/ac%20me/papers/a%2Fb").by(ADMIN), 200, "\"a/b\" of \"ac me\""),
        (get("/tenants/%ff/papers/x").by(ADMIN), 422, "{"),
        (get("/own/state/7"), 200, "a state of its own 7"),
        (get("/own/state/x"), 422, "{"),
        (get("/legacy"), 200, "the foreign root"),
        (get("/legacy/"), 200, "the foreign root"),
        (get("/legacy/items/7"), 200, "foreign 7"),
        (ask("POST", "/legacy/items/7"), 200, "POST /items/7: Some(\"/legacy/items/{id}\")"),
        (ask("PUT", "/legacy/items/7"), 405, ""),
        (get("/legacy/items/x"), 400, ""),
        (get("/legacy/inner/a/b"), 200, "GET /a/b"),
        (get("/legacy/nothing"), 418, "no /legacy/nothing"),
        (get("/legacyx"), 401, "{"),
        (get("/guarded/7"), 401, "{"),
        (get("/guarded/7/items/8").by(ADMIN), 500, ""),
        (ask("HEAD", "/guarded/7/").by(ADMIN), 200, ""),
        (ask("PURGE", "/guarded/7/x/").by("delegated~b"), 403, "{"),
    ])
    .await;
}

/// Where there is no fallback, 404 is answered.
#[tokio::test]
async fn what_matches_nothing_is_the_same() {
    let both = Both::of(built(false));
    for path in ["/nothing", "/items/", "//", "/items/7/", "/legacyx", "/files/", "*"] {
        for method in METHODS {
            assert_eq!(both.answer(ask(method, path)).await.status, 404, "{method} {path}");
        }
    }
    let long = format!("/{}", "x/".repeat(20_000));
    assert_eq!(both.answer(get(&long)).await.status, 404);
    assert_eq!(both.answer(get(&format!("/files{long}"))).await.status, 200);
}

#[tokio::test]
async fn the_methods_of_a_path_are_told_the_same() {
    let both = Both::of(built(true));
    for (path, allow) in [
        ("/items", "GET,HEAD,POST,DELETE,PUT,PATCH"),
        ("/static", "GET,HEAD"),
        ("/options", "OPTIONS"),
        ("/matched/7", "GET,HEAD,POST,PUT"),
    ] {
        for method in ["TRACE", "PURGE", "X-Y"] {
            let seen = both.answer(ask(method, path)).await;
            assert_eq!(
                (seen.status.as_u16(), seen.headers["allow"].to_str().unwrap()),
                (405, allow),
                "{path}"
            );
        }
    }
}

/// Pieces of the paths above, and what is near them.
fn segment() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "static",
        "slash",
        "items",
        "special",
        "parts",
        "files",
        "known",
        "any",
        "options",
        "v1",
        "v",
        "number",
        "query",
        "bytes",
        "axum",
        "matched",
        "original",
        "extensions",
        "whole",
        "undescribed",
        "placed",
        "marked",
        "greets",
        "panics",
        "streams",
        "socket",
        "orgs",
        "staff",
        "layered",
        "within",
        "without",
        "late",
        "machines",
        "sync",
        "nested",
        "tenants",
        "papers",
        "own",
        "state",
        "legacy",
        "inner",
        "guarded",
        "hidden",
        "docs",
        "openapi.json",
        "7",
        "007",
        "-1",
        "x",
        "",
        "",
        "%2F",
        "%2f7",
        "%ff",
        "%",
        "%zz",
        "%00",
        "%C3%A9",
        ".",
        "..",
        "%2e%2e",
        "a+b",
        "a;b=c",
        "{id}",
        "{*rest}",
        "*",
        "7%20",
        "Static",
        "it%65ms",
        "1e3",
        "99999999999",
    ])
}

/// A path of a few segments: half of them begin as a route does.
fn path() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "/",
        "/static",
        "/items/7",
        "/items/7/parts/oak",
        "/files/a/b",
        "/any/7",
        "/nested/items/7",
        "/tenants/acme/papers/1",
        "/own/state/7",
        "/legacy/items/7",
        "/guarded/7/items",
        "/machines/sync/7",
        "/layered/7",
        "/matched/7",
        "/whole/7",
        "/undescribed/7/8",
        "/axum/7/8",
        "/orgs/acme/staff",
    ]);
    let drawn = || {
        prop::collection::vec(segment(), 0..6)
            .prop_map(|segments| segments.iter().map(|segment| format!("/{segment}")).collect::<String>())
    };
    let begun = (known, drawn()).prop_map(|(known, rest)| known.to_owned() + &rest);
    (
        proptest::bool::ANY,
        begun,
        drawn(),
        prop::sample::select(vec!["", "/", "?word=oak", "?page=%ff&x", "?"]),
    )
        .prop_map(|(begins, begun, drawn, end)| format!("{}{end}", if begins { begun } else { drawn }))
        .prop_map(|path| if path.starts_with('/') { path } else { format!("/{path}") })
}

fn request() -> impl Strategy<Value = Asked> {
    let method = prop::sample::select(METHODS.to_vec());
    let caller = prop::sample::select(CALLERS.to_vec());
    let header = prop::sample::select(vec![
        ("x-none", ""),
        ("x-machine", "m"),
        ("x-layer", "inner"),
        ("x-layer", "late"),
    ]);
    let body = prop::sample::select(vec![
        ("text/plain", ""),
        ("application/json", r#"{"word":"oak"}"#),
        ("application/json", "{"),
        ("application/x-www-form-urlencoded", "word=oak&page=2"),
    ]);
    (method, path(), caller, header, body).prop_map(
        |(method, path, caller, (name, value), (media_type, body))| {
            let asked = ask(method, path).with(name, value).sending(media_type, body);
            match caller {
                Some(caller) => asked.by(caller),
                None => asked,
            }
        },
    )
}

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Builder::new_current_thread().build().unwrap());
static WITH_A_FALLBACK: LazyLock<Both> = LazyLock::new(|| Both::of(built(true)));
static WITHOUT: LazyLock<Both> = LazyLock::new(|| Both::of(built(false)));

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8_000))]

    #[test]
    fn attack_a_request_that_one_way_answers_otherwise(asked in request(), fallback in proptest::bool::ANY) {
        let both = if fallback { &WITH_A_FALLBACK } else { &WITHOUT };
        let (by_axum, by_service) = RUNTIME.block_on(both.answers(&asked));
        prop_assert_eq!(by_service, by_axum, "the service first");
    }
}
