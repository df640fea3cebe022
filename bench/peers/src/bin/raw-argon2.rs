//! How many Argon2id hashes threads can do that do nothing else, each keeping its memory: the most sign-ins there can be.
//!
//! Command line: `THREADS SECONDS MEMORY_KIB ITERATIONS LANES`. Prints hashes per second.

use std::{
    env, thread,
    time::{Duration, Instant},
};

use argon2::{Algorithm, Argon2, Block, Params, Version};

fn main() {
    let numbers: Vec<u32> =
        env::args().skip(1).map(|argument| argument.parse().expect("a whole number")).collect();
    let [threads, seconds, memory, iterations, lanes] = numbers[..] else {
        panic!("usage: raw-argon2 THREADS SECONDS MEMORY_KIB ITERATIONS LANES")
    };
    let params = Params::new(memory, iterations, lanes, Some(32)).expect("parameters of RFC 9106");
    let length = Duration::from_secs(seconds.into());
    let rate: f64 = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(|| rate(&params, length))).collect();
        running.into_iter().map(|thread| thread.join().expect("hashing does not panic")).sum()
    });
    println!("{rate:.2}");
}

/// Hashes per second of one thread.
fn rate(params: &Params, length: Duration) -> f64 {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let mut memory = vec![Block::default(); params.block_count()];
    let mut hash = [0; 32];
    // The first use of the memory is paid for by nobody.
    argon2
        .hash_password_into_with_memory(b"password", b"sixteen bytes 00", &mut hash, &mut memory)
        .expect("it hashes");
    let (start, mut hashes) = (Instant::now(), 0);
    while start.elapsed() < length {
        let hashed =
            argon2.hash_password_into_with_memory(b"password", b"sixteen bytes 00", &mut hash, &mut memory);
        hashed.expect("it hashes");
        hashes += 1;
    }
    f64::from(hashes) / start.elapsed().as_secs_f64()
}
