//! What a hash thread does with a password: make a hash, or compare with one, at a cost that tells nothing.
//!
//! Verifying costs the same amount of work whether the account is unknown, has a hash of today's parameters or
//! one of older, cheaper ones. The amount is `target`: that of the current parameters, or of
//! [`Config::pad_to`] if it is more.
//!
//! | account | work |
//! |---|---|
//! | unknown | a hash by the current parameters that cannot match, then up to `target` |
//! | current hash, right or wrong password | that hash, then up to `target` |
//! | cheaper hash, wrong password | that hash, then up to `target` |
//! | cheaper hash, right password | that hash and a new one by the current parameters (at least `target`) |
//!
//! Only the last differs, and only for somebody who has just shown the password. A hash dearer than `target`
//! costs what it costs: after lowering the parameters, `pad_to` names the former ones until they are gone.

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

/// The salt of work whose result nobody looks at.
const PADDING_SALT: [u8; SALT] = [0; SALT];
/// The least memory of an Argon2 hash, in KiB: less work than that is padded with as much.
const LEAST_KIB: u64 = 8;
/// The most passes of one padding hash; what is missing beyond is done by another.
const MOST_PASSES: u64 = 8;

#[derive(Debug)]
pub(super) struct Work {
    parameters: Parameters,
    target: u64,
    stand_in: PasswordHash,
    random: SharedRandom,
}

impl Work {
    pub(super) fn new(config: &Config, random: SharedRandom) -> Result<Self, RandomUnavailable> {
        let parameters = config.parameters;
        let mut tag = [0; TAG];
        random.fill(&mut tag)?;
        Ok(Self {
            parameters,
            target: config.pad_to.map_or(0, |pad_to| pad_to.work()).max(parameters.work()),
            stand_in: PasswordHash::new(parameters, &PADDING_SALT, &tag),
            random,
        })
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

    /// Compares a prepared password with the hash of an account, or with that of no account.
    pub(super) fn verify(
        &self,
        memory: &mut Memory,
        password: &SecretString,
        stored: Option<&PasswordHash>,
    ) -> Result<Verified, HashError> {
        let against = stored.unwrap_or(&self.stand_in);
        let mut tag = Zeroizing::new(vec![0; against.tag().len()]);
        memory.argon2id(against.parameters(), password.expose().as_bytes(), against.salt(), &mut tag)?;
        let matches = bool::from(tag.ct_eq(against.tag())) & stored.is_some();
        let mut spent = against.parameters().work();
        let mut verified = if matches { Verified::Yes } else { Verified::No };
        if matches && !against.is_made_with(self.parameters) {
            // A new hash is a favour: if there is no salt for it now, the next sign-in makes it.
            if let Ok(renewed) = self.hash(memory, password) {
                spent += self.parameters.work();
                verified = Verified::YesRehash(renewed);
            }
        }
        self.pad(memory, password, self.target.saturating_sub(spent))?;
        Ok(verified)
    }

    /// Does `missing` units of work, for nothing but the time it takes: as many passes over the memory of a
    /// current hash as fit, and one over the rest.
    fn pad(&self, memory: &mut Memory, password: &SecretString, missing: u64) -> Result<(), HashError> {
        let whole = u64::from(self.parameters.memory_kib());
        let mut left = missing;
        while left > 0 {
            let memory_kib = left.clamp(LEAST_KIB, whole);
            let passes = (left / memory_kib).clamp(1, MOST_PASSES);
            let cost = padding(memory_kib, passes).ok_or(HashError::Unavailable)?;
            let mut unused = Zeroizing::new([0; TAG]);
            memory.argon2id(cost, password.expose().as_bytes(), &PADDING_SALT, unused.as_mut_slice())?;
            left = left.saturating_sub(cost.work());
        }
        Ok(())
    }
}

fn padding(memory_kib: u64, passes: u64) -> Option<Parameters> {
    let (memory_kib, passes) = (u32::try_from(memory_kib).ok()?, u32::try_from(passes).ok()?);
    Parameters::weaker_than_recommended(memory_kib, passes, 1).ok()
}
