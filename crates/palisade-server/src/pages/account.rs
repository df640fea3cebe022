//! `/account`: what one's account is.

use palisade::{Problem, extract::Query};
use palisade_identity::{http::CurrentAccount, role::Role};

use super::{
    notes::After,
    reply::Reply,
    view::{Account, Moment, Visitor},
};

pub(super) async fn show(visitor: CurrentAccount, Query(after): Query<After>) -> Result<Reply, Problem> {
    let account = visitor.account();
    let roles: Vec<_> = account.roles.iter().map(Role::name).collect();
    Reply::page(&Account {
        visitor: Visitor::of(&visitor, "/account"),
        note: after.note(),
        email: account.email.to_string(),
        roles: roles.join(", "),
        created: Moment::at(account.created_at),
    })
}
