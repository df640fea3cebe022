//! Statements in words, for the API document.

use super::{
    Requirement,
    condition::ConditionKind,
    statement::{StatedLeaf, StatedLiteral, Statement},
    tree::Tree,
};

impl Requirement {
    /// The requirement as a sentence for the API document.
    pub fn in_words(&self) -> String {
        self.statement().in_words()
    }
}

impl Statement {
    /// The statement as a sentence for the API document.
    pub fn in_words(&self) -> String {
        format!("Requires {}.", words(&self.0))
    }
}

fn words(tree: &Tree<StatedLiteral>) -> String {
    let joined = |parts: &[Tree<StatedLiteral>], joint: &str| {
        let wrap = |part: &Tree<StatedLiteral>| match part {
            Tree::All(_) | Tree::Any(_) => format!("({})", words(part)),
            Tree::Leaf(literal) => literal_words(literal),
        };
        parts.iter().map(wrap).collect::<Vec<_>>().join(joint)
    };
    match tree {
        Tree::Leaf(literal) => literal_words(literal),
        Tree::All(parts) => joined(parts, " and "),
        Tree::Any(parts) => joined(parts, " or "),
    }
}

fn literal_words(literal: &StatedLiteral) -> String {
    let within = |parameter: &Option<String>| {
        parameter.as_ref().map(|name| format!(" in the tenant `{{{name}}}`")).unwrap_or_default()
    };
    let said = match &literal.leaf {
        StatedLeaf::SignedIn => "a signed-in account".to_owned(),
        StatedLeaf::Undelegated => "a credential with all of its account's authority".to_owned(),
        StatedLeaf::Recent(age) => format!("a sign-in within the last {age:?}"),
        StatedLeaf::Factor(factor) => format!("a sign-in with the factor `{factor}`"),
        StatedLeaf::Scope(scope, parameter) => format!("the scope `{scope}`{}", within(parameter)),
        StatedLeaf::Role(role, parameter) => format!("the role `{}`{}", role.name, within(parameter)),
        StatedLeaf::Tenant(parameter) => format!("a member of the tenant `{{{parameter}}}`"),
        StatedLeaf::Client(id) => format!("a credential issued to the client `{id}`"),
        StatedLeaf::Condition(ConditionKind::Address, name) => format!("a request from `{name}`"),
        StatedLeaf::Condition(ConditionKind::Hours, name) => format!("a time within `{name}`"),
        StatedLeaf::Condition(ConditionKind::Header, name) => format!("the header of `{name}`"),
        StatedLeaf::Check(name) => format!("that `{name}` holds"),
        StatedLeaf::Relation(name) => format!("that the caller is `{name}` of it"),
    };
    if literal.negated { format!("not {said}") } else { said }
}
