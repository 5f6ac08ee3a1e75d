//! What a PATCH does to a Group's members, apart from the rest of it: members are rows, and only the rows that change
//! are touched.

use serde_json::{Map, Value};

use super::reference::{MemberReference, members};
use super::target::{AttributeTarget, Selection, Target};
use super::{Write, at_operation, required_value};
use crate::scim::error::ScimError;
use crate::scim::filter::ast::{AttrExp, CompareOp, CompareValue, Filter};
use crate::scim::filter::valid::ValidFilter;
use crate::scim::message::{PatchOp, PatchOperation};
use crate::scim::schema::ResourceSchema;

/// One change of a Group's members.
#[derive(Clone, Debug, PartialEq)]
pub enum MemberOperation {
    Add(Vec<MemberReference>),
    Replace(Vec<MemberReference>),
    /// The members with these ids; who is none is passed over.
    Remove(Vec<String>),
    RemoveAll,
    /// The members that match, as with [`ValidFilter::matches_element`].
    RemoveWhere(ValidFilter),
}

/// Takes everything that concerns the Group's `members` out of `operations`, and gives the other operations and the
/// changes of the members, both in their order. A resource type without `members` keeps all operations.
///
/// An operation that is taken out whole leaves one that does nothing in its place while others follow, so that
/// [`apply`](super::apply) counts the operations as the client does; if nothing else is left, the list is empty.
///
/// # Errors
/// As [`apply`](super::apply), for the operations on `members`: among others `mutability` for a change inside a
/// member, whose sub-attributes are immutable (RFC 7643 §8.7.1), and `invalidValue` for a member without its id.
pub fn split_members(
    schema: &ResourceSchema,
    operations: Vec<PatchOperation>,
) -> Result<(Vec<PatchOperation>, Vec<MemberOperation>), ScimError> {
    if schema.core.attribute(MEMBERS).is_none() {
        return Ok((operations, Vec::new()));
    }
    let mut rest = Vec::with_capacity(operations.len());
    let mut found = Vec::new();
    for (index, operation) in operations.into_iter().enumerate() {
        let operation =
            take_members(schema, operation, &mut found).map_err(|error| at_operation(index, error))?;
        rest.push(operation);
    }
    let used = rest.iter().rposition(|operation| *operation != nothing()).map_or(0, |last| last + 1);
    rest.truncate(used);
    Ok((rest, found))
}

const MEMBERS: &str = "members";

/// An operation that changes nothing.
fn nothing() -> PatchOperation {
    PatchOperation { op: PatchOp::Add, path: None, value: Some(Value::Object(Map::new())) }
}

/// Adds what `operation` does to members to `found`, and returns what else it does.
fn take_members(
    schema: &ResourceSchema,
    operation: PatchOperation,
    found: &mut Vec<MemberOperation>,
) -> Result<PatchOperation, ScimError> {
    match (operation.path.as_deref(), operation.value) {
        (Some(path), value) => match members_target(schema, path) {
            Some(target) => {
                let operation = PatchOperation { value, ..operation };
                found.extend(member_operation(schema, &target, operation)?);
                Ok(nothing())
            }
            None => Ok(PatchOperation { value, ..operation }),
        },
        (None, Some(Value::Object(given))) if operation.op != PatchOp::Remove => {
            let op = operation.op;
            let mut others = Map::with_capacity(given.len());
            let mut took = false;
            for (key, value) in given {
                let Some(target) = members_target(schema, &key) else {
                    others.insert(key, value);
                    continue;
                };
                took = true;
                let member = PatchOperation { op, path: Some(key), value: Some(value) };
                found.extend(member_operation(schema, &target, member)?);
            }
            if took && others.is_empty() {
                return Ok(nothing());
            }
            Ok(PatchOperation { op, path: None, value: Some(Value::Object(others)) })
        }
        (None, value) => Ok(PatchOperation { value, ..operation }),
    }
}

/// The target of a path that leads to `members`. `None` for every other path, right or wrong: `apply` meets it again.
fn members_target<'s>(schema: &'s ResourceSchema, path: &str) -> Option<AttributeTarget<'s>> {
    // Spares the paths that cannot be meant the reading.
    if !path.as_bytes().windows(MEMBERS.len()).any(|text| text.eq_ignore_ascii_case(MEMBERS.as_bytes())) {
        return None;
    }
    match Target::parse(schema, path) {
        Ok(Target::Attribute(target))
            if target.resolved.extension.is_none() && target.resolved.attribute.name == MEMBERS =>
        {
            Some(target)
        }
        _ => None,
    }
}

fn member_operation(
    schema: &ResourceSchema,
    target: &AttributeTarget<'_>,
    operation: PatchOperation,
) -> Result<Option<MemberOperation>, ScimError> {
    let inside = target.resolved.sub_attribute.is_some();
    let write = Write::of(operation.op);
    if inside || write.is_some() && target.selection.is_some() {
        return Err(ScimError::mutability(format!(
            "'{target}' is immutable; a member can be added and removed, but not changed."
        )));
    }
    let attribute = target.resolved.attribute;
    let Some(write) = write else {
        return match &target.selection {
            Some(selection) => Ok(Some(remove_selected(selection))),
            None => remove_listed(schema, target, operation.value).map(Some),
        };
    };
    required_value(write, &operation)?;
    let given = members(schema, attribute, operation.value.unwrap_or_default())?;
    Ok(match write {
        Write::Add if given.is_empty() => None,
        Write::Add => Some(MemberOperation::Add(given)),
        Write::Replace if given.is_empty() => Some(MemberOperation::RemoveAll),
        Write::Replace => Some(MemberOperation::Replace(given)),
    })
}

/// Clients list the members to remove in `value`; the literal reading of RFC 7644 §3.5.2.2 would empty the group.
fn remove_listed(
    schema: &ResourceSchema,
    target: &AttributeTarget<'_>,
    listed: Option<Value>,
) -> Result<MemberOperation, ScimError> {
    match listed {
        None | Some(Value::Null) => Ok(MemberOperation::RemoveAll),
        Some(listed) => {
            let listed = members(schema, target.resolved.attribute, listed)?;
            Ok(MemberOperation::Remove(listed.into_iter().map(|member| member.value).collect()))
        }
    }
}

fn remove_selected(selection: &Selection) -> MemberOperation {
    match ids(&selection.written) {
        Some(ids) => MemberOperation::Remove(ids),
        None => MemberOperation::RemoveWhere(selection.valid.clone()),
    }
}

/// The ids that a filter names, if that is all it does: `value eq "a" or value eq "b"`.
fn ids(filter: &Filter) -> Option<Vec<String>> {
    match filter {
        Filter::Or(terms) => {
            let ids: Option<Vec<Vec<String>>> = terms.iter().map(ids).collect();
            ids.map(|ids| ids.concat())
        }
        Filter::AttrExp(AttrExp::Compare { path, op: CompareOp::Eq, value: CompareValue::String(id) })
            if path.schema.is_none()
                && path.sub_attribute.is_none()
                && path.attribute.eq_ignore_ascii_case("value") =>
        {
            Some(vec![id.clone()])
        }
        _ => None,
    }
}
