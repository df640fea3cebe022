//! The guard from outside: what is admitted, what is refused and how, what the document and the table say of it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

mod adversary;
mod docs_page;
mod document;
mod implication;
mod inputs;
mod leaves;
mod many_parts;
mod multipart_form;
mod near_things;
mod normal_form;
mod own_requirements;
mod projection;
mod refused_inputs;
mod requirements;
mod round_trips;
mod router;
mod startup;
mod support;
mod table;
mod token_form;
mod ways;
mod withheld_body;
