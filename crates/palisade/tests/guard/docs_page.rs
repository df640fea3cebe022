//! The page that shows the document: everything from here, nothing from elsewhere, asked for once.

use palisade::{prelude::*, testing::Client};

use crate::support::{Api, App, done};

fn client() -> Client {
    let api = Api::new().document(Info::new("x", "1")).route("/x", get(done).requires(scope("a")));
    Client::new(api.with_state(App::default()).into_axum().unwrap())
}

#[tokio::test]
async fn the_page_and_its_files_are_served_with_a_policy() {
    for (path, media_type) in [
        ("/docs", "text/html; charset=utf-8"),
        ("/docs/start.js", "text/javascript; charset=utf-8"),
        ("/docs/swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
        ("/docs/swagger-ui.css", "text/css; charset=utf-8"),
    ] {
        let answer = client().get(path).send().await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (200, Some(media_type)),
            "{path}"
        );
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        assert!(
            !policy.contains("http")
                && !policy.contains("unsafe-eval")
                && policy.contains("script-src 'self';")
        );
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
    }
}

#[tokio::test]
async fn the_page_asks_no_other_host() {
    for path in ["/docs", "/docs/start.js"] {
        let text = client().get(path).send().await.text();
        assert!(!text.contains("//cdn") && !text.contains("https:") && !text.contains("http:"), "{path}");
    }
}

#[tokio::test]
async fn who_has_a_version_is_not_sent_it_again() {
    for path in ["/docs", "/docs/swagger-ui-bundle.js", "/openapi.json"] {
        let first = client().get(path).send().await;
        let tag = first.header("etag").unwrap().to_owned();
        for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
            let again = client().get(path).header("if-none-match", &known).send().await;
            assert_eq!((again.status.as_u16(), again.body.len()), (304, 0), "{path} {known}");
            assert_eq!(again.header("etag"), Some(tag.as_str()));
        }
        assert_eq!(client().get(path).header("if-none-match", "\"other\"").send().await.status, 200);
    }
    assert_eq!(client().get("/openapi.json").send().await.json()["openapi"], "3.1.0");
}
