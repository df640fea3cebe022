//! `/`: leads to one's account, or to the sign-in.

use palisade::Problem;
use palisade_identity::http::CurrentAccount;

use super::reply::Reply;

pub(super) async fn show(visitor: Option<CurrentAccount>) -> Result<Reply, Problem> {
    Reply::see_other(if visitor.is_some() { "/account" } else { "/sign-in" })
}
