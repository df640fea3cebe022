use std::sync::Arc;

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

struct Edit;

fn called(doc: Doc) -> Granted<Edit, Doc> {
    Granted::proven(Arc::new(doc))
}

fn converted(doc: Doc) -> Granted<Edit, Doc> {
    doc.into()
}

fn from_nothing() -> Granted<Edit, Doc> {
    Default::default()
}

fn main() {}
