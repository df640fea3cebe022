//! The token endpoint's forms and answers (RFC 6749): what is asked for, what is given, and how it is refused.

mod error;
mod password_form;
mod token_response;

pub use self::{
    error::{OAuth2Error, OAuth2ErrorCode},
    password_form::{OAuth2PasswordForm, TokenForm},
    token_response::TokenResponse,
};
