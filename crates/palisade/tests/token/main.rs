//! Tokens: what is accepted, and every way of getting something else accepted that has a name.

mod issuing;
