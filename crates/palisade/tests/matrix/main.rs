//! The matrix: that it passes what is right, and catches every hole that is planted.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

mod holes;
mod right;
mod support;
