use std::{marker::PhantomData, sync::Arc};

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

fn forged(doc: Doc) -> Granted<Edit, Doc> {
    Granted { id: doc.id(), resource: Arc::new(doc), action: PhantomData }
}

fn main() {}
