//! Puts the parts together: store, passwords, accounts, keys, and the router that stands before them.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use palisade::{
    clock::{SharedClock, SystemClock},
    decision::Decisions,
    openapi::Info,
    random::{SharedRandom, SystemRandom},
    router::Built,
    token::Verifier,
};
use palisade_identity::{
    accounts::{Accounts, Passwords, ProvenPasswords},
    api_keys::{ApiKeySettings, ApiKeys},
    changes::Changes,
    http::{CurrentAccount, Identity, IdentityParts, SignUpIs},
    keys::{KeySettings, MasterKey, SigningKeys, master_key_for},
    limits::{Allowance, SignInLimit, SignUpLimit},
    mail::Outbox,
    password::{self, BreachedList, PasswordHasher, Policy},
    proofs::Proofs,
    sessions::Sessions,
    store::SharedStore,
};
use palisade_store_sqlite::SqliteStore;

use crate::{
    config::{Config, SignUp},
    data_folder::DataFolder,
};

/// What a server and a command beside it have in common.
#[derive(Debug)]
pub(crate) struct Services {
    pub(crate) store: SharedStore,
    pub(crate) changes: Changes,
    pub(crate) accounts: Accounts,
    pub(crate) clock: SharedClock,
    pub(crate) random: SharedRandom,
}

impl Services {
    /// Opens the store in `folder`, and what stands on it.
    pub(crate) fn open(config: &Config, folder: &DataFolder) -> Result<Self> {
        let (clock, random) = (SystemClock::shared(), SystemRandom::shared());
        let database = folder.database();
        let store: SharedStore = Arc::new(
            SqliteStore::open(&database)
                .with_context(|| format!("the database {} cannot be opened", database.display()))?,
        );
        let passwords = passwords(config, &clock, &random)?;
        let changes = Changes::begin(Arc::clone(&store), Arc::clone(&clock))?;
        let accounts = Accounts::new(changes.clone(), Arc::new(passwords), Arc::clone(&random));
        Ok(Self { store, changes, accounts, clock, random })
    }

    /// The signing keys, and the verifier that accepts what they sign.
    pub(crate) async fn keys(
        &self,
        config: &Config,
        folder: &DataFolder,
        issuer: &str,
    ) -> Result<(SigningKeys, Arc<Verifier>)> {
        self.keys_under(self.master_key(config, folder).await?, config, issuer).await
    }

    async fn keys_under(
        &self,
        master: MasterKey,
        config: &Config,
        issuer: &str,
    ) -> Result<(SigningKeys, Arc<Verifier>)> {
        let verifier = Verifier::access_tokens(issuer, issuer)
            .own_issuer()
            .clock(Arc::clone(&self.clock))
            .cache(config.tokens.cached)
            .build();
        let verifier = Arc::new(verifier);
        let settings = KeySettings { issuer: issuer.to_owned(), token_lifetime: config.token_lifetime() };
        let keys = SigningKeys::open(
            self.changes.clone(),
            master,
            settings,
            Arc::clone(&verifier),
            Arc::clone(&self.random),
        )
        .await
        .context("the signing keys cannot be used")?;
        Ok((keys, verifier))
    }

    /// The browser sessions: in memory, so one for each process.
    fn sessions(&self, config: &Config) -> Sessions {
        Sessions::new(
            self.changes.clone(),
            self.accounts.clone(),
            Arc::clone(&self.random),
            config.sessions(),
        )
    }

    async fn master_key(&self, config: &Config, folder: &DataFolder) -> Result<MasterKey> {
        if let Some(key) = &config.keys.master_key {
            return MasterKey::from_base64(key).context("keys.master_key");
        }
        let path = config.keys.master_key_file.clone().unwrap_or_else(|| folder.master_key());
        Ok(master_key_for(&*self.store, &path, &*self.random).await?)
    }

    /// What the routes work with.
    pub(crate) async fn identity(
        &self,
        config: &Config,
        folder: &DataFolder,
        issuer: &str,
        outbox: Option<Outbox>,
    ) -> Result<Identity> {
        let master = self.master_key(config, folder).await?;
        let api_keys = ApiKeys::new(
            &self.changes,
            self.accounts.clone(),
            &master,
            Arc::clone(&self.random),
            ApiKeySettings::default(),
        );
        let (keys, verifier) = self.keys_under(master, config, issuer).await?;
        let limits = &config.limits;
        let allowance = |burst, per_minute: u32| Allowance {
            burst,
            regain: Duration::from_secs(60) / per_minute,
            addresses: limits.addresses,
        };
        let sign_in = allowance(limits.sign_in_burst, limits.sign_in_per_minute);
        let sign_up = allowance(limits.sign_up_burst, limits.sign_up_per_minute);
        Ok(Identity::from(IdentityParts {
            accounts: self.accounts.clone(),
            sessions: self.sessions(config),
            proven: ProvenPasswords::new(&*self.random, Arc::clone(&self.clock))?,
            api_keys,
            proofs: Proofs::new(self.accounts.clone(), issuer, outbox),
            keys,
            verifier,
            issuer: issuer.to_owned(),
            token_lifetime: config.token_lifetime(),
            sign_up: match config.accounts.signup {
                SignUp::Open => SignUpIs::Open,
                SignUp::Off => SignUpIs::Off,
            },
            sign_in_limit: SignInLimit::new(sign_in, Arc::clone(&self.clock)),
            sign_up_limit: SignUpLimit::new(sign_up, Arc::clone(&self.clock)),
            clock: Arc::clone(&self.clock),
            decisions: Decisions::new(),
        }))
    }
}

fn passwords(config: &Config, clock: &SharedClock, random: &SharedRandom) -> Result<Passwords> {
    let settings = &config.passwords;
    let hashing = password::Config {
        parameters: config.parameters()?,
        former: settings.former.clone(),
        memory_budget_kib: settings.memory_budget_mib.saturating_mul(1024),
        most_threads: settings.threads,
        queue_length: settings.queue_length,
        longest_wait: Duration::from_secs(settings.longest_wait_seconds),
        ..password::Config::default()
    };
    let hasher =
        PasswordHasher::new(&hashing, Arc::clone(clock), Arc::clone(random)).context("[passwords]")?;
    let breached = settings
        .breached_list
        .as_ref()
        .map(BreachedList::open)
        .transpose()
        .context("passwords.breached_list")?;
    let policy = Policy {
        minimum_characters: settings.minimum_characters,
        minimum_score: settings.minimum_score,
        breached,
    };
    Ok(Passwords::new(hasher, policy))
}

/// What the page that shows them is called.
pub(crate) const TITLE_OF_ROUTES: &str = "Who may call what";

/// All routes of the server, with what they say of themselves.
pub(crate) fn routes() -> palisade::Router<Identity, CurrentAccount> {
    palisade_identity::http::router()
        .merge(crate::pages::routes())
        .document(Info::new("Palisade", env!("CARGO_PKG_VERSION")))
}

/// The routes with what they work on, checked.
pub(crate) fn build(identity: Identity, services: &Services, config: &Config) -> Result<Built> {
    let decisions = identity.parts().decisions.clone();
    let routes =
        routes().clock(Arc::clone(&services.clock)).random(Arc::clone(&services.random)).decisions(decisions);
    // The configuration was refused if anybody but this machine could reach it.
    let routes = if config.server.development { routes.dangerous().explain_in_bodies() } else { routes };
    Ok(routes.with_state(identity).build()?)
}
