//! The rules a token has to keep, each beside the tests that hold it. A rule without a test, or a test that is no
//! longer there, fails.

/// The rule, and the tests that hold it as `file::test`.
const RULES: &[(&str, &[&str])] = &[
    // The outer form.
    (
        "A token is the compact serialization: exactly three parts.",
        &["compact::only_three_parts_are_a_token", "compact::a_json_serialization_is_refused"],
    ),
    (
        "Five parts are an encrypted token, which is refused by name.",
        &["compact::an_encrypted_token_is_refused_by_name"],
    ),
    (
        "Base64url has no padding, no white space and no unused bits; each part has one spelling.",
        &[
            "compact::padding_is_refused",
            "compact::white_space_is_refused",
            "compact::the_other_base64_alphabet_is_refused",
            "compact::unused_bits_must_be_zero",
            "compact::unused_bits_of_signed_parts_must_be_zero_too",
            "compact::characters_outside_ascii_are_refused",
        ],
    ),
    (
        "Header and claims are one JSON object each, in strict JSON.",
        &[
            "compact::header_and_claims_are_objects",
            "compact::one_object_and_nothing_after_it",
            "compact::json_is_strict",
            "compact::an_empty_part_is_refused",
            "compact::a_token_in_a_token_is_refused",
        ],
    ),
    (
        "JSON is UTF-8, also inside its escapes.",
        &["compact::invalid_utf8_is_refused", "compact::half_a_surrogate_pair_is_no_text"],
    ),
    (
        "No member stands twice in one object, at any depth.",
        &["compact::no_member_twice_in_the_header", "compact::no_member_twice_in_the_claims_at_any_depth"],
    ),
    ("Nesting has a bound.", &["compact::a_depth_bomb_is_refused"]),
    ("A token has at most 16384 bytes.", &["compact::an_oversize_token_is_refused_before_it_is_read"]),
    // The header.
    (
        "`alg` is compared exactly and is one that the profile allows.",
        &[
            "header::alg_is_compared_exactly",
            "header::alg_is_a_string_and_is_there",
            "header::each_algorithm_is_accepted_where_its_profile_allows_it",
            "access_token::only_the_allowed_algorithms_verify",
        ],
    ),
    ("Nothing stands for `none`.", &["header::alg_none_is_refused"]),
    (
        "HMAC is a profile of its own, so a public key is never a secret.",
        &[
            "header::hs256_with_the_public_key_as_the_secret_is_refused",
            "access_token::a_secret_in_the_key_set_does_not_allow_hs256",
            "access_token::a_shared_secret_is_a_profile_of_its_own",
        ],
    ),
    (
        "`typ` is the profile's, without regard to case and to `application/`.",
        &[
            "header::typ_is_the_one_of_its_kind",
            "header::typ_is_a_string",
            "header::typ_may_be_absent_only_where_the_profile_says_so",
            "header::a_token_of_one_kind_is_none_of_another",
        ],
    ),
    (
        "Any `crit` refuses: one that names an extension, since none is understood, and one that is no list of names.",
        &["header::crit_is_refused_whatever_it_names", "header::crit_that_is_no_list_of_names_is_refused"],
    ),
    ("`b64` is not `false`.", &["header::b64_false_is_refused_with_and_without_crit"]),
    (
        "Members of the header that nobody knows are ignored, whatever their type.",
        &["header::members_nobody_knows_are_ignored_whatever_their_type"],
    ),
    // The key.
    (
        "The key comes from the configured set by `kid`, which is a string and nothing but a name.",
        &["header::kid_names_the_key", "header::kid_is_only_a_name", "header::kid_is_a_string"],
    ),
    (
        "`jwk`, `jku`, `x5u`, `x5c` and `x5t` are not believed, and do not matter.",
        &[
            "header::an_injected_jwk_is_not_believed",
            "header::keys_named_by_url_or_certificate_are_not_believed_and_not_minded",
        ],
    ),
    (
        "Without `kid`, exactly one key must fit; two keys of one `kid` must not both fit.",
        &[
            "header::without_kid_exactly_one_key_must_fit",
            "keys::two_keys_with_one_kid_must_differ_in_what_they_fit",
            "keys::a_key_without_kid_fits_only_a_token_without_kid",
        ],
    ),
    (
        "The key's `kty`, `crv`, `alg`, `use` and `key_ops` fit the algorithm.",
        &[
            "keys::the_kind_of_key_must_be_the_algorithms",
            "keys::the_keys_own_alg_must_be_the_tokens",
            "keys::a_key_for_encryption_verifies_nothing",
            "keys::key_ops_must_hold_verify",
            "keys::a_secret_does_not_fit_where_a_public_key_is_meant",
            "signatures::a_token_of_another_curve_is_refused_before_any_arithmetic",
        ],
    ),
    (
        "RSA keys have 2048 bits or more, and not so many that verifying takes long.",
        &["keys::a_small_rsa_key_is_refused", "keys::an_rsa_key_of_2047_bits_is_still_too_small"],
    ),
    ("HMAC secrets are as long as the hash.", &["keys::a_short_hmac_secret_is_refused"]),
    (
        "A key that is malformed or unknown is skipped, and the rest of the set is kept.",
        &[
            "keys::a_malformed_key_is_skipped_and_the_rest_is_kept",
            "keys::a_key_with_a_member_twice_is_skipped_and_the_rest_is_kept",
            "keys::a_key_whose_restrictions_cannot_be_read_is_skipped",
            "keys::members_nobody_knows_do_not_spoil_a_key",
            "keys::what_is_no_key_set_at_all_is_refused",
            "keys::a_key_set_is_bounded",
        ],
    ),
    (
        "A public key is a point on its curve, in full length, and not of small order.",
        &[
            "keys::a_point_off_the_curve_is_no_key",
            "keys::coordinates_have_their_full_length",
            "keys::an_ed25519_key_is_32_bytes",
            "keys::an_ed25519_key_of_small_order_is_refused",
        ],
    ),
    // The signature.
    (
        "A signature is valid over exactly these bytes.",
        &[
            "signatures::a_signature_covers_header_and_claims",
            "signatures::each_flipped_bit_of_a_signature_refuses",
            "signatures::another_key_of_the_same_kind_does_not_verify",
            "mutations::each_flipped_bit_refuses",
        ],
    ),
    (
        "ECDSA signatures have a fixed length, `r` and `s` in range; the larger `s` is accepted.",
        &[
            "signatures::a_signature_has_exactly_its_length",
            "signatures::a_der_signature_is_refused",
            "signatures::r_and_s_lie_between_nothing_and_the_order",
            "signatures::both_of_the_two_ecdsa_signatures_are_accepted",
        ],
    ),
    ("Ed25519 has one spelling of `S`.", &["signatures::an_ed25519_s_beyond_the_order_is_refused"]),
    (
        "RSA padding is the algorithm's, exactly; the PSS salt is as long as the hash.",
        &[
            "signatures::rsa_padding_is_the_algorithms",
            "signatures::a_pss_salt_is_as_long_as_the_hash",
            "signatures::an_rsa_signature_beyond_the_modulus_is_refused",
        ],
    ),
    // The claims.
    (
        "A moment is a finite JSON number from 0 to less than 2^53, in any form.",
        &[
            "dates::a_moment_is_a_finite_number_from_0_to_less_than_2_to_the_53",
            "dates::a_moment_may_be_written_in_any_form_of_a_number",
            "dates::a_long_number_is_read_as_quickly_as_a_short_one",
        ],
    ),
    (
        "Now is before `exp` plus the leeway; `nbf` and `iat` are at most now plus the leeway.",
        &[
            "dates::a_token_ends_with_exp_and_the_leeway",
            "dates::a_token_begins_with_nbf_less_the_leeway",
            "dates::a_token_from_the_future_is_refused",
            "dates::the_moment_may_have_a_fraction_too",
        ],
    ),
    (
        "Names are strings and compared by code points.",
        &[
            "names::names_are_strings",
            "names::registered_names_are_strings_even_where_nothing_is_expected",
            "names::the_issuer_is_compared_by_code_points",
        ],
    ),
    (
        "The audience is a string or a list of strings, and holds ours.",
        &["names::the_audience_must_hold_ours", "names::the_audience_is_a_string_or_a_list_of_strings"],
    ),
    ("Required claims are there.", &["names::a_required_claim_must_be_there"]),
    ("Claims nobody knows do not matter.", &["compact::claims_that_nobody_knows_are_no_reason_to_refuse"]),
    // Kinds of tokens.
    (
        "Access token: RFC 9068; a `cnf` makes it no bearer token.",
        &[
            "access_token::scope_is_a_string_of_scopes",
            "access_token::an_empty_name_is_nobodys",
            "access_token::a_token_bound_to_a_key_is_no_bearer_token",
        ],
    ),
    (
        "ID token: one audience, `azp` the client, `sub` of 1 to 255 ASCII characters, the nonce that was sent.",
        &[
            "id_token::a_further_audience_is_refused",
            "id_token::azp_is_the_client",
            "id_token::sub_is_1_to_255_ascii_characters",
            "id_token::nonce_is_the_one_that_was_sent",
        ],
    ),
    (
        "ID token: `at_hash` fits the access token; `max_age` needs a recent `auth_time`.",
        &[
            "id_token::at_hash_is_half_the_hash_of_the_access_token",
            "id_token::max_age_needs_a_recent_auth_time",
        ],
    ),
    (
        "Client assertion: the audience is the issuer as a string, an hour at most, each `jti` once.",
        &[
            "client_assertion::the_audience_is_the_issuer_as_a_string",
            "client_assertion::issuer_and_subject_are_the_client",
            "client_assertion::an_assertion_lives_at_most_an_hour",
            "client_assertion::an_assertion_is_used_once",
            "client_assertion::single_use_counts_for_one_profile_and_one_issuer",
        ],
    ),
    (
        "Logout token: `sub` or `sid`, the logout event as an object, no nonce, each `jti` once.",
        &[
            "logout_token::sub_or_sid_must_be_there",
            "logout_token::events_holds_the_logout_event",
            "logout_token::nonce_is_forbidden",
            "logout_token::a_logout_token_is_used_once",
        ],
    ),
    (
        "Request object: no `request` or `request_uri`, `sub` not the client.",
        &[
            "request_object::a_request_in_a_request_is_forbidden",
            "request_object::sub_does_not_name_the_client",
            "request_object::the_client_is_the_one_that_asks",
        ],
    ),
    (
        "DPoP proof: the header's public key, bound to method, URI, access token, key and nonce, fresh, once.",
        &[
            "dpop::the_key_is_the_headers",
            "dpop::the_key_is_public",
            "dpop::the_key_is_well_formed_and_fits",
            "dpop::a_proof_is_made_for_one_method",
            "dpop::a_proof_is_made_for_one_uri",
            "dpop::without_the_request_a_proof_proves_nothing",
            "dpop::ath_is_the_hash_of_the_access_token",
            "dpop::the_key_is_the_one_the_access_token_is_bound_to",
            "dpop::nonce_is_the_one_that_was_handed_out",
            "dpop::a_proof_is_fresh",
            "dpop::a_proof_is_used_once_for_one_uri",
        ],
    ),
    // Around the token.
    (
        "A refusal says nothing of the token, and keys do not print themselves.",
        &[
            "access_token::a_refusal_says_nothing_of_the_token",
            "keys::keys_do_not_print_themselves",
            "issuing::a_signing_key_does_not_print_itself",
        ],
    ),
    (
        "A cached token is the same text, still expires, can be revoked, and dies with its key.",
        &[
            "issuing::a_token_with_another_signature_is_another_token",
            "issuing::a_cached_token_expires",
            "issuing::a_cached_token_can_be_revoked_and_is_forgotten_when_it_would_have_ended",
            "issuing::a_cached_token_dies_with_its_key",
            "issuing::a_refusal_is_not_cached",
            "issuing::the_cache_is_bounded",
        ],
    ),
    (
        "Offline, each line has one answer, and a malformed one does not stop the run.",
        &[
            "engine::a_line_that_is_no_request_is_rejected_and_the_next_is_read",
            "engine::every_verdict_is_one_line_with_a_code_and_words",
            "engine::a_line_too_long_is_rejected_and_the_next_is_read",
            "engine::the_moment_is_the_lines_or_the_files_or_the_clocks",
            "mutations::every_line_has_one_answer",
        ],
    ),
    (
        "Profiles are data; a rule that is not known is never satisfied.",
        &["engine::a_profile_is_data", "engine::profiles_that_cannot_be_read_are_refused_by_name"],
    ),
    (
        "No input makes it panic.",
        &[
            "mutations::no_text_is_a_token_and_none_panics",
            "mutations::any_header_and_any_claims_are_judged_without_panic",
            "mutations::any_value_of_any_claim_is_judged_without_panic",
            "mutations::any_key_set_is_judged_without_panic",
        ],
    ),
];

/// The source of a file of these tests.
fn source(file: &str) -> &'static str {
    match file {
        "access_token" => include_str!("access_token.rs"),
        "client_assertion" => include_str!("client_assertion.rs"),
        "compact" => include_str!("compact.rs"),
        "dates" => include_str!("dates.rs"),
        "dpop" => include_str!("dpop.rs"),
        "engine" => include_str!("engine.rs"),
        "header" => include_str!("header.rs"),
        "id_token" => include_str!("id_token.rs"),
        "issuing" => include_str!("issuing.rs"),
        "keys" => include_str!("keys.rs"),
        "logout_token" => include_str!("logout_token.rs"),
        "mutations" => include_str!("mutations.rs"),
        "names" => include_str!("names.rs"),
        "request_object" => include_str!("request_object.rs"),
        "signatures" => include_str!("signatures.rs"),
        other => panic!("no file is called {other}"),
    }
}

#[test]
fn every_rule_has_a_test_that_is_there() {
    for (rule, tests) in RULES {
        assert!(!tests.is_empty(), "nothing holds: {rule}");
        for test in *tests {
            let (file, name) = test.split_once("::").unwrap();
            let lines: Vec<_> = source(file).lines().map(str::trim).collect();
            let is_there = lines
                .windows(2)
                .any(|pair| pair[0] == "#[test]" && pair[1].starts_with(&format!("fn {name}(")));
            assert!(is_there, "{test} is not there to hold: {rule}");
        }
    }
}
