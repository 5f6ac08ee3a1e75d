//! The rules by which a connection gives roles: which are accepted, and how answers show them.

use std::collections::HashSet;

use serde_json::json;

use super::super::error::{DirectoryError, Kind, Problem};
use super::super::users::exceeds;
use super::{ceiling_name, reach};
use crate::auth::TenantView;
use crate::model::{BuiltInRole, Connection, MappedAttribute, Permissions, Role, RoleMapping};
use crate::provisioning::Request;
use crate::scim::fold::fold;

/// What is said of a rule.
#[derive(Clone, Debug)]
pub struct RoleMappingDraft {
    pub attribute: MappedAttribute,
    pub value: String,
    /// The name of a role.
    pub role: String,
}

/// A rule as answers show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleMappingView {
    pub attribute: MappedAttribute,
    pub value: String,
    /// The role's name.
    pub role: String,
}

/// The rules whose role is still there; the others give nothing.
pub(super) fn shown(view: &TenantView, mappings: &[RoleMapping]) -> Vec<RoleMappingView> {
    let live = mappings.iter().filter_map(|mapping| Some((mapping, view.role(mapping.role)?)));
    live.map(|(mapping, role)| RoleMappingView {
        attribute: mapping.attribute,
        value: mapping.value.clone(),
        role: role.name.clone(),
    })
    .collect()
}

/// The rules of these drafts.
///
/// # Errors
/// 422 for roles that the tenant does not have, for values of nothing but white space and for rules that are there twice;
/// 403 for roles that hold more than the caller.
pub(super) fn settle(
    request: &Request,
    view: &TenantView,
    drafts: Vec<RoleMappingDraft>,
) -> Result<Vec<RoleMapping>, DirectoryError> {
    check_names(view, &drafts)?;
    let mut problems = Vec::new();
    let mut seen = HashSet::new();
    let mut mappings = Vec::with_capacity(drafts.len());
    let mut given = Permissions::NONE;
    for (place, draft) in drafts.into_iter().enumerate() {
        let Some(role) = view.role_named(&draft.role) else { continue };
        if draft.value.trim().is_empty() {
            let pointer = format!("/role_mappings/{place}/value");
            problems.push(Problem::new(&pointer, "required", "is required"));
        }
        if !seen.insert((draft.attribute, fold(&draft.value).into_owned(), role.id)) {
            let what = "is there twice; values are compared without case";
            problems.push(Problem::new(&format!("/role_mappings/{place}"), "duplicate", what));
        }
        given = given.union(role.permissions);
        mappings.push(RoleMapping { attribute: draft.attribute, value: draft.value, role: role.id });
    }
    if !problems.is_empty() {
        return Err(DirectoryError::impossible(problems));
    }
    let lacking = given.without(request.caller.permissions).without(BuiltInRole::User.permissions());
    match lacking.is_empty() {
        true => Ok(mappings),
        false => Err(exceeds("The roles of 'role_mappings' hold permissions that you lack", lacking)),
    }
}

fn check_names(view: &TenantView, drafts: &[RoleMappingDraft]) -> Result<(), DirectoryError> {
    let unknown = drafts.iter().enumerate().filter(|(_, draft)| view.role_named(&draft.role).is_none());
    let (mut problems, mut names) = (Vec::new(), Vec::new());
    for (place, draft) in unknown {
        problems.push(Problem::unknown_role(&format!("/role_mappings/{place}/role")));
        names.push(&*draft.role);
    }
    if problems.is_empty() {
        return Ok(());
    }
    let refusal = DirectoryError::of_problems(Kind::Impossible, "invalid_roles", &problems);
    Err(refusal.with("invalid_roles", json!(names)))
}

/// Checks that the connection's rules give nothing beyond its own ceiling. `told` are the rules when these are what the
/// caller says; otherwise it is the ceiling.
///
/// # Errors
/// 422, naming each role.
pub(super) fn check_reach(
    view: &TenantView,
    connection: &Connection,
    told: bool,
) -> Result<(), DirectoryError> {
    let within = reach(view, connection).union(BuiltInRole::User.permissions());
    let ceiling = ceiling_name(view, connection);
    let beyond = |role: &Role| !role.permissions.without(within).is_empty();
    let mappings = connection.settings.role_mappings.iter().enumerate();
    let problems: Vec<Problem> = mappings
        .filter_map(|(place, mapping)| Some((place, mapping, view.role(mapping.role)?)))
        .filter(|(_, _, role)| beyond(role))
        .map(|(place, mapping, role)| match told {
            true => Problem::new(
                &format!("/role_mappings/{place}/role"),
                "beyond_ceiling",
                format!(
                    "is '{}', which holds more than the connection's role ceiling ('{ceiling}') allows; raise \
                     'role_ceiling', or map onto a role within it",
                    role.name
                ),
            ),
            false => Problem::new(
                "/role_ceiling",
                "beyond_ceiling",
                format!(
                    "cannot be '{ceiling}' while the value '{}' of '{}' maps onto '{}', which holds more; change \
                     'role_mappings' with it",
                    mapping.value,
                    mapping.attribute.as_str(),
                    role.name
                ),
            ),
        })
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(DirectoryError::impossible(problems)) }
}
