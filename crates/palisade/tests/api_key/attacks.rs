//! What a thief of one derived key, or its holder, may try in order to have more. All of it from outside: encodings are
//! taken apart and put together as the documentation says.

use palisade::api_key::{Chain, DerivedKey, Refused};

use super::{
    by_hand::{Link, chain, public_key, signed, written, written_chain},
    *,
};

const ROOT: [u8; 32] = [9; 32];

fn links() -> Vec<Link> {
    vec![
        Link::number(1).caveats(&[(1, b"a b c")]),
        Link::number(2).caveats(&[(1, b"a b")]),
        Link::number(3).caveats(&[(1, b"a")]),
    ]
}

fn judged(links: &[Vec<u8>]) -> Result<(), Refused> {
    let chain = Chain::parse(&written("palc", *ID.as_bytes(), &chain(links)))?;
    chain.verify(public_key(ROOT), ID, NOW).map(|_| ())
}

fn signed_links() -> Vec<Vec<u8>> {
    let signed = signed(ROOT, *ID.as_bytes(), &links());
    assert_eq!(judged(&signed), Ok(()), "what the attacks start from");
    signed
}

#[test]
fn attack_link_removed() {
    for position in 0..2 {
        let mut links = signed_links();
        links.remove(position);
        assert_eq!(judged(&links), Err(Refused::BadSignature), "{position}");
    }
}

#[test]
fn attack_last_link_removed_by_who_has_only_the_last_secret() {
    // The shorter chain is true, and its secret is not at hand.
    let links = signed_links();
    let content = [&[3; 32], &chain(&links[..2])[..]].concat();
    let key = DerivedKey::parse(&written("pald", *ID.as_bytes(), &content)).unwrap();
    assert_eq!(key.verify(public_key(ROOT), ID, NOW).unwrap_err(), Refused::OtherSecret);
}

#[test]
fn attack_links_reordered() {
    for (one, other) in [(0, 1), (1, 2), (0, 2)] {
        let mut links = signed_links();
        links.swap(one, other);
        assert_eq!(judged(&links), Err(Refused::BadSignature));
    }
}

#[test]
fn attack_link_spliced_from_another_key() {
    let mut spliced = signed_links();
    spliced[0] = signed([8; 32], *ID.as_bytes(), &links())[0].clone();
    assert_eq!(judged(&spliced), Err(Refused::BadSignature));
    // The same secret under another id, as a second server or a restored copy would have it.
    spliced[0] = signed(ROOT, [8; 16], &links())[0].clone();
    assert_eq!(judged(&spliced), Err(Refused::BadSignature));
}

#[test]
fn attack_link_spliced_from_a_sister_chain() {
    // Two chains of one key whose second keys are the same: the third link of one is not one of the other.
    let wider = [Link::number(4), Link::number(2).caveats(&[(1, b"a b")]), Link::number(3)];
    let mut spliced = signed_links();
    spliced[2] = signed(ROOT, *ID.as_bytes(), &wider)[2].clone();
    assert_eq!(judged(&spliced), Err(Refused::BadSignature));
}

#[test]
fn attack_any_byte_of_a_link_altered() {
    let links = signed_links();
    for link in 0..links.len() {
        for position in 0..links[link].len() {
            let mut altered = links.clone();
            altered[link][position] ^= 1;
            assert!(judged(&altered).is_err(), "byte {position} of link {link}");
        }
    }
}

#[test]
fn attack_caveat_altered() {
    let mut altered = signed_links();
    let caveat = altered[2].windows(1).rposition(|byte| byte == b"a").filter(|at| *at < 60).unwrap_or(52);
    assert_eq!(altered[2][caveat], b'a');
    altered[2][caveat] = b'b';
    assert_eq!(judged(&altered), Err(Refused::BadSignature));
}

#[test]
fn attack_caveat_left_out() {
    let mut altered = signed_links();
    altered[0].splice(48..48 + 1 + 3 + 5, [0]);
    assert_eq!(judged(&altered), Err(Refused::BadSignature));
}

#[test]
fn attack_chain_of_nine() {
    let links: Vec<_> = (1..=9).map(Link::number).collect();
    let nine = signed(ROOT, *ID.as_bytes(), &links);
    assert_eq!(judged(&nine[..8]), Ok(()));
    assert_eq!(judged(&nine), Err(Refused::TooManyLinks));
}

#[test]
fn attack_chain_of_none() {
    assert_eq!(judged(&[]), Err(Refused::Malformed));
}

#[test]
fn attack_unknown_caveat() {
    for kind in [4, 5, 128, 255] {
        let text = written_chain(ROOT, &[Link::number(1).caveats(&[(1, b"a"), (kind, b"")])]);
        assert_eq!(Chain::parse(&text).unwrap_err(), Refused::UnknownCaveat(kind));
    }
}

#[test]
fn attack_secret_of_an_earlier_link_swapped_in() {
    let links = signed_links();
    for (secret, expected) in [
        (ROOT, Err(Refused::OtherSecret)),
        ([1; 32], Err(Refused::OtherSecret)),
        ([2; 32], Err(Refused::OtherSecret)),
        ([3; 32], Ok(())),
    ] {
        let content = [&secret, &chain(&links)[..]].concat();
        let key = DerivedKey::parse(&written("pald", *ID.as_bytes(), &content)).unwrap();
        assert_eq!(key.verify(public_key(ROOT), ID, NOW).map(|_| ()), expected);
    }
}

#[test]
fn attack_link_signed_by_the_thief() {
    // Whoever has the secret of the last link cannot begin anew from the key.
    let forged = signed([3; 32], *ID.as_bytes(), &[Link::number(4)]);
    assert_eq!(judged(&forged), Err(Refused::BadSignature));
}

#[test]
fn attack_truncated() {
    let content = chain(&signed_links());
    for length in 0..content.len() {
        let text = written("palc", *ID.as_bytes(), &content[..length]);
        assert_eq!(Chain::parse(&text).unwrap_err(), Refused::Malformed, "{length}");
    }
}

#[test]
fn attack_text_altered() {
    let text = written("palc", *ID.as_bytes(), &chain(&signed_links()));
    for position in 0..text.len() {
        let mut altered = text.clone().into_bytes();
        altered[position] = if altered[position] == b'0' { b'1' } else { b'0' };
        assert!(Chain::parse(&String::from_utf8(altered).unwrap()).is_err(), "{position}");
    }
}

#[test]
fn attack_key_of_another_server() {
    let chain = Chain::parse(&written_chain(ROOT, &links())).unwrap();
    assert!(chain.verify(public_key(ROOT), ID, NOW).is_ok());
    assert_eq!(chain.verify(public_key([8; 32]), ID, NOW).unwrap_err(), Refused::BadSignature);
    assert_eq!(
        chain.verify(public_key(ROOT), KeyId::from_bytes([8; 16]), NOW).unwrap_err(),
        Refused::OtherKey
    );
}

#[test]
fn attack_id_replaced() {
    let text = written("palc", [8; 16], &chain(&signed_links()));
    let chain = Chain::parse(&text).unwrap();
    assert_eq!(
        chain.verify(public_key(ROOT), KeyId::from_bytes([8; 16]), NOW).unwrap_err(),
        Refused::BadSignature
    );
}

#[test]
fn attack_two_links_of_one_id() {
    // Revoking one of them would be ambiguous, and the list of links shorter than the chain.
    let twice = [Link::number(1), Link { id: [1; 16], ..Link::number(2) }];
    assert_eq!(Chain::parse(&written_chain(ROOT, &twice)).unwrap_err(), Refused::RepeatedLink);
}

#[test]
fn attack_expired_by_the_clock() {
    let moment = NOW.as_unix().to_be_bytes();
    let dead =
        [Link::number(1).caveats(&[(2, &moment)]), Link::number(2).caveats(&[(2, &i64::MAX.to_be_bytes())])];
    let chain = Chain::parse(&written_chain(ROOT, &dead)).unwrap();
    assert_eq!(chain.verify(public_key(ROOT), ID, NOW).unwrap_err(), Refused::Expired);
}

#[test]
fn attack_two_routes() {
    let two = [Link::number(1).caveats(&[(3, b"GET /a")]), Link::number(2).caveats(&[(3, b"GET /b")])];
    let chain = Chain::parse(&written_chain(ROOT, &two)).unwrap();
    assert_eq!(chain.verify(public_key(ROOT), ID, NOW).unwrap_err(), Refused::NoRouteLeft);
}

#[test]
fn attack_encoded_another_way() {
    let long = "a".repeat(1025);
    let caveats: [&[(u8, &[u8])]; 14] = [
        &[(1, b"b a")],
        &[(1, b"a a")],
        &[(1, b"a ")],
        &[(1, b" a")],
        &[(1, b"a  b")],
        &[(1, b"\xff")],
        &[(1, long.as_bytes())],
        &[(1, b"a"), (1, b"a")],
        &[(2, &[0; 8]), (1, b"a")],
        &[(2, &[0; 7])],
        &[(2, &[0; 9])],
        &[(3, b"get /a")],
        &[(3, b"")],
        &[(0, b"")],
    ];
    for caveats in caveats {
        let text = written_chain(ROOT, &[Link::number(1).caveats(caveats)]);
        assert_eq!(Chain::parse(&text).unwrap_err(), Refused::Malformed, "{caveats:?}");
    }
}

#[test]
fn attack_something_after_the_end() {
    let mut content = chain(&signed_links());
    content.push(0);
    let text = written("palc", *ID.as_bytes(), &content);
    assert_eq!(Chain::parse(&text).unwrap_err(), Refused::Malformed);
}

#[test]
fn attack_another_version() {
    for version in [0, 2, 255] {
        let mut content = chain(&signed_links());
        content[0] = version;
        let text = written("palc", *ID.as_bytes(), &content);
        assert_eq!(Chain::parse(&text).unwrap_err(), Refused::Malformed);
    }
}
