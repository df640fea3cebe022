//! How the identity layer's routes refuse: one translation of what went wrong into a problem document, and for each
//! endpoint a type that says which refusals it knows.

use http::{HeaderValue, StatusCode, header};
use palisade::{FieldError, Problem};

use crate::{
    accounts::AccountsError,
    limits::Limited,
    password::{HashError, Weakness},
    roles::RoleRefused,
    sessions::SessionsError,
    store::StoreError,
};

/// What the caller is told of `error`.
pub(super) fn problem(error: AccountsError) -> Problem {
    match error {
        AccountsError::UsernameTaken => Problem::new(StatusCode::CONFLICT, "This username is taken"),
        AccountsError::NotFound => Problem::new(StatusCode::NOT_FOUND, "There is no such account"),
        AccountsError::LastAdmin => Problem::new(
            StatusCode::CONFLICT,
            "This is the last active admin: it cannot be removed, demoted or disabled. Make another admin first",
        ),
        AccountsError::AddressTaken => {
            Problem::new(StatusCode::CONFLICT, "This address is another account's, whose owner has proven it")
        }
        AccountsError::Disabled => {
            Problem::new(StatusCode::CONFLICT, "This account is disabled: enable it first")
        }
        AccountsError::LinkVoid => Problem::new(
            StatusCode::BAD_REQUEST,
            "This link is not good, or no longer: it works once and for a while. Ask for another",
        ),
        AccountsError::NoMail => {
            Problem::new(StatusCode::FORBIDDEN, "This server sends no mail: ask an admin for help")
        }
        AccountsError::OutboxFull => Problem::unavailable(error),
        AccountsError::ChangedMeanwhile => {
            Problem::new(StatusCode::CONFLICT, "It has been changed meanwhile; look at it again")
        }
        AccountsError::WrongPassword => Problem::invalid_input(vec![fault(
            "current_password",
            "wrong",
            "This is not your current password",
        )]),
        AccountsError::WeakPassword(weaknesses) => {
            Problem::invalid_input(weaknesses.iter().map(|weakness| weak("password", weakness)).collect())
        }
        AccountsError::FirstAdminRefused => Problem::new(
            StatusCode::FORBIDDEN,
            "The first-admin secret is wrong or void, or there is an admin already",
        ),
        AccountsError::NotForServices => {
            Problem::invalid_input(vec![fault("roles", "service", "A service is never an admin")])
        }
        AccountsError::Role(refused) => role(&refused),
        AccountsError::Password(error) => hashing(&error),
        AccountsError::Random(error) => Problem::unavailable(error),
        AccountsError::Store(StoreError::Corrupt(what)) => Problem::internal(what),
        AccountsError::Store(error) => Problem::unavailable(error),
    }
}

/// 422 where what was sent is at fault, whatever else there is; 409 where it does not go with what there is.
fn role(refused: &RoleRefused) -> Problem {
    let of = |field| Problem::invalid_input(vec![fault(field, "role", &refused.to_string())]);
    match refused {
        RoleRefused::TooManyScopes | RoleRefused::ScopeTooLong | RoleRefused::Reserved(..) => of("scopes"),
        RoleRefused::TooManyIncludes
        | RoleRefused::BuiltInIncludes(_)
        | RoleRefused::UnknownInclude(_)
        | RoleRefused::IncludesAdmin(_) => of("includes"),
        RoleRefused::UnknownRole(_) | RoleRefused::BuiltInEverywhere(_) | RoleRefused::TooManyHeld => {
            of("roles")
        }
        RoleRefused::NotStored(_) | RoleRefused::NotAMember(_) => {
            Problem::new(StatusCode::NOT_FOUND, sentence(&refused.to_string()))
        }
        RoleRefused::TooManyRoles
        | RoleRefused::Cycle(_)
        | RoleRefused::Included { .. }
        | RoleRefused::Held { .. }
        | RoleRefused::TooManyTenants => Problem::new(StatusCode::CONFLICT, sentence(&refused.to_string())),
    }
}

/// What the caller is told of `error`.
pub(super) fn of_session(error: SessionsError) -> Problem {
    match error {
        SessionsError::NotFound => Problem::new(StatusCode::NOT_FOUND, "You have no such session"),
        SessionsError::Random(error) => Problem::unavailable(error),
        SessionsError::Store(StoreError::Corrupt(what)) => Problem::internal(what),
        SessionsError::Store(error) => Problem::unavailable(error),
    }
}

impl From<AccountsError> for Problem {
    fn from(error: AccountsError) -> Self {
        problem(error)
    }
}

impl From<SessionsError> for Problem {
    fn from(error: SessionsError) -> Self {
        of_session(error)
    }
}

impl From<Limited> for Problem {
    fn from(error: Limited) -> Self {
        limited(error)
    }
}

fn hashing(error: &HashError) -> Problem {
    match error {
        HashError::Busy { retry_after } => {
            let problem = Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "Too many passwords are being checked just now, try again later",
            );
            problem.header(header::RETRY_AFTER, HeaderValue::from(whole_seconds(*retry_after)))
        }
        HashError::Refused(refused) => {
            Problem::invalid_input(vec![fault("password", "password", &refused.to_string())])
        }
        HashError::Unavailable => Problem::unavailable(error),
    }
}

/// 429, and when to come back.
pub(super) fn limited(limited: Limited) -> Problem {
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "Too many attempts from this address, try again later")
        .header(header::RETRY_AFTER, HeaderValue::from(whole_seconds(limited.retry_after)))
}

/// At least one, rounded up: whoever comes back then is not refused again.
pub(super) fn whole_seconds(duration: std::time::Duration) -> u64 {
    duration.as_millis().div_ceil(1000).max(1).try_into().unwrap_or(u64::MAX)
}

/// A fault of a field of the body; `msg` becomes a sentence.
pub(super) fn fault(field: &str, kind: &'static str, msg: &str) -> FieldError {
    FieldError::new(["body", field], kind, sentence(msg))
}

/// With a capital letter.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// What is weak about the password in `field`.
pub(super) fn weak(field: &str, weakness: &Weakness) -> FieldError {
    fault(field, "password", &weakness.to_string())
}

/// Makes an endpoint's refusal: a problem, and the statuses it can have.
macro_rules! refusals {
    ($(#[$doc:meta])* $name:ident { $($status:ident $words:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub(in crate::http) struct $name(palisade::Problem);

        impl axum::response::IntoResponse for $name {
            fn into_response(self) -> axum::response::Response {
                self.0.into_response()
            }
        }

        impl palisade::DescribeResponse for $name {
            fn describe_response(description: &mut palisade::Description<'_>) {
                $(description.refusal(http::StatusCode::$status, $words);)*
            }
        }

        impl From<palisade::Problem> for $name {
            fn from(problem: palisade::Problem) -> Self {
                Self(problem)
            }
        }

        impl From<crate::accounts::AccountsError> for $name {
            fn from(error: crate::accounts::AccountsError) -> Self {
                Self(crate::http::refusal::problem(error))
            }
        }
    };
}

pub(super) use refusals;
