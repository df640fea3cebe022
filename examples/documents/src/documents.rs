//! What is kept. Whatever changes it takes the proof that somebody may.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use palisade::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    policy::{AddDocument, Delete, Edit, Read, Share},
};

/// How many documents are kept.
const MOST: usize = 1000;

/// An organisation, by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Organisation(pub(crate) String);

impl Organisation {
    pub(crate) fn find(name: &str) -> Option<Self> {
        ["acme", "globex"].contains(&name).then(|| Self(name.to_owned()))
    }
}

/// A document.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Document {
    pub(crate) id: u64,
    /// The organisation it belongs to.
    pub(crate) org: String,
    pub(crate) owner: String,
    #[serde(flatten)]
    content: Content,
    #[serde(flatten)]
    pub(crate) sharing: Sharing,
}

/// What a document says.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Content {
    #[schemars(length(min = 1, max = 100))]
    title: String,
    #[schemars(length(max = 10_000))]
    text: String,
}

/// Whom a document is shared with, beside its owner and the organisation's admins.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Sharing {
    #[serde(default)]
    pub(crate) visibility: Visibility,
    /// Who may edit it, by name.
    #[serde(default)]
    #[schemars(length(max = 50))]
    pub(crate) editors: BTreeSet<String>,
    /// Who may read it, by name.
    #[serde(default)]
    #[schemars(length(max = 50))]
    pub(crate) viewers: BTreeSet<String>,
}

/// Who sees a document without being named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Visibility {
    /// Nobody.
    #[default]
    Private,
    /// Everybody in its organisation.
    Organisation,
}

/// The documents of all organisations.
#[derive(Debug, Default)]
pub(crate) struct Documents(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    last_id: u64,
    documents: BTreeMap<u64, Document>,
}

impl Documents {
    /// For the policy alone to look at: who gets it is decided there.
    pub(crate) fn find(&self, id: u64) -> Option<Document> {
        self.kept().documents.get(&id).cloned()
    }

    /// Those that the caller may read. A database would select by `readable.predicate()`.
    pub(crate) fn list(&self, readable: &Grants<Read, Document>) -> Result<Vec<Document>, Problem> {
        let all: Vec<Document> = self.kept().documents.values().cloned().collect();
        readable.retain(all).map(|document| Ok(document?.resource().clone())).collect()
    }

    pub(crate) fn add(
        &self,
        organisation: &Granted<AddDocument, Organisation>,
        owner: &Caller,
        content: Content,
    ) -> Result<Document, Problem> {
        let mut kept = self.kept();
        if kept.documents.len() == MOST {
            return Err(Problem::new(StatusCode::CONFLICT, "There are as many documents as can be kept"));
        }
        kept.last_id += 1;
        let document = Document {
            id: kept.last_id,
            org: organisation.id().clone(),
            owner: owner.name.clone(),
            content,
            sharing: Sharing::default(),
        };
        kept.documents.insert(document.id, document.clone());
        Ok(document)
    }

    pub(crate) fn edit(
        &self,
        document: &Granted<Edit, Document>,
        content: Content,
    ) -> Result<Document, Problem> {
        self.change(*document.id(), |document| document.content = content)
    }

    pub(crate) fn share(
        &self,
        document: &Granted<Share, Document>,
        sharing: Sharing,
    ) -> Result<Document, Problem> {
        self.change(*document.id(), |document| document.sharing = sharing)
    }

    pub(crate) fn delete(&self, document: &Granted<Delete, Document>) {
        self.kept().documents.remove(document.id());
    }

    fn change(&self, id: u64, change: impl FnOnce(&mut Document)) -> Result<Document, Problem> {
        let mut kept = self.kept();
        let gone = || Problem::new(StatusCode::NOT_FOUND, "The document was deleted in the meantime");
        let document = kept.documents.get_mut(&id).ok_or_else(gone)?;
        change(document);
        Ok(document.clone())
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
