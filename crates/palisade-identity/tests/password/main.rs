//! Passwords from outside: preparing, hashing, verifying, judging, and what happens under load.
#![expect(clippy::unwrap_used, reason = "a test may stop")]

mod gate;
mod hashing;
mod load;
mod memory;
mod phc;
mod policy;
mod work;

use palisade::{clock::ManualClock, random::SeededRandom, secret::SecretString};
use palisade_identity::password::{Config, Parameters, PasswordHash, PasswordHasher, Queue};

/// The cheapest Argon2id there is.
fn cheap() -> Parameters {
    parameters(8, 1, 1)
}

fn parameters(memory_kib: u32, iterations: u32, lanes: u32) -> Parameters {
    Parameters::weaker_than_recommended(memory_kib, iterations, lanes).unwrap()
}

fn config(parameters: Parameters) -> Config {
    Config { parameters, most_threads: Some(1), ..Config::default() }
}

fn hasher(config: &Config) -> PasswordHasher {
    PasswordHasher::new(config, ManualClock::at(0), SeededRandom::shared(1)).unwrap()
}

fn secret(text: &str) -> SecretString {
    SecretString::new(text)
}

async fn hashed(parameters: Parameters, password: &str) -> PasswordHash {
    hasher(&config(parameters)).hash(Queue::SignUp, secret(password)).await.unwrap()
}
