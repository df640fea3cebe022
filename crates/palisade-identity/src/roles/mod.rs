//! Stored roles: bundles of scopes that are made, changed and given while the server runs.
//!
//! A scope is what somebody may do; a role bundles scopes and includes other roles. The [built-in](crate::role) roles ship
//! with the code. Here are the others, and what was added to the built-in ones ([`RoleDefinition`]); all of them together
//! are the [`RoleBook`], in which nothing includes itself and every name is known. [`Grants`] are the roles an account was
//! given, everywhere or in a tenant. [`Holdings`] are what all of that comes to for one account, and the one place where
//! an authority is made of it.
//!
//! # What a stored role cannot do
//!
//! It makes nobody an admin. It brings the scopes of a built-in role it includes and never the role itself, and no role
//! but the built-in admin brings a scope of administration: a book in which one would is refused. What is held in a tenant
//! counts there alone, the built-in admin too.

mod book;
mod definition;
mod grants;
mod holdings;
mod mark;
mod name;
mod refused;

pub use self::{
    book::{EffectiveRole, RoleBook},
    definition::RoleDefinition,
    grants::{GrantChange, Grants, HeldChange},
    holdings::Holdings,
    mark::{AuthorityMark, InvalidMark},
    name::{InvalidName, RoleName, TenantName},
    refused::RoleRefused,
};
