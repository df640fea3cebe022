//! The stylesheet and the icon, from the binary.

use http::{HeaderName, header};
use palisade::{Router, prelude::*};
use palisade_identity::http::{CurrentAccount, Identity};

const STYLE: &str = include_str!("../../assets/palisade.css");
const ICON: &str = include_str!("../../assets/palisade.svg");

type Asset = ([(HeaderName, &'static str); 2], &'static str);

pub(super) fn routes() -> Router<Identity, CurrentAccount> {
    let why = "what every page looks like";
    Router::new()
        .route("/assets/palisade.css", get(async || asset("text/css; charset=utf-8", STYLE)).public(why))
        .route("/assets/palisade.svg", get(async || asset("image/svg+xml", ICON)).public(why))
}

/// Kept for some minutes: after an upgrade nobody looks at old pages for long.
fn asset(media_type: &'static str, text: &'static str) -> Undescribed<Asset> {
    let headers = [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "public, max-age=300")];
    Undescribed((headers, text))
}
