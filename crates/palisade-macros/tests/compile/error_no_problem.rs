use palisade::prelude::*;

#[derive(Clone)]
struct Made;

#[dependency]
async fn made() -> Result<Made, std::num::ParseIntError> {
    "1".parse::<u8>().map(|_| Made)
}

fn main() {}
