//! What a hash thread does with a password: make a hash, or compare with one, at a cost that tells nothing.
//!
//! Which accounts exist must not show in how long a wrong password takes. So every verification computes the same
//! hashes in the same order: one by each of the [`former`](Config::former) parameters, and one by the current ones.
//! The stored hash is compared in the place of its parameters; an account that does not exist has one by the
//! current parameters that nothing matches; all others are computed for nothing. When the password is right and
//! the hash an old one, the new hash takes the place of the last.
//!
//! | account | by each of the former parameters | by the current parameters |
//! |---|---|---|
//! | unknown | for nothing | compared, never matches |
//! | with a current hash | for nothing | compared |
//! | with a former one, wrong password | one compared, the others for nothing | for nothing |
//! | with a former one, right password | one compared, the others for nothing | the new hash |
//!
//! A hash by parameters that are not listed is compared first, and the current hash is replaced by so much work
//! that both together are as much as the current one alone. That is the same work (KiB filled), and nearly the
//! same time: a smaller memory is somewhat faster per KiB, because more of it stays in the processor's cache.
//! Whoever raises the parameters and minds that lists the former ones until their hashes are gone. One that is
//! dearer than the current ones must be listed, or it stands out.

use palisade::{
    random::{RandomUnavailable, SharedRandom},
    secret::SecretString,
};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::{
    Config, HashError, Parameters, PasswordHash, Verified,
    error::unavailable,
    memory::Memory,
    phc::{SALT, TAG},
};

/// The salt of hashes that nobody looks at.
const NO_SALT: [u8; SALT] = [0; SALT];
/// The least memory of an Argon2 hash, in KiB: less work than that is padded with as much.
const LEAST_KIB: u64 = 8;
/// The most passes of one padding hash; what is missing beyond is done by another.
const MOST_PASSES: u64 = 8;

#[derive(Debug)]
pub(super) struct Work {
    parameters: Parameters,
    former: Vec<Parameters>,
    stand_in: PasswordHash,
    random: SharedRandom,
}

impl Work {
    pub(super) fn new(config: &Config, random: SharedRandom) -> Result<Self, RandomUnavailable> {
        let parameters = config.parameters;
        let mut former = Vec::new();
        for other in &config.former {
            if *other != parameters && !former.contains(other) {
                former.push(*other);
            }
        }
        let mut tag = [0; TAG];
        random.fill(&mut tag)?;
        Ok(Self { parameters, former, stand_in: PasswordHash::new(parameters, &NO_SALT, &tag), random })
    }

    /// Hashes a prepared password with the current parameters and a new salt.
    pub(super) fn hash(
        &self,
        memory: &mut Memory,
        password: &SecretString,
    ) -> Result<PasswordHash, HashError> {
        let mut salt = [0; SALT];
        self.random.fill(&mut salt).map_err(unavailable)?;
        let mut tag = [0; TAG];
        memory.argon2id(self.parameters, password.expose().as_bytes(), &salt, &mut tag)?;
        Ok(PasswordHash::new(self.parameters, &salt, &tag))
    }

    /// Compares a prepared password with the hash of an account, or with that of no account, as the table above says.
    pub(super) fn verify(
        &self,
        memory: &mut Memory,
        password: &SecretString,
        stored: Option<&PasswordHash>,
    ) -> Result<Verified, HashError> {
        let against = stored.unwrap_or(&self.stand_in);
        let cost = against.parameters();
        let unlisted = (cost != self.parameters && !self.former.contains(&cost)).then_some(cost);
        let mut matches = false;
        for place in unlisted.iter().chain(&self.former) {
            if *place == cost {
                matches = is_equal(memory, password, against)?;
            } else {
                burn(memory, password, *place)?;
            }
        }
        if cost == self.parameters {
            // The stand-in cannot match but by a guess of 256 bits; asking makes it impossible.
            matches = is_equal(memory, password, against)? & stored.is_some();
        }
        if matches && !against.is_made_with(self.parameters) {
            // A new hash is a favour: if there is no salt for it now, the next sign-in makes it.
            return Ok(self.hash(memory, password).map_or(Verified::Yes, Verified::YesRehash));
        }
        if cost != self.parameters {
            let compared = unlisted.map_or(0, |unlisted| unlisted.work());
            self.spend(memory, password, self.parameters.work().saturating_sub(compared))?;
        }
        Ok(if matches { Verified::Yes } else { Verified::No })
    }

    /// Does `missing` units of work for nothing: the current hash if they are all of it, else as many passes over its
    /// memory as fit, and one over the rest.
    fn spend(&self, memory: &mut Memory, password: &SecretString, missing: u64) -> Result<(), HashError> {
        if missing == self.parameters.work() {
            return burn(memory, password, self.parameters);
        }
        let whole = u64::from(self.parameters.memory_kib());
        let mut left = missing;
        while left > 0 {
            let memory_kib = left.clamp(LEAST_KIB, whole);
            let passes = (left / memory_kib).clamp(1, MOST_PASSES);
            let cost = padding(memory_kib, passes).ok_or(HashError::Unavailable)?;
            burn(memory, password, cost)?;
            left = left.saturating_sub(cost.work());
        }
        Ok(())
    }
}

/// Whether `password` is that of the hash `against`; in constant time for hashes of equal length.
fn is_equal(memory: &mut Memory, password: &SecretString, against: &PasswordHash) -> Result<bool, HashError> {
    let mut tag = Zeroizing::new(vec![0; against.tag().len()]);
    memory.argon2id(against.parameters(), password.expose().as_bytes(), against.salt(), &mut tag)?;
    Ok(tag.ct_eq(against.tag()).into())
}

/// Computes a hash for nothing.
fn burn(memory: &mut Memory, password: &SecretString, cost: Parameters) -> Result<(), HashError> {
    let mut unused = Zeroizing::new([0; TAG]);
    memory.argon2id(cost, password.expose().as_bytes(), &NO_SALT, unused.as_mut_slice())
}

fn padding(memory_kib: u64, passes: u64) -> Option<Parameters> {
    let (memory_kib, passes) = (u32::try_from(memory_kib).ok()?, u32::try_from(passes).ok()?);
    Parameters::weaker_than_recommended(memory_kib, passes, 1).ok()
}
