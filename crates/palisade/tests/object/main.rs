//! Objects from outside: who gets which, what the others are told, what lists show, and what is written of it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

mod again;
mod attacks;
mod documented;
mod hidden;
mod lists;
mod single;
mod sql;
mod startup;
mod support;
mod tenants;
mod ways;
