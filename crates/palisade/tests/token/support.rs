//! Keys, tokens of every kind that are right in all respects, and ways to spoil them one by one.

use std::sync::LazyLock;

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
        KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair,
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use palisade::{
    clock::{Clock, ManualClock},
    token::{Profiles, offline},
};
use serde_json::{Map, Value, json};

/// The moment at which all tokens here are looked at.
pub(crate) const NOW: i64 = 1_800_000_000;
/// How far a clock may be off.
pub(crate) const LEEWAY: i64 = 60;

/// A private key and how its public half is called.
pub(crate) struct TestKey {
    pub(crate) kid: &'static str,
    pub(crate) private: Private,
}

pub(crate) enum Private {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
    Rsa(RsaKeyPair),
    Secret(Vec<u8>),
}

/// One key of each kind, and a second one of two kinds that no key set holds unless a test puts it there.
pub(crate) struct Keys {
    pub(crate) ed25519: TestKey,
    pub(crate) p256: TestKey,
    pub(crate) p384: TestKey,
    pub(crate) rsa: TestKey,
    pub(crate) secret: TestKey,
    pub(crate) other_ed25519: TestKey,
    pub(crate) other_p256: TestKey,
}

pub(crate) static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let ed25519 = |seed: u8| Private::Ed25519(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap());
    let p256 = || Private::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap());
    Keys {
        ed25519: TestKey { kid: "ed", private: ed25519(1) },
        p256: TestKey { kid: "p256", private: p256() },
        p384: TestKey {
            kid: "p384",
            private: Private::P384(EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap()),
        },
        rsa: TestKey { kid: "rsa", private: Private::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()) },
        secret: TestKey { kid: "secret", private: Private::Secret((0..32).collect()) },
        other_ed25519: TestKey { kid: "other-ed", private: ed25519(2) },
        other_p256: TestKey { kid: "other-p256", private: p256() },
    }
});

impl TestKey {
    /// The signature of `message` by the algorithm called `alg`, or by this key's own if it knows no other.
    pub(crate) fn sign(&self, alg: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.private {
            Private::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            Private::P256(pair) | Private::P384(pair) => {
                pair.sign(&random, message).unwrap().as_ref().to_vec()
            }
            Private::Rsa(pair) => {
                let encoding = if alg == "PS256" { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(encoding, &random, message, &mut signature).unwrap();
                signature
            }
            Private::Secret(secret) => {
                hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message).as_ref().to_vec()
            }
        }
    }

    /// The algorithm this key signs with unless something else is said.
    pub(crate) fn alg(&self) -> &'static str {
        match &self.private {
            Private::Ed25519(_) => "EdDSA",
            Private::P256(_) => "ES256",
            Private::P384(_) => "ES384",
            Private::Rsa(_) => "RS256",
            Private::Secret(_) => "HS256",
        }
    }

    /// What a verifier gets: the public half, or the secret.
    pub(crate) fn jwk(&self) -> Value {
        let mut jwk = match &self.private {
            Private::Ed25519(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": b64(pair.public_key().as_ref())})
            }
            Private::P256(pair) => elliptic("P-256", 32, pair),
            Private::P384(pair) => elliptic("P-384", 48, pair),
            Private::Rsa(pair) => {
                let (n, e) = (pair.public_key().modulus(), pair.public_key().exponent());
                let (n, e) = (n.big_endian_without_leading_zero(), e.big_endian_without_leading_zero());
                json!({"kty": "RSA", "n": b64(n), "e": b64(e)})
            }
            Private::Secret(secret) => json!({"kty": "oct", "k": b64(secret)}),
        };
        jwk["kid"] = json!(self.kid);
        jwk
    }

    /// The public half without a name, as a DPoP proof carries it.
    pub(crate) fn bare_jwk(&self) -> Value {
        let mut jwk = self.jwk();
        jwk.as_object_mut().unwrap().remove("kid");
        jwk
    }
}

fn elliptic(curve: &str, size: usize, pair: &EcdsaKeyPair) -> Value {
    let (x, y) = pair.public_key().as_ref()[1..].split_at(size);
    json!({"kty": "EC", "crv": curve, "x": b64(x), "y": b64(y)})
}

/// The keys every verifier here has, unless a test says otherwise.
pub(crate) fn key_set() -> Value {
    key_set_of(&[&KEYS.ed25519, &KEYS.p256, &KEYS.p384, &KEYS.rsa])
}

pub(crate) fn key_set_of(keys: &[&TestKey]) -> Value {
    json!({ "keys": keys.iter().map(|key| key.jwk()).collect::<Vec<_>>() })
}

pub(crate) fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn unb64(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

pub(crate) fn sha256(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes.as_ref()).as_ref().to_vec()
}

/// A token in the making, and the circumstances under which it is verified.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) profile: &'static str,
    pub(crate) header: Map<String, Value>,
    pub(crate) claims: Map<String, Value>,
    pub(crate) key: &'static TestKey,
    pub(crate) keys: Value,
    pub(crate) context: Value,
    pub(crate) at: Value,
}

impl Draft {
    fn new(profile: &'static str, typ: Option<&str>, key: &'static TestKey, claims: Value) -> Self {
        let mut header = json!({"alg": key.alg(), "kid": key.kid});
        if let Some(typ) = typ {
            header["typ"] = json!(typ);
        }
        let (Value::Object(header), Value::Object(claims)) = (header, claims) else { unreachable!() };
        Self { profile, header, claims, key, keys: key_set(), context: json!({}), at: json!(NOW) }
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn without_header(mut self, name: &str) -> Self {
        self.header.remove(name);
        self
    }

    pub(crate) fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    /// Signs with `key`, and says so in the header.
    pub(crate) fn signed_by(mut self, key: &'static TestKey) -> Self {
        self.key = key;
        self.header("alg", key.alg()).header("kid", key.kid)
    }

    pub(crate) fn alg(self, alg: &str) -> Self {
        self.header("alg", alg)
    }

    /// What the verifier believes.
    pub(crate) fn keys(mut self, keys: Value) -> Self {
        self.keys = keys;
        self
    }

    pub(crate) fn context(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.context[name] = value.into();
        self
    }

    /// The token.
    pub(crate) fn token(&self) -> String {
        self.token_of(json!(self.header).to_string(), json!(self.claims).to_string())
    }

    /// A token of exactly this header and these claims, well-formed or not, with a good signature.
    pub(crate) fn token_of(&self, header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
        let signed = format!("{}.{}", b64(header), b64(claims));
        let alg = self.header.get("alg").and_then(Value::as_str).unwrap_or_default();
        format!("{signed}.{}", b64(self.key.sign(alg, signed.as_bytes())))
    }

    /// The claims as text, with `extra` put in as it stands.
    pub(crate) fn claims_with(&self, extra: &str) -> String {
        let claims = json!(self.claims).to_string();
        format!("{},{extra}}}", &claims[..claims.len() - 1])
    }

    /// The header as text, with `extra` put in as it stands.
    pub(crate) fn header_with(&self, extra: &str) -> String {
        let header = json!(self.header).to_string();
        format!("{},{extra}}}", &header[..header.len() - 1])
    }

    /// The verdict on this token with `extra` put among its claims as it stands.
    pub(crate) fn verdict_with(&self, extra: &str) -> String {
        self.verdict_of(&self.token_of(json!(self.header).to_string(), self.claims_with(extra)))
    }

    /// The verdict on this token with `extra` put into its header as it stands.
    pub(crate) fn verdict_with_header(&self, extra: &str) -> String {
        self.verdict_of(&self.token_of(self.header_with(extra), json!(self.claims).to_string()))
    }

    /// `accept`, or the code of the refusal.
    pub(crate) fn verdict(&self) -> String {
        self.verdict_of(&self.token())
    }

    /// The verdict on another token under the same circumstances.
    pub(crate) fn verdict_of(&self, token: &str) -> String {
        run(&[self.line_of(token)]).pop().unwrap()
    }

    pub(crate) fn line(&self) -> String {
        self.line_of(&self.token())
    }

    pub(crate) fn line_of(&self, token: &str) -> String {
        json!({
            "profile": self.profile,
            "keys": self.keys,
            "at": self.at,
            "context": self.context,
            "token": token,
        })
        .to_string()
    }
}

/// What the offline engine says to `lines`: `accept` or a code.
pub(crate) fn run(lines: &[impl AsRef<str>]) -> Vec<String> {
    let lines: Vec<_> = lines.iter().map(AsRef::as_ref).collect();
    let output = run_raw(lines.join("\n").as_bytes(), &Profiles::builtin());
    let verdicts = output.lines().map(|line| {
        let mut words = line.split(' ');
        match (words.next(), words.next()) {
            (Some("reject"), Some(code)) => code.to_owned(),
            (Some(word), None) => word.to_owned(),
            _ => panic!("not a verdict: {line}"),
        }
    });
    verdicts.collect()
}

/// The offline engine's own words.
pub(crate) fn run_raw(input: &[u8], profiles: &Profiles) -> String {
    let mut output = Vec::new();
    let clock = ManualClock::at(NOW);
    let clock: &dyn Clock = &*clock;
    offline::run(input, &mut output, profiles, clock).unwrap();
    String::from_utf8(output).unwrap()
}

pub(crate) fn access_token() -> Draft {
    let claims = json!({
        "iss": "https://op.test", "sub": "account-1", "aud": "https://api.test", "client_id": "client-1",
        "exp": NOW + 300, "iat": NOW, "jti": "token-1", "scope": "me:read",
    });
    Draft::new("access_token", Some("at+jwt"), &KEYS.ed25519, claims)
}

pub(crate) fn id_token() -> Draft {
    let claims = json!({
        "iss": "https://op.test", "sub": "account-1", "aud": "client-1",
        "exp": NOW + 300, "iat": NOW, "nonce": "n-0S6_WzA2Mj",
    });
    Draft::new("id_token", Some("JWT"), &KEYS.p256, claims)
}

pub(crate) fn client_assertion() -> Draft {
    let claims = json!({
        "iss": "client-1", "sub": "client-1", "aud": "https://op.test", "exp": NOW + 60, "jti": "assertion-1",
    });
    Draft::new("client_assertion", Some("client-authentication+jwt"), &KEYS.p256, claims)
}

pub(crate) fn client_secret_jwt() -> Draft {
    let draft = client_assertion().signed_by(&KEYS.secret).keys(key_set_of(&[&KEYS.secret]));
    Draft { profile: "client_secret_jwt", ..draft }
}

pub(crate) fn logout_token() -> Draft {
    let claims = json!({
        "iss": "https://op.test", "aud": "client-1", "sub": "account-1", "iat": NOW, "exp": NOW + 120,
        "jti": "logout-1", "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    });
    Draft::new("logout_token", Some("logout+jwt"), &KEYS.ed25519, claims)
}

pub(crate) fn request_object() -> Draft {
    let claims = json!({
        "iss": "client-1", "aud": "https://op.test", "client_id": "client-1", "exp": NOW + 60,
        "response_type": "code", "scope": "openid",
    });
    Draft::new("request_object", Some("oauth-authz-req+jwt"), &KEYS.p256, claims)
}

pub(crate) fn dpop() -> Draft {
    let claims = json!({"jti": "proof-1", "htm": "POST", "htu": "https://api.test/items", "iat": NOW});
    Draft::new("dpop", Some("dpop+jwt"), &KEYS.p256, claims)
        .without_header("kid")
        .header("jwk", KEYS.p256.bare_jwk())
        .keys(json!({"keys": []}))
        .context("htm", "POST")
        .context("htu", "https://api.test/items")
}

/// A right token of every kind.
pub(crate) fn every_kind() -> Vec<Draft> {
    vec![
        access_token(),
        id_token(),
        client_assertion(),
        client_secret_jwt(),
        logout_token(),
        request_object(),
        dpop(),
    ]
}
