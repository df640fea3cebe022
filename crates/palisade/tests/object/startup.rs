//! Mistakes that are told before anything is served.

use std::borrow::Cow;

use palisade::prelude::*;

use crate::support::{Api, App, Caller, Doc, Page, Paper, Read, Staff, anybody, api, faults, read};

#[test]
fn the_api_under_test_has_no_faults() {
    assert_eq!(faults(api()), Vec::<String>::new());
}

#[track_caller]
fn refuses_to_start(api: Api, words: &str) {
    let faults = faults(api);
    assert!(faults.iter().any(|fault| fault.contains(words)), "{words:?} in {faults:#?}");
}

#[test]
fn a_path_without_the_objects_parameter() {
    let api = Api::new().route("/pages/{id}", get(read::<Page>).requires(anybody()));
    refuses_to_start(api, "`Granted<Read, Page>` is about the object that the path parameter `page` names");
}

#[test]
fn a_path_without_the_tenants_parameter() {
    let api = Api::new().route("/papers/{paper}", get(read::<Paper>).requires(anybody()));
    refuses_to_start(api, "a `Paper` belongs to the tenant that the path parameter `org` names");
    async fn list(_: Grants<Read, Paper>) {}
    let api = Api::new().route("/papers", get(list).requires(anybody()));
    refuses_to_start(api, "a `Paper` belongs to the tenant that the path parameter `org` names");
}

#[test]
fn a_public_route_that_needs_to_know_who_may() {
    let api = Api::new().route("/pages/{page}", get(read::<Page>).public("open to all"));
    refuses_to_start(api, "it is public, but its handler asks for a credential");
}

struct Odd<const N: u8>;

/// A document of which policies go wrong.
#[derive(Clone)]
struct Note(Doc);

impl Resource for Note {
    type Principal = Caller;
    type Id = String;
    const PARAMETER: &'static str = "note";

    fn id(&self) -> String {
        self.0.id.clone()
    }

    fn tenant(&self) -> Option<Cow<'_, str>> {
        self.0.org.as_deref().map(Cow::Borrowed)
    }
}

impl Load<App> for Note {
    async fn load(_: &String, _: &App) -> Result<Option<Self>, Problem> {
        Ok(None)
    }
}

macro_rules! odd {
    ($($number:literal: $requirement:expr;)*) => {$(
        impl Policy<Odd<$number>, Note> for Caller {
            fn requirement() -> Requirement {
                $requirement
            }
        }
    )*};
}

odd! {
    0: !scope("docs");
    1: relation("owner", |_: &Caller, _: &Page| true);
    2: role(Staff::Viewer).within("org");
    3: relation("same", |_: &Caller, _: &Note| true);
    4: relation("same", |_: &Caller, _: &Note| false);
    5: check("same", |_| true);
    6: check("same", |_| false);
}

async fn odd<const N: u8>(_: Granted<Odd<N>, Note>)
where
    Caller: Policy<Odd<N>, Note>,
{
}

#[test]
fn a_policy_that_cannot_be_checked() {
    let api = Api::new().route("/notes/{note}", get(odd::<0>).requires(anybody()));
    refuses_to_start(api, "the policy for `Odd<0>` of `Note`: `!scope(docs)` cannot be checked");
}

#[test]
fn a_relation_to_another_kind_of_object() {
    let api = Api::new().route("/notes/{note}", get(odd::<1>).requires(anybody()));
    refuses_to_start(api, "for which it can never be told");
}

#[test]
fn a_policy_about_a_tenant_for_an_object_that_says_none() {
    let api = Api::new().route("/orgs/{org}/notes/{note}", get(odd::<2>).requires(anybody()));
    refuses_to_start(api, "an object of another tenant would be had by it");
}

#[test]
fn one_name_for_two_relations_or_checks() {
    let both = |one, other| Api::new().route("/a/{note}", one).route("/b/{note}", other);
    let (three, four) = (get(odd::<3>).requires(anybody()), get(odd::<4>).requires(anybody()));
    let relations = Api::new().route("/a/{note}", three).route("/b/{note}", four);
    refuses_to_start(relations, "is also named `same`");
    let (five, six) = (get(odd::<5>).requires(anybody()), get(odd::<6>).requires(anybody()));
    refuses_to_start(
        Api::new().route("/a/{note}", five).route("/b/{note}", six),
        "another check is also named `same`",
    );
    let (three, again) = (get(odd::<3>).requires(anybody()), get(odd::<3>).requires(anybody()));
    assert_eq!(faults(both(three, again)), Vec::<String>::new(), "the same one may be asked twice");
}
