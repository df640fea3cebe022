//! The lock: what access to a router's routes comes to, as a file that is committed beside the code.
//!
//! A [`Lock`] is made of an [`AccessTable`], written as text and read back. Where the routes no longer are what the file says,
//! a test fails (`palisade::testing::access_lock`), and the change stands in a diff, to be reviewed by whoever is asked about
//! security. [`Lock::changes`] says which way each change goes; it is decided by what requirements mean, not by
//! how they are written.

// `made.rs` makes one of a table, `write.rs` and `read.rs` are its text, `changes/` compares two of them, `file.rs` keeps one on
// disk.

mod changes;
mod definition;
mod drift;
mod file;
mod locked;
mod made;
mod outline;
mod read;
mod roles;
mod write;

use crate::{
    AccessTable, StartupErrors,
    router::{Built, Router},
};

use self::definition::Definitions;
pub use self::{
    changes::{Change, ChangeKind},
    file::{Differs, LockFileError},
    outline::InvalidLock,
};
pub(crate) use self::{
    locked::{Access, LockedRoute},
    outline::Words,
    roles::RoleType,
    write::Path,
};

/// What access to a router's routes comes to.
///
/// ```
/// use palisade::{lock::Lock, prelude::*};
///
/// # #[derive(Clone)] struct User(palisade::Authority);
/// # impl Principal for User { fn authority(&self) -> &palisade::Authority { &self.0 } }
/// # #[dependency] async fn user(_: palisade::extract::Query<()>) -> User { User(Authority::account("ada")) }
/// let api = |write: Requirement| {
///     Router::<(), User>::new().route("/items", post(async || "added").requires(write)).describe()
/// };
/// let (before, _) = api(scope("items:write") & recent(std::time::Duration::from_secs(60)))?;
/// let (after, _) = api(scope("items:write"))?;
///
/// let changes = Lock::of(&before).changes(&Lock::of(&after));
/// assert_eq!(
///     changes[0].to_string(),
///     "POST /items: was `scope(items:write) & recent(60s)`, is `scope(items:write)`: WEAKER"
/// );
/// let written = Lock::of(&after).to_string();
/// assert!(written.contains("POST /items: scope(items:write)\n"));
/// assert_eq!(written.parse(), Ok(Lock::of(&after)));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Lock {
    /// Sorted by path and method, each once.
    pub(crate) routes: Vec<LockedRoute>,
    /// Sorted by label, each once.
    pub(crate) roles: Vec<RoleType>,
    conditions: Definitions,
}

/// What a lock can be made of: a router that has not been built, one that has, or its table.
pub trait Lockable {
    /// Who may call what.
    ///
    /// # Errors
    ///
    /// What is wrong with a router that cannot be built.
    fn access_table(&self) -> Result<AccessTable, StartupErrors>;
}

impl Lockable for AccessTable {
    fn access_table(&self) -> Result<AccessTable, StartupErrors> {
        Ok(self.clone())
    }
}

impl Lockable for Built {
    fn access_table(&self) -> Result<AccessTable, StartupErrors> {
        Ok(self.table.clone())
    }
}

impl<S: Clone + Send + Sync + 'static, P> Lockable for Router<S, P> {
    fn access_table(&self) -> Result<AccessTable, StartupErrors> {
        self.describe_by_reference().map(|(table, _)| table)
    }
}
