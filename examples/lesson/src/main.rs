//! The palisade server.
fn main() {}
