use palisade::prelude::*;

struct Doc(u64);
struct Edit;

fn rename(_: &Granted<Edit, Doc>, _: &str) {}

fn main() {}
