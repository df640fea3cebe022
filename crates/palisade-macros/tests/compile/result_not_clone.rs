use palisade::prelude::*;

struct Made;

#[dependency]
async fn made() -> Made {
    Made
}

fn main() {}
