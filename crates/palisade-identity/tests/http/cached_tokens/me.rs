//! The account's view, which is kept with its cached caller.

use super::*;

async fn me(process: &Process, token: &str) -> Value {
    let answer = process.get(token, "/me").await;
    assert_eq!(answer.status, StatusCode::OK);
    answer.json()
}

#[tokio::test]
async fn what_is_kept_of_an_account_for_its_owner_is_invalidated_by_each_change() {
    for by in EITHER {
        let app = App::with_mail().await;
        app.sign_up_at("ada", "ada@example.org").await;
        let (process, other) = (Process::of(&app).await, Process::of(&app).await);
        let routes = match by {
            By::ThisProcess => &process.client,
            By::AnotherProcess => &other.client,
        };
        let (proves, token) = (token_of(&app.post.next().await), app.token("ada").await);
        let read = async || {
            let first = me(&process, &token).await;
            assert_eq!(me(&process, &token).await, first);
            first
        };
        let prove = async |token: &str| {
            let answer = routes.post("/email/verify").json(&json!({ "token": token })).send().await;
            assert_eq!(answer.status, StatusCode::NO_CONTENT);
            by.noticed(&app);
        };
        assert_eq!(read().await["email_verified"], false);
        prove(&proves).await;
        assert_eq!(read().await["email_verified"], true);

        let change = json!({ "email": "ada@example.net" });
        let patched = routes.bearer(&token).request(Method::PATCH, "/me").json(&change).send().await;
        assert_eq!(patched.status, StatusCode::OK, "{}", patched.text());
        assert_eq!(read().await["email"], "ada@example.org", "it is to be proven first");
        prove(&token_of(&app.post.next().await)).await;
        assert_eq!(read().await["email"], "ada@example.net");

        let ada = app.account("ada").await.id;
        let accounts = by.accounts(&app, &process);
        accounts.set_roles(Actor::Operator, ada, Role::Editor.into()).await.unwrap();
        by.noticed(&app);
        assert_eq!(read().await["roles"], json!(["editor"]));
        let set = Some("ada@example.com".parse().unwrap());
        accounts.set_email(Actor::Operator, ada, set, None).await.unwrap();
        by.noticed(&app);
        let now = read().await;
        assert_eq!((&now["email"], &now["email_verified"]), (&json!("ada@example.com"), &json!(false)));
    }
}

#[tokio::test]
async fn attack_what_is_kept_of_one_account_is_not_shown_to_another() {
    let app = App::with_admin().await;
    app.make("ada", Role::User).await;
    let process = Process::of(&app).await;
    let tokens = [("root", app.token("root").await), ("ada", app.token("ada").await)];
    for (name, token) in tokens.iter().cycle().take(6) {
        assert_eq!(me(&process, token).await["username"], *name);
    }
}
