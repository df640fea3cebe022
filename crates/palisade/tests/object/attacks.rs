//! Ids that are not what they seem.

use palisade::prelude::*;

use crate::support::{App, Caller, Doc, Read, anybody, api, seen, serve};

fn shelf() -> App {
    App::holding([Doc::of("plan", "ada"), Doc::of("a/b", "ada"), Doc::of("é", "ada")])
}

#[tokio::test]
async fn attack_a_percent_encoded_id_is_the_id_it_decodes_to_once() {
    let app = shelf();
    let client = serve(api(), &app);
    let (ada, eve) = (client.bearer("ada"), client.bearer("eve"));
    for (path, id) in [("/pages/pl%61n", "plan"), ("/pages/a%2Fb", "a/b"), ("/pages/%C3%A9", "é")] {
        assert_eq!(ada.get(path).send().await.text(), id);
        assert_eq!(eve.get(path).send().await.status, 404, "{path}");
    }
    for path in ["/pages/pl%2561n", "/pages/plan%00", "/pages/plan%20", "/pages/%2e%2e", "/pages/plan;v=1"] {
        assert_eq!(ada.get(path).send().await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn attack_an_id_that_is_no_text_is_like_a_missing_one() {
    let client = serve(api(), &shelf()).bearer("ada");
    let broken = seen(&client.get("/pages/%FF%FE").send().await);
    assert_eq!(broken.0, 404);
    assert_eq!(broken, seen(&client.get("/pages/none").send().await));
}

#[tokio::test]
async fn attack_an_id_in_other_letter_case_grants_nothing_though_the_store_finds_it() {
    let app = shelf();
    let answer = serve(api(), &app).bearer("ada").get("/pages/PLAN").send().await;
    assert_eq!((answer.status.as_u16(), app.ran.times()), (500, 0));
}

#[derive(Clone)]
struct Order(u32);

impl Resource for Order {
    type Principal = Caller;
    type Id = u32;
    const PARAMETER: &'static str = "order";

    fn id(&self) -> u32 {
        self.0
    }
}

impl Load<App> for Order {
    async fn load(id: &u32, app: &App) -> Result<Option<Self>, Problem> {
        app.looked.count();
        Ok((*id == 7).then_some(Self(7)))
    }
}

impl Policy<Read, Order> for Caller {
    fn requirement() -> Requirement {
        relation("buyer", |caller: &Self, _: &Order| caller.name == "ada")
    }
}

#[tokio::test]
async fn attack_an_id_that_does_not_parse_is_like_a_missing_one_and_reaches_no_store() {
    async fn read(order: Granted<Read, Order>) -> String {
        order.id().to_string()
    }
    let app = shelf();
    let api = api().route("/orders/{order}", get(read).requires(anybody()));
    let client = serve(api, &app).bearer("ada");
    assert_eq!(client.get("/orders/7").send().await.text(), "7");
    let missing = seen(&client.get("/orders/8").send().await);
    assert_eq!((missing.0, app.looked.times()), (404, 2));
    for id in ["x", "-7", "7.0", "7%20", "4294967303", "%27%20OR%201=1", "0x7", "%D9%A7"] {
        assert_eq!(seen(&client.get(&format!("/orders/{id}")).send().await), missing, "{id}");
    }
    assert_eq!(app.looked.times(), 2, "none of them reached the store");
}

#[tokio::test]
async fn attack_a_body_is_not_read_for_an_object_that_is_not_granted() {
    use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    };
    async fn edit(_: Granted<crate::support::Edit, crate::support::Page>, _: String) {}
    let app = shelf();
    let client = serve(api().route("/edit/{page}", post(edit).requires(anybody())), &app);
    let read = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&read);
    let chunks = futures_util::stream::poll_fn(move |_| {
        noted.store(true, Ordering::SeqCst);
        std::task::Poll::Ready(None::<Result<axum::body::Bytes, std::io::Error>>)
    });
    let request = client.bearer("eve").post("/edit/plan").body(axum::body::Body::from_stream(chunks));
    assert_eq!(request.send().await.status, 404);
    assert!(!read.load(Ordering::SeqCst));
}
