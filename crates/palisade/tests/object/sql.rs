//! SQL conditions, held against a small interpreter with SQL's three-valued logic.

use palisade::object::{NoFragment, Predicate, SqlFragments};
use proptest::prelude::*;

/// A row: each column is true, false or NULL.
type Row = [Option<bool>; 3];

const COLUMNS: [&str; 3] = ["a", "b", "c"];

fn fragments() -> SqlFragments {
    SqlFragments::new()
        .relation("a", "row.a = 1")
        .relation("b", "row.b = 1 OR row.b = 1")
        .tenant("org", "row.c = 1")
}

/// Reads an SQL condition and says what it comes to for a row: `None` is NULL.
struct Sql<'a> {
    rest: &'a str,
    row: Row,
}

impl Sql<'_> {
    fn of(text: &str, row: Row) -> Option<bool> {
        let mut sql = Sql { rest: text, row };
        let value = sql.either();
        assert_eq!(sql.rest.trim(), "", "all of {text} is read");
        value
    }

    fn eat(&mut self, word: &str) -> bool {
        let rest = self.rest.trim_start();
        let found = rest.strip_prefix(word);
        self.rest = found.unwrap_or(rest);
        found.is_some()
    }

    fn need(&mut self, word: &str) {
        assert!(self.eat(word), "{word:?} at {:?}", self.rest);
    }

    fn either(&mut self) -> Option<bool> {
        let mut value = self.both();
        while self.eat("OR") {
            let other = self.both();
            value = match (value, other) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            };
        }
        value
    }

    fn both(&mut self) -> Option<bool> {
        let mut value = self.one();
        while self.eat("AND") {
            let other = self.one();
            value = match (value, other) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            };
        }
        value
    }

    fn one(&mut self) -> Option<bool> {
        if self.eat("(") {
            let value = self.either();
            self.need(")");
            return value;
        }
        if self.eat("CASE") {
            self.need("WHEN");
            let value = self.either();
            for word in ["THEN", "1", "ELSE", "0", "END", "=", "0"] {
                self.need(word);
            }
            return Some(value != Some(true));
        }
        for (at, column) in COLUMNS.iter().enumerate() {
            if self.eat(&format!("row.{column} = 1")) {
                return self.row[at];
            }
        }
        self.need("1 = ");
        Some(
            self.eat("1") || {
                self.need("0");
                false
            },
        )
    }
}

/// What the predicate means: a relation that a row says nothing of does not hold.
fn means(predicate: &Predicate, row: Row) -> bool {
    match predicate {
        Predicate::Everything => true,
        Predicate::Nothing => false,
        Predicate::Tenant { .. } => row[2] == Some(true),
        Predicate::Relation { name, negated } => (row[usize::from(*name == "b")] == Some(true)) != *negated,
        Predicate::All(parts) => parts.iter().all(|part| means(part, row)),
        Predicate::Any(parts) => parts.iter().any(|part| means(part, row)),
    }
}

fn predicates() -> impl Strategy<Value = Predicate> {
    let relation = (prop::sample::select(vec!["a", "b"]), any::<bool>())
        .prop_map(|(name, negated)| Predicate::Relation { name, negated });
    let leaf = prop_oneof![
        Just(Predicate::Everything),
        Just(Predicate::Nothing),
        Just(Predicate::Tenant { parameter: "org", name: "acme".into() }),
        relation,
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let parts = || prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![parts().prop_map(Predicate::All), parts().prop_map(Predicate::Any)]
    })
}

proptest! {
    #[test]
    fn the_text_selects_exactly_what_the_predicate_means(predicate in predicates(), row in any::<Row>()) {
        let text = predicate.to_sql(&fragments()).unwrap();
        prop_assert_eq!(Sql::of(&text, row) == Some(true), means(&predicate, row), "{}", text);
        // It keeps its meaning within a larger condition.
        let within = format!("1 = 1 AND {text} AND 1 = 1");
        prop_assert_eq!(Sql::of(&within, row) == Some(true), means(&predicate, row), "{}", within);
    }
}

#[test]
fn what_has_no_fragment_is_an_error_and_no_wider_query() {
    let relation = |name| Predicate::Relation { name, negated: false };
    let any = Predicate::Any(vec![relation("a"), relation("stranger")]);
    let error: NoFragment = any.to_sql(&fragments()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no SQL fragment for `relation(stranger)`, so nothing can be selected by it"
    );
    let tenant = Predicate::Tenant { parameter: "a", name: "acme".into() };
    assert!(tenant.to_sql(&fragments()).is_err(), "a relation of that name is no tenant");
    assert_eq!(palisade::Problem::from(error).status(), 500);
}

#[test]
fn a_test_can_ask_whether_a_whole_policy_is_covered() {
    use palisade::prelude::*;
    let policy =
        <crate::support::Caller as Policy<crate::support::Read, crate::support::Paper>>::requirement();
    let some = SqlFragments::new().tenant("org", "org = :org").relation("owner", "owner = :me");
    assert!(some.cover(&policy).is_err());
    assert_eq!(some.relation("reader", "r").relation("open", "open").cover(&policy), Ok(()));
}

#[test]
fn a_condition_reads_as_it_was_stated() {
    let predicate = Predicate::All(vec![
        Predicate::Tenant { parameter: "org", name: "acme".into() },
        Predicate::Relation { name: "a", negated: true },
    ]);
    let text = "((row.c = 1) AND (CASE WHEN row.a = 1 THEN 1 ELSE 0 END = 0))";
    assert_eq!(predicate.to_sql(&fragments()).as_deref(), Ok(text));
}
