//! `palisade account`.

use anyhow::{Context as _, Result, anyhow};
use palisade_identity::{
    account::Account,
    accounts::{Accounts, AccountsError, Applicant},
    audit::Actor,
    http::AccountView,
    proofs::Proofs,
    role::{Role, Roles},
    store::PageSize,
    username::Username,
};

use super::{
    grants,
    password::{ask, read},
    say,
    table::Table,
};
use crate::{
    app::Services,
    cli::{Account as Command, PasswordSource},
    config::Config,
    data_folder::DataFolder,
};

pub(super) async fn run(command: Command, config: &Config) -> Result<()> {
    let folder = match &command {
        // An account may come before the first start.
        Command::Add { .. } => DataFolder::create(&config.server.data)?,
        _ => DataFolder::existing(&config.server.data)?,
    };
    let accounts = Services::open(config, &folder)?.accounts;
    match command {
        Command::Add { name, email, roles, password } => add(&accounts, &name, email, roles, &password).await,
        Command::List { json } => list(&accounts, json).await,
        Command::Role { name, roles } => set_roles(&accounts, &name, roles).await,
        Command::Disable { name } => disable(&accounts, &name).await,
        Command::Enable { name } => enable(&accounts, &name).await,
        Command::Grant { name, roles, tenant } => {
            grants::grant(&accounts, &named(&accounts, &name).await?, roles, tenant).await
        }
        Command::Ungrant { name, roles, tenant } => {
            grants::ungrant(&accounts, &named(&accounts, &name).await?, roles, tenant).await
        }
        Command::Grants { name, json } => {
            grants::show(&accounts, &named(&accounts, &name).await?, json).await
        }
        Command::ResetLink { name } => {
            reset_link(&accounts, &name, &config.issuer(config.server.listen)).await
        }
        Command::Password { name, password } => set_password(&accounts, &name, &password).await,
    }
}

async fn add(
    accounts: &Accounts,
    name: &str,
    email: Option<String>,
    roles: Vec<Role>,
    password: &PasswordSource,
) -> Result<()> {
    let username = Username::new(name).with_context(|| format!("`{name}` is no username"))?;
    let email = match email {
        Some(email) => email,
        None => ask("E-mail address", "--email ADDRESS")?,
    };
    let email = email.parse().with_context(|| format!("`{email}` is no e-mail address"))?;
    let applicant = Applicant { username, email, password: read(password)? };
    let made = accounts.admin_create(Actor::Operator, applicant, Roles::new(roles)?).await;
    let account = made.map_err(explain)?;
    say(format_args!("{} exists ({}), as {}", account.username, account.id, role_names(&account)))
}

async fn set_roles(accounts: &Accounts, name: &str, roles: Vec<Role>) -> Result<()> {
    let account = named(accounts, name).await?;
    let changed = accounts.set_roles(Actor::Operator, account.id, Roles::new(roles)?).await;
    let account = changed.map_err(explain)?;
    say(format_args!("{} is {}", account.username, role_names(&account)))
}

async fn disable(accounts: &Accounts, name: &str) -> Result<()> {
    let account = named(accounts, name).await?;
    accounts.disable(Actor::Operator, account.id).await.map_err(explain)?;
    say(format_args!("{} is disabled, and its tokens have ended", account.username))
}

async fn enable(accounts: &Accounts, name: &str) -> Result<()> {
    let account = named(accounts, name).await?;
    accounts.enable(Actor::Operator, account.id).await.map_err(explain)?;
    say(format_args!("{} is active; tokens from before stay ended", account.username))
}

async fn set_password(accounts: &Accounts, name: &str, password: &PasswordSource) -> Result<()> {
    let account = named(accounts, name).await?;
    accounts.set_password_by_operator(account.id, read(password)?).await.map_err(explain)?;
    say(format_args!("{} has a new password, and its tokens have ended", account.username))
}

/// The link alone goes to standard output: it is a secret, and what is to be handed over.
async fn reset_link(accounts: &Accounts, name: &str, issuer: &str) -> Result<()> {
    let account = named(accounts, name).await?;
    let proofs = Proofs::new(accounts.clone(), issuer, None);
    let made = proofs.reset_link(Actor::Operator, account.id).await.map_err(explain)?;
    say(made.link.expose())
}

async fn list(accounts: &Accounts, json: bool) -> Result<()> {
    let mut all: Vec<Account> = Vec::new();
    loop {
        let page =
            accounts.list(all.last().map(|account| account.id), PageSize::LARGEST).await.map_err(explain)?;
        if page.is_empty() {
            break;
        }
        all.extend(page);
    }
    if json {
        let views: Vec<AccountView> = all.into_iter().map(AccountView::from).collect();
        return say(serde_json::to_string_pretty(&views)?);
    }
    let heading = ["NAME", "ROLES", "STATUS", "E-MAIL", "ID"].map(str::to_owned);
    let rows = all.iter().map(|account| {
        [
            account.username.to_string(),
            role_names(account),
            account.status.name().to_owned(),
            account.email.to_string(),
            account.id.to_string(),
        ]
    });
    say(Table(std::iter::once(heading).chain(rows).collect()))
}

pub(super) async fn named(accounts: &Accounts, name: &str) -> Result<Account> {
    let unknown = || anyhow!("there is no account `{name}`: `palisade account list` shows all there are");
    let username = Username::new(name).map_err(|_| unknown())?;
    match accounts.by_username(&username).await {
        Err(AccountsError::NotFound) => Err(unknown()),
        found => found.map_err(explain),
    }
}

fn role_names(account: &Account) -> String {
    account.roles.iter().map(|role| role.to_string()).collect::<Vec<_>>().join(", ")
}

/// What went wrong, and what to do about it.
fn explain(error: AccountsError) -> anyhow::Error {
    match error {
        AccountsError::WeakPassword(weaknesses) => {
            let all: Vec<String> = weaknesses.iter().map(ToString::to_string).collect();
            anyhow!("this password will not do: {}", all.join(" "))
        }
        AccountsError::UsernameTaken => anyhow!("this name is taken: choose another"),
        AccountsError::LastAdmin => {
            anyhow!(
                "this is the last active admin: make another one first with `palisade account add NAME --role admin`"
            )
        }
        AccountsError::Disabled => {
            anyhow!("the account is disabled: enable it first with `palisade account enable NAME`")
        }
        AccountsError::ChangedMeanwhile => {
            anyhow!("the account has been changed meanwhile: look at it and try again")
        }
        other => other.into(),
    }
}
