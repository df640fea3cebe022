//! The API document (OpenAPI 3.1), derived from what the routes say and nothing else.
//!
//! `document.rs` puts it together, `operation.rs` writes one operation, `security.rs` projects its requirement on schemes
//! and scopes, `docs_page.rs` serves Swagger UI from the binary.

#[cfg(feature = "docs-page")]
mod docs_page;
mod document;
mod file;
mod operation;
mod security;
mod serve;

pub use self::document::{Document, Info};
pub(crate) use self::serve::routes;
