//! What a grant says of itself: the parameter it reads, the answers it can give, the policy; and what is wrong with these.

use std::any::type_name;

use http::StatusCode;
use serde_json::json;

use super::{Hidden, Policy, Resource, short_name};
use crate::{
    describe::{Description, ObjectRule, ParameterPlace},
    requirement::Requirement,
};

/// The path parameter that names the object, and what it is answered with where that names nothing.
pub(super) fn parameter<A: 'static, R: Resource>(description: &mut Description<'_>) {
    let (action, resource, name) = (short_name::<A>(), short_name::<R>(), R::PARAMETER);
    if lacks(description, name) {
        description.fault(format!(
            "`Granted<{action}, {resource}>` is about the object that the path parameter `{name}` names, which the path does \
             not have: add `{{{name}}}` to it"
        ));
        return;
    }
    description.parameter(ParameterPlace::Path, name, true, json!({ "type": "string" }));
    let missing = match R::HIDDEN {
        Hidden::Never => format!("There is no such `{resource}`"),
        Hidden::Always => format!("There is no such `{resource}`, or the caller may not `{action}` it"),
        Hidden::Unless(_) => format!("There is no such `{resource}`, or the caller may not know of it"),
    };
    description.refusal(StatusCode::NOT_FOUND, &missing);
    if !matches!(R::HIDDEN, Hidden::Always) {
        description
            .refusal(StatusCode::FORBIDDEN, &format!("The caller may not `{action}` this `{resource}`"));
    }
}

/// The policy, and what is wrong with it here.
pub(super) fn described_object<A, R>(description: &mut Description<'_>, each: bool)
where
    A: 'static,
    R: Resource,
    R::Principal: Policy<A, R>,
{
    let requirement = R::Principal::requirement();
    let (action, resource) = (short_name::<A>(), short_name::<R>());
    description.refusal(
        StatusCode::SERVICE_UNAVAILABLE,
        &format!("Whether the caller may `{action}` the `{resource}` could not be found out"),
    );
    let of = format!("the policy for `{action}` of `{resource}`");
    let mut faults = policy_faults::<R>(&of, &requirement, description);
    if let Hidden::Unless(seen) = R::HIDDEN {
        faults.extend(policy_faults::<R>(&format!("who learns of a `{resource}`"), &seen(), description));
    }
    if let Some(name) = R::TENANT.filter(|name| lacks(description, name)) {
        faults.push(format!(
            "a `{resource}` belongs to the tenant that the path parameter `{name}` names, which the path does not have: add \
             `{{{name}}}` to it"
        ));
    }
    for fault in faults {
        description.fault(fault);
    }
    let known = |rule: &ObjectRule| rule.action == action && rule.resource == resource && rule.each == each;
    if !description.objects.iter().any(known) {
        description.objects.push(ObjectRule { action, resource, requirement, each });
    }
}

fn policy_faults<R: Resource>(
    of: &str,
    requirement: &Requirement,
    description: &Description<'_>,
) -> Vec<String> {
    let mut faults: Vec<String> =
        requirement.faults().into_iter().map(|fault| format!("{of}: {fault}")).collect();
    let (principal, resource) = (type_name::<R::Principal>(), type_name::<R>());
    for relation in requirement.relations() {
        if relation.principal != principal || relation.resource != resource {
            faults.push(format!(
                "{of}: `relation({})` is between `{}` and `{}`, and here it is asked of `{principal}` and `{resource}`, for which \
                 it can never be told",
                relation.name, relation.principal, relation.resource
            ));
        }
    }
    for name in requirement.parameters() {
        if R::TENANT != Some(name) {
            faults.push(format!(
                "{of}: it asks what the caller holds in the tenant `{{{name}}}`, and a `{}` does not say that it belongs to it, so \
                 an object of another tenant would be had by it: say `const TENANT: Option<&'static str> = Some(\"{name}\")`, \
                 and `fn tenant`",
                short_name::<R>()
            ));
        } else if lacks(description, name) {
            faults.push(format!("{of}: the path does not have the parameter `{name}`"));
        }
    }
    faults
}

fn lacks(description: &Description<'_>, name: &str) -> bool {
    !description.path_parameters().iter().any(|known| known == name)
}
