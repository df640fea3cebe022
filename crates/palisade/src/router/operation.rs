//! What a router knows of each of its operations: enough to list it, document it and find its mistakes, without
//! knowing its types any more.

use std::{
    any::TypeId,
    fmt,
    sync::{Arc, OnceLock},
};

use http::{Method, StatusCode};

use super::arguments::Arguments;
use crate::{
    credential::{Need, Scheme},
    describe::{Description, ObjectRule, OwnRequirement, Schemas},
    requirement::Requirement,
};

/// Who may call: what the route said.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Rule {
    Requires(Requirement),
    Public(&'static str),
}

/// What a handler's arguments ask of the guard.
pub(crate) struct Asked {
    /// The dependencies whose requirements are part of the rule.
    pub(crate) admits: Arc<[TypeId]>,
    /// Whether the answer can go on for long, so that the rule is asked again.
    pub(crate) rechecked: bool,
}

impl Rule {
    /// The rule of a handler with arguments `T`: what the route says, and what its dependencies require.
    pub(crate) fn with_arguments<T: Arguments<S>, S>(self, path: &str) -> (Self, Asked) {
        let mut schemas = Schemas::default();
        let mut description = Description::of_path(path, &mut schemas);
        T::describe(&mut description);
        let rechecked = description.rechecked;
        let Self::Requires(route) = self else {
            // That it should not be public is told at start-up; until then nothing is admitted.
            return (self, Asked { admits: [].into(), rechecked: false });
        };
        let admits = description.requirements.iter().map(|own| own.dependency).collect();
        let mut added: Vec<Requirement> = Vec::new();
        for own in description.requirements {
            // What only is called alike stays in the rule, where two things of one name are found.
            if !own.requirement.is(&route) && !added.iter().any(|known| known.is(&own.requirement)) {
                added.push(own.requirement);
            }
        }
        let rule = added.into_iter().fold(route, |all, one| all & one);
        (Self::Requires(rule), Asked { admits, rechecked })
    }
}

/// What an operation is, beside what it requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A handler of ours, described by its types.
    Endpoint,
    /// A foreign router: all that is below its path.
    Mount,
    /// Answers what no route matches.
    Fallback,
    /// Serves the API document.
    Documentation,
}

/// The number of the router whose state an operation is called with; set when the router gets its state.
pub(crate) type Mounted = Arc<OnceLock<u64>>;

type DescribeFn = fn(&mut Description<'_>);

/// One operation: a method of a path.
#[derive(Clone)]
pub(crate) struct Operation {
    pub(crate) path: String,
    /// None for every method.
    pub(crate) method: Option<Method>,
    pub(crate) rule: Rule,
    pub(crate) kind: Kind,
    pub(crate) principal: &'static str,
    pub(crate) handler: &'static str,
    pub(crate) summary: Option<&'static str>,
    pub(crate) cancellable: bool,
    /// Whether the API document has it.
    pub(crate) documented: bool,
    pub(crate) layers: Vec<&'static str>,
    pub(crate) describe_principal: DescribeFn,
    pub(crate) describe_arguments: DescribeFn,
    /// What its arguments and its result say.
    pub(crate) describe: DescribeFn,
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}: {:?}", self.rule)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method_name(), self.path)
    }
}

impl Operation {
    /// The paths it is served at: all that is below it, for a foreign router.
    pub(crate) fn paths(&self) -> Vec<String> {
        match self.kind {
            Kind::Mount => {
                vec![self.path.clone(), format!("{}/", self.path), format!("{}/{{*rest}}", self.path)]
            }
            Kind::Endpoint | Kind::Fallback | Kind::Documentation => vec![self.path.clone()],
        }
    }

    /// Whether the two cannot stand at one path. A mounted router answers every method, and shares its path with nobody.
    pub(crate) fn collides_with(&self, other: &Self) -> bool {
        self.method == other.method || self.kind == Kind::Mount || other.kind == Kind::Mount
    }

    /// Whether a request has to pass axum's router: something that is made for it, or a check, may read what that router leaves
    /// behind.
    pub(crate) fn reads_axums_route(&self) -> bool {
        let has_checks = |requirement: &Requirement| requirement.checks().next().is_some();
        if matches!(&self.rule, Rule::Requires(requirement) if has_checks(requirement)) {
            return true;
        }
        let mut schemas = Schemas::default();
        let mut description = Description::of_path(&self.path, &mut schemas);
        (self.describe_principal)(&mut description);
        (self.describe_arguments)(&mut description);
        let checked = description.objects.iter().any(|object| has_checks(&object.requirement));
        checked || description.axums_route || !description.undescribed.is_empty()
    }

    pub(crate) fn method_name(&self) -> &str {
        self.method.as_ref().map_or("*", Method::as_str)
    }

    /// What the operation's types say of it.
    pub(crate) fn described<'a>(&'a self, schemas: &mut Schemas) -> Described<'a> {
        let mut principal = Description::of_path(&self.path, schemas);
        (self.describe_principal)(&mut principal);
        let principal_needs = principal.needs;
        let principal_parameters = principal.parameters;
        let mut principal_faults = principal.faults;
        principal_faults.extend(principal.requirements.iter().map(|own| {
            let OwnRequirement { name, requirement, .. } = own;
            format!(
                "`{name}` requires `{requirement}`, and the principal is made of it: what is required is checked for a \
                 principal, which is not there yet; say it at the routes"
            )
        }));
        let mut description = Description::of_path(&self.path, schemas);
        if matches!(self.rule, Rule::Requires(_)) {
            description.parameters = principal_parameters;
            description.faults = principal_faults;
        }
        (self.describe)(&mut description);
        Described {
            operation: self,
            principal_needs,
            needs: description.needs,
            parameters: description.parameters,
            body: description.body,
            answers: description.answers,
            any_answer: description.any_answer,
            undescribed: description.undescribed,
            requirements: description.requirements,
            objects: description.objects,
            faults: description.faults,
        }
    }
}

/// An operation and what its types say of it.
pub(crate) struct Described<'a> {
    pub(crate) operation: &'a Operation,
    /// What the router's principal needs.
    pub(crate) principal_needs: Vec<Need>,
    /// What the handler's own arguments need.
    pub(crate) needs: Vec<Need>,
    pub(crate) parameters: Vec<crate::describe::Parameter>,
    pub(crate) body: std::collections::BTreeMap<&'static str, serde_json::Value>,
    pub(crate) answers: std::collections::BTreeMap<u16, Vec<crate::describe::Answer>>,
    pub(crate) any_answer: Option<crate::describe::Answer>,
    pub(crate) undescribed: Vec<&'static str>,
    /// What the handler's dependencies require; part of the rule already.
    pub(crate) requirements: Vec<OwnRequirement>,
    /// The policies of the objects it decides about.
    pub(crate) objects: Vec<ObjectRule>,
    pub(crate) faults: Vec<String>,
}

impl Described<'_> {
    /// What a request must carry: for a guarded operation what the principal needs, and for any what its arguments need.
    pub(crate) fn need(&self) -> Need {
        let guarded = matches!(self.operation.rule, Rule::Requires(_));
        let mut needs = if guarded { self.principal_needs.clone() } else { Vec::new() };
        for need in &self.needs {
            // `Option<CurrentUser>` beside a required one asks for nothing more.
            let covered = match need {
                Need::Optional(inner) => match &**inner {
                    Need::All(inner) => inner.iter().all(|need| needs.contains(need)),
                    inner => needs.contains(inner),
                },
                need => needs.contains(need),
            };
            if !covered {
                needs.push(need.clone());
            }
        }
        Need::All(needs)
    }

    pub(crate) fn schemes(&self) -> Vec<Scheme> {
        let mut schemes: Vec<Scheme> = Vec::new();
        for scheme in self.need().schemes() {
            if !schemes.contains(scheme) {
                schemes.push(scheme.clone());
            }
        }
        schemes
    }

    /// Whether the operation can be refused for coming from another site.
    pub(crate) fn asks_for_the_origin(&self) -> bool {
        let unsafe_method = self.operation.method.as_ref().is_none_or(|method| !method.is_safe());
        let upgrades = self.answers.contains_key(&StatusCode::SWITCHING_PROTOCOLS.as_u16());
        (unsafe_method || upgrades) && self.need().schemes().iter().any(|scheme| scheme.ambient)
    }

    /// Whether the operation can be refused for a credential.
    pub(crate) fn knows_the_caller(&self) -> bool {
        !self.need().schemes().is_empty()
    }
}
