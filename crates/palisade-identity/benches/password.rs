//! Sign-ins per second through the hash threads, beside bare Argon2 on as many threads with the same reuse of
//! memory: what the queue, the answers and the async side cost.
#![allow(missing_docs, reason = "criterion's macros write functions without documentation")]
#![allow(clippy::unwrap_used, reason = "a measurement may stop")]

use std::{
    thread,
    time::{Duration, Instant},
};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use criterion::{Criterion, criterion_group, criterion_main};
use palisade::{clock::SystemClock, random::SystemRandom, secret::SecretString};
use palisade_identity::password::{Config, Parameters, PasswordHasher, Queue};
use tokio::{runtime::Runtime, task::JoinSet};

/// Sign-ins at the same time.
const CLIENTS: u64 = 32;

/// `hashes` hashes in each of `memories`, each on a thread of its own.
fn bare(memories: &mut [Vec<Block>], hashes: u64) -> Duration {
    let cost = Parameters::default();
    let params = Params::new(cost.memory_kib(), cost.iterations(), cost.lanes(), Some(32)).unwrap();
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let began = Instant::now();
    thread::scope(|scope| {
        for memory in memories {
            scope.spawn(|| {
                for _ in 0..hashes {
                    let mut tag = [0; 32];
                    argon2
                        .hash_password_into_with_memory(b"correct horse", &[1; 16], &mut tag, &mut *memory)
                        .unwrap();
                }
            });
        }
    });
    began.elapsed()
}

/// As many by `CLIENTS` clients, each signing in again as soon as it is answered.
fn pool(runtime: &Runtime, hasher: &PasswordHasher, total: u64) -> Duration {
    let began = Instant::now();
    runtime.block_on(async {
        let mut clients = JoinSet::new();
        for client in 0..CLIENTS {
            let hasher = hasher.clone();
            let own = total / CLIENTS + u64::from(client < total % CLIENTS);
            clients.spawn(async move {
                for _ in 0..own {
                    hasher.verify(Queue::SignIn, SecretString::new("correct horse"), None).await.unwrap();
                }
            });
        }
        clients.join_all().await;
    });
    began.elapsed()
}

fn sign_in(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let config = Config { longest_wait: Duration::from_secs(60), ..Config::default() };
    let hasher = PasswordHasher::new(&config, SystemClock::shared(), SystemRandom::shared()).unwrap();
    let threads = hasher.statistics().threads as u64;
    let blocks = Parameters::default().memory_kib() as usize;
    let mut memories: Vec<_> = (0..threads).map(|_| vec![Block::new(); blocks]).collect();
    let mut group = criterion.benchmark_group("one hash on each thread");
    group.sample_size(10);
    group.bench_function("bare", |bencher| bencher.iter_custom(|hashes| bare(&mut memories, hashes)));
    group.bench_function("pool", |bencher| {
        bencher.iter_custom(|hashes| pool(&runtime, &hasher, hashes * threads));
    });
    group.finish();
}

criterion_group!(benches, sign_in);
criterion_main!(benches);
