//! How values of other modules are written down in a decision, and read back.

/// `{"account": id}` or `{"client": id}`.
pub(super) mod subject {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::authority::Subject;

    /// Who was calling.
    #[derive(Serialize, Deserialize, schemars::JsonSchema)]
    #[schemars(rename = "Subject")]
    #[serde(rename_all = "lowercase")]
    pub(in crate::decision) enum Form {
        /// An account, by its id.
        Account(String),
        /// An OAuth 2.0 client acting for itself, by its client id.
        Client(String),
    }

    pub(in crate::decision) fn serialize<S: Serializer>(
        subject: &Subject,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let form = match subject {
            Subject::Account(id) => Form::Account(id.to_string()),
            Subject::Client(id) => Form::Client(id.to_string()),
        };
        form.serialize(serializer)
    }

    pub(in crate::decision) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Subject, D::Error> {
        Ok(match Form::deserialize(deserializer)? {
            Form::Account(id) => Subject::Account(id.into()),
            Form::Client(id) => Subject::Client(id.into()),
        })
    }
}

/// `"a b c"` (RFC 6749, section 3.3).
pub(super) mod scopes {
    use std::borrow::Cow;

    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    use crate::scope::ScopeSet;

    pub(in crate::decision) fn serialize<S: Serializer>(
        scopes: &ScopeSet,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(scopes)
    }

    pub(in crate::decision) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<ScopeSet, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// A list of the names of RFC 8176, section 2.
pub(super) mod factors {
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    use crate::factor::{Factor, FactorSet};

    pub(in crate::decision) fn serialize<S: Serializer>(
        factors: &FactorSet,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(factors.iter().map(Factor::name))
    }

    pub(in crate::decision) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<FactorSet, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        let read = |name: &String| name.parse::<Factor>().map_err(D::Error::custom);
        names.iter().map(read).collect()
    }
}
