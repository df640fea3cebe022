//! The command line: what can be said, and the help that explains it.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};
use ipnet::IpNet;
use palisade::{
    api_key::Route,
    scope::{Scope, ScopeSet},
};
use palisade_identity::{
    role::Role as BuiltIn,
    roles::{RoleName, TenantName},
};

/// Accounts, tokens and a guarded API from one program.
///
/// Without a command it serves: on http://127.0.0.1:8000, with its data in ./palisade-data, which it makes.
#[derive(Debug, Parser)]
#[command(name = "palisade", version, after_long_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) everywhere: Everywhere,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  palisade                                       serve, with all defaults
  palisade serve --listen 127.0.0.1:9000         serve on another port
  palisade account add ada --role admin          make an admin; asks for address and password
  palisade account disable ada                   end all of ada's tokens, also while the server runs
  palisade role set auditor --scope docs:read    bundle scopes into a role; `account grant ada auditor` gives it
  palisade routes                                who may call what
  palisade explain --route 'GET /me' --account ada   would ada be allowed, and why?
  palisade config check --config palisade.toml   is the file right, and what does it come to?

Commands work beside a running server, which notices what they changed at once.
Configuration: the file given with --config, then PALISADE__SECTION__KEY in the environment, then the command line.";

/// What every command takes.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Everywhere {
    /// The folder with the database and the keys [default: ./palisade-data]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub(crate) data: Option<PathBuf>,
    /// A configuration file; palisade.example.toml lists all there is
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the API (what happens without a command)
    Serve(Serve),
    /// Make, list and change accounts
    #[command(subcommand)]
    Account(Account),
    /// List, store and remove roles: what each bundles
    #[command(subcommand)]
    Role(Role),
    /// List, rotate and retire the keys that tokens are signed with
    #[command(subcommand)]
    Keys(Keys),
    /// Derive a narrower API key from one you have, without a server
    #[command(subcommand)]
    ApiKey(ApiKey),
    /// Print who may call what: every route, and what it requires or why it is public
    Routes(Routes),
    /// Print the API document (OpenAPI 3.1, JSON)
    Openapi,
    /// Say why somebody was refused, or whether an account would be allowed, and why
    Explain(Explain),
    /// Decide recorded decisions again by what this program requires, and list those that get another answer
    #[command(after_long_help = REPLAY)]
    Replay {
        /// Decisions as the server answers them, or one; `-` is standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Check the configuration
    #[command(subcommand)]
    Config(Config),
    /// Verify and look at tokens, without a server
    #[command(subcommand)]
    Token(Token),
}

#[derive(Clone, Debug, Default, Args)]
#[command(after_long_help = "\
Examples:
  palisade serve
  palisade serve --listen 127.0.0.1:0            any free port; the first lines say which
  palisade serve --listen 0.0.0.0:8000 --behind-proxy 10.0.0.0/8 --issuer https://id.example.org")]
pub(crate) struct Serve {
    /// Where to listen; port 0 takes any free port [default: 127.0.0.1:8000]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Option<SocketAddr>,
    /// The address people use, in whose name tokens are issued [default: where it listens]
    #[arg(long, value_name = "URL")]
    pub(crate) issuer: Option<String>,
    /// A network from which a proxy with TLS connects; needed to listen on more than this machine. Repeatable
    #[arg(long, value_name = "CIDR")]
    pub(crate) behind_proxy: Vec<IpNet>,
    /// Tell whoever is refused why, in the answer: on this machine only, for development
    #[arg(long)]
    pub(crate) development: bool,
}

const REPLAY: &str = "\
The decisions come from a running server; the requirements are those of this program, so the next version says who it
would treat otherwise before it is deployed. Only refusals are recorded, so this shows who would be let in.

Ends with 0 if no answer changes, 1 if some do, and 2 if that could not be found out.

Example:
  curl -H \"Authorization: Bearer $TOKEN\" 'https://id.example.org/admin/decisions?limit=1024' > decisions.json
  palisade replay decisions.json";

/// What to explain: decisions in a file, or a route for an account.
#[derive(Clone, Debug, Default, Args)]
#[command(after_long_help = "\
Decisions are JSON as `GET /admin/decisions` and `GET /admin/decisions/{id}` answer it. With --route nobody is asked but the
data folder: roles and scopes are the account's of this moment, and what only a request would tell is shown as unknown.

Examples:
  curl -H \"Authorization: Bearer $TOKEN\" https://id.example.org/admin/decisions/ID | palisade explain
  palisade explain decisions.json
  palisade explain --route 'GET /admin/accounts' --account ada
  palisade explain --route 'POST /me/password' --account ada --age 3600
  palisade explain --route 'GET /me' --account ada --scopes 'me:write'    with a token narrowed to that
  palisade explain --route 'GET /me/sessions' --account ada --delegated   with an API key of all its scopes")]
pub(crate) struct Explain {
    /// Decisions to print as text; `-`, or none, is standard input
    #[arg(value_name = "FILE", conflicts_with = "route")]
    pub(crate) file: Option<PathBuf>,
    /// A method and a path, as `palisade routes` lists them; a path itself does as well
    #[arg(long, requires = "account", value_name = "METHOD PATH")]
    pub(crate) route: Option<String>,
    /// The account that would call it
    #[arg(long, requires = "route", value_name = "NAME")]
    pub(crate) account: Option<String>,
    /// The scopes its credential was given, separated by spaces: it is then a narrowed one
    #[arg(long, requires = "route")]
    pub(crate) scopes: Option<ScopeSet>,
    /// How many seconds ago it signed in [default: 0]
    #[arg(long, requires = "route", value_name = "SECONDS")]
    pub(crate) age: Option<u64>,
    /// Its credential does not act for it: an API key, or another's token
    #[arg(long, requires = "route")]
    pub(crate) delegated: bool,
}

#[derive(Clone, Debug, Default, Args)]
#[command(after_long_help = "\
Examples:
  palisade routes                                as a table
  palisade routes --html routes.html             as a page with a filter
  palisade routes --lock access.lock             is it what the file says? 1 and what changed, if not
  palisade routes --lock access.lock --update    write the file")]
pub(crate) struct Routes {
    /// Print a JSON array instead of a table
    #[arg(long)]
    pub(crate) json: bool,
    /// Compare with this access lock: print what changed and end with 1, if anything did
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub(crate) lock: Option<PathBuf>,
    /// Write the access lock instead of comparing it
    #[arg(long, requires = "lock")]
    pub(crate) update: bool,
    /// Write a page that shows who may call what to this file, or print it
    #[arg(long, value_name = "FILE", num_args = 0..=1, conflicts_with_all = ["json", "lock"])]
    pub(crate) html: Option<Option<PathBuf>>,
    /// Print which roles can call what, by the roles as they are stored in the data folder now
    #[arg(long, conflicts_with_all = ["lock", "html"])]
    pub(crate) effective: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Account {
    /// Make an account
    #[command(after_long_help = "\
The password is asked for on the terminal; without a terminal it is the first line of standard input.

Examples:
  palisade account add ada --role admin
  palisade account add build-bot --email ci@example.org --password-file ./secret")]
    Add {
        /// The name to sign in with
        name: String,
        /// Where mail goes; asked for on the terminal if left out
        #[arg(long)]
        email: Option<String>,
        /// A role: user, editor or admin. Repeatable
        #[arg(long = "role", value_name = "ROLE", default_value = "user")]
        roles: Vec<BuiltIn>,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// List all accounts
    List {
        /// Print a JSON array instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Set an account's built-in roles; those not named are taken away
    Role {
        /// The account's name
        name: String,
        /// The roles it is to have: user, editor, admin
        #[arg(required = true, value_name = "ROLE", value_parser = built_in)]
        roles: Vec<BuiltIn>,
    },
    /// Give an account stored roles everywhere, or stored and built-in ones in a tenant
    #[command(after_long_help = "\
What it holds already stays. In a tenant it becomes a member; without a role it is that and no more.

Examples:
  palisade account grant ada auditor
  palisade account grant ada editor auditor --tenant acme
  palisade account grant ada --tenant acme")]
    Grant {
        /// The account's name
        name: String,
        /// The roles; `palisade role list` shows all there are
        #[arg(value_name = "ROLE", required_unless_present = "tenant")]
        roles: Vec<RoleName>,
        /// The tenant they are held in; everywhere if left out
        #[arg(long)]
        tenant: Option<TenantName>,
    },
    /// Take roles from an account; all of them, and the membership in the tenant, if none is named
    #[command(after_long_help = "\
Examples:
  palisade account ungrant ada auditor             no auditor any more
  palisade account ungrant ada                     no stored role everywhere any more
  palisade account ungrant ada --tenant acme       no member of acme any more")]
    Ungrant {
        /// The account's name
        name: String,
        /// The roles; all of them if left out
        #[arg(value_name = "ROLE")]
        roles: Vec<RoleName>,
        /// The tenant they are held in; everywhere if left out
        #[arg(long)]
        tenant: Option<TenantName>,
    },
    /// Show which roles an account holds, everywhere and in its tenants, and what they come to
    Grants {
        /// The account's name
        name: String,
        /// Print a JSON object instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Disable an account: it cannot sign in, and its tokens end at once
    Disable {
        /// The account's name
        name: String,
    },
    /// Enable an account again; its old tokens stay ended
    Enable {
        /// The account's name
        name: String,
    },
    /// Make a link that sets an account's password, for whoever has forgotten it: good once, for half an hour
    ResetLink {
        /// The account's name
        name: String,
    },
    /// Set an account's password; its tokens end at once
    Password {
        /// The account's name
        name: String,
        #[command(flatten)]
        password: PasswordSource,
    },
}

/// Where a password comes from: never from the command line, which everybody on the machine can see.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct PasswordSource {
    /// Read the password from the first line of this file; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Role {
    /// List all roles, and the scopes each comes to
    List {
        /// Print a JSON array instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Store a role, in the place of one of its name; what is not said it does not have
    #[command(after_long_help = "\
Under the name of a built-in role (user, editor, admin), the scopes that are added to those it ships with. Nobody becomes
an admin by a stored role: `admin` cannot be included, and the scopes of administration are the built-in admin's alone.

Examples:
  palisade role set auditor --scope reports:read --scope reports:export
  palisade role set chief-auditor --include auditor --include editor
  palisade role set user --scope docs:read")]
    Set {
        /// The role's name: 1 to 40 of a-z, 0-9 and -
        name: RoleName,
        /// A scope it brings. Repeatable
        #[arg(long = "scope", value_name = "SCOPE", value_parser = Scope::new)]
        scopes: Vec<Scope>,
        /// A role it includes, built-in or stored: its scopes come too. Repeatable
        #[arg(long = "include", value_name = "ROLE")]
        includes: Vec<RoleName>,
    },
    /// Remove a stored role that no other role includes and no account holds; of a built-in one, what was added to it
    Remove {
        /// The role's name
        name: RoleName,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// List the keys
    List {
        /// Print a JSON array instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Make a key that signs from now on; the one before is accepted until its tokens have expired
    Rotate,
    /// Retire a key at once, because it leaked: everything it signed is refused from now on
    Retire {
        /// The key's id, as `palisade keys list` prints it
        kid: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ApiKey {
    /// Read an API key from standard input, and print one derived from it: what is not said stays as it is
    #[command(after_long_help = "\
Examples:
  palisade api-key derive --scopes me:read < key
  palisade api-key derive --expires 2030-01-31T12:00:00Z --route 'GET /me' < key

The derived key is printed to standard output, and the link it can be revoked by to standard error. A key is never an
argument: everybody on the machine can read those.")]
    Derive {
        /// The scopes it may at most, separated by spaces
        #[arg(long)]
        scopes: Option<ScopeSet>,
        /// From when on it is dead, as in RFC 3339
        #[arg(long, value_name = "MOMENT")]
        expires: Option<jiff::Timestamp>,
        /// The one route it may call: a method and the template of a path
        #[arg(long)]
        route: Option<Route>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Check file and environment, and print what they come to; a secret reads "(secret)"
    Check,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// Verify tokens from standard input, one JSON object to a line, and say why one is refused
    #[command(after_long_help = "\
Each line: {\"profile\": \"access_token\", \"token\": \"eyJ..\", \"keys\": {\"keys\": [..]}, \"at\": 1800000000}
Each answer: `accept`, or `reject CODE explanation`.")]
    Verify {
        /// A JSON file of profiles in place of the built-in ones
        #[arg(long, value_name = "FILE")]
        profiles: Option<PathBuf>,
    },
    /// Show what a token says, when it is good, and what would refuse it; nothing is verified
    Inspect {
        /// The token; `-` reads it from standard input, where nobody else can see it
        token: String,
    },
}

/// A role of the code.
fn built_in(name: &str) -> Result<BuiltIn, String> {
    let hint = "a stored role is given by `palisade account grant`";
    name.parse().map_err(|error| format!("{error}; {hint}"))
}

/// Reads the command line; ends the process with 2 if it is wrong.
pub(crate) fn parse() -> Cli {
    Cli::parse()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_password_is_no_argument() {
        assert!(Cli::try_parse_from(["palisade", "account", "password", "ada", "secret"]).is_err());
        assert!(Cli::try_parse_from(["palisade", "account", "add", "ada", "--password", "secret"]).is_err());
    }
}
