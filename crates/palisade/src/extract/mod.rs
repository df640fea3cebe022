//! What handlers take and give: inputs whose every fault is told at once, and results that describe themselves.

mod form;
mod input;
mod json;
pub(crate) mod multipart;
mod path;
mod query;
mod respond;
mod strict;
mod undescribed;
pub(crate) mod urlencoded;

pub(crate) use self::path::{NotUtf8, PathParameters, ReadPath};
pub use self::{
    form::Form,
    json::{Json, Serialized},
    path::Path,
    query::Query,
    respond::{Created, NoContent},
    undescribed::{Undescribed, UndescribedBody},
};
