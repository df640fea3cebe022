use palisade::prelude::*;

#[derive(Clone)]
struct User(Authority);

impl Principal for User {
    fn authority(&self) -> &Authority {
        &self.0
    }
}

struct Doc(u64);

impl Resource for Doc {
    type Principal = User;
    type Id = u64;
    const PARAMETER: &'static str = "doc";

    fn id(&self) -> u64 {
        self.0
    }
}

struct Read;
struct Edit;

/// As a repository has it.
fn rename(_: &Granted<Edit, Doc>, _: &str) {}

fn with_a_document(doc: Doc) {
    rename(&doc, "plan");
}

fn with_another_proof(doc: Granted<Read, Doc>) {
    rename(&doc, "plan");
}

fn main() {}
