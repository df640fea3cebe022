//! Who may do what to which document.
//!
//! An action is a type without content, a policy says what it requires of a [`Caller`]. This is all there is: handlers do
//! not check, and the functions that change something take the proof.

use std::borrow::Cow;

use palisade::{object::Hidden, prelude::*};

use crate::{
    App, Caller,
    documents::{Document, Organisation, Visibility},
    people::Role,
};

/// Seeing a document.
pub(crate) struct Read;
/// Changing its title and text.
pub(crate) struct Edit;
/// Saying who else may see and edit it.
pub(crate) struct Share;
/// Deleting it.
pub(crate) struct Delete;
/// Writing a new document for an organisation.
pub(crate) struct AddDocument;
/// Looking after an organisation's members.
pub(crate) struct Administer;

impl Resource for Document {
    type Principal = Caller;
    type Id = u64;
    const PARAMETER: &'static str = "document";
    const TENANT: Option<&'static str> = Some("org");
    // Whoever may read it is told that they may not edit it. To everybody else it is not there.
    const HIDDEN: Hidden = Hidden::Unless(<Caller as Policy<Read, Document>>::requirement);

    fn id(&self) -> u64 {
        self.id
    }

    fn tenant(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(&self.org))
    }
}

impl Load<App> for Document {
    async fn load(id: &u64, app: &App) -> Result<Option<Self>, Problem> {
        Ok(app.documents.find(*id))
    }
}

fn owner() -> Requirement {
    relation("owner", |caller: &Caller, document: &Document| document.owner == caller.name)
}

fn editor() -> Requirement {
    relation("editor", |caller: &Caller, document: &Document| document.sharing.editors.contains(&caller.name))
}

fn viewer() -> Requirement {
    relation("viewer", |caller: &Caller, document: &Document| document.sharing.viewers.contains(&caller.name))
}

/// Visible to the organisation.
fn published() -> Requirement {
    relation("published", |_: &Caller, document: &Document| {
        document.sharing.visibility == Visibility::Organisation
    })
}

/// What somebody is in the organisation that the path names.
fn is(it: Role) -> Requirement {
    role(it).within("org")
}

impl Policy<Read, Document> for Caller {
    fn requirement() -> Requirement {
        tenant("org") & (owner() | editor() | viewer() | published() & is(Role::Viewer) | is(Role::Admin))
    }
}

impl Policy<Edit, Document> for Caller {
    fn requirement() -> Requirement {
        tenant("org") & (owner() | editor() | published() & is(Role::Editor) | is(Role::Admin))
    }
}

impl Policy<Share, Document> for Caller {
    fn requirement() -> Requirement {
        tenant("org") & (owner() | is(Role::Admin))
    }
}

impl Policy<Delete, Document> for Caller {
    fn requirement() -> Requirement {
        // No narrowed token deletes, not even its owner's.
        tenant("org") & (owner() | is(Role::Admin)) & undelegated()
    }
}

impl Resource for Organisation {
    type Principal = Caller;
    type Id = String;
    const PARAMETER: &'static str = "org";
    const TENANT: Option<&'static str> = Some("org");
    const HIDDEN: Hidden = Hidden::Unless(|| tenant("org"));

    fn id(&self) -> String {
        self.0.clone()
    }

    fn tenant(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(&self.0))
    }
}

impl Load<App> for Organisation {
    async fn load(name: &String, _: &App) -> Result<Option<Self>, Problem> {
        Ok(Organisation::find(name))
    }
}

impl Policy<AddDocument, Organisation> for Caller {
    fn requirement() -> Requirement {
        is(Role::Editor)
    }
}

impl Policy<Administer, Organisation> for Caller {
    fn requirement() -> Requirement {
        is(Role::Admin)
    }
}
