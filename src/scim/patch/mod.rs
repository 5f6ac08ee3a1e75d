//! PATCH (RFC 7644 §3.5.2): a list of operations applied to a resource's attributes, all of them or none.
//!
//! [`apply`] works on a copy of the attributes and hands back the result. A Group's members are rows in the database
//! and are never loaded for a PATCH, so [`split_members`] first takes what concerns them out of the operations, and
//! [`MemberDelta`] says what is left to do with the rows.
//!
//! Where the RFC leaves a choice:
//! - an element of a multi-valued attribute is "already there" (§3.5.2.1) if its `type` and `value` are, compared as
//!   filters compare them; what else the added element holds is then set on the one that is there, because RFC 7643
//!   §2.4 wants no pair of `type` and `value` twice. Elements without `value` are compared whole;
//! - `replace` on a complex attribute or a whole extension sets what is given and leaves the rest (§3.5.2.3); on an
//!   element picked by a filter it replaces the whole element;
//! - `add` and `replace` behind a filter that matches nothing create the element if the filter is made of `eq` joined
//!   by `and` and the path names a sub-attribute; otherwise the answer is `noTarget`;
//! - `remove` of what is not there succeeds (§3.5.2.2 knows no error for it). A `value` that lists elements limits the
//!   removal to them; a list that is empty removes nothing;
//! - an element that has lost all but `type`, `display` and `primary` says nothing any more and is removed.

mod delta;
mod document;
mod element;
mod members;
mod object;
mod order;
mod reference;
mod remove;
mod target;
mod values;

use serde_json::Value;

pub use delta::MemberDelta;
pub use members::{MemberOperation, split_members};
pub use reference::{MemberReference, member_references};

use crate::scim::error::ScimError;
use crate::scim::message::{PatchOp, PatchOperation};
use crate::scim::schema::validate::{self, Secret};
use crate::scim::schema::{AttributeMap, ResourceSchema};
use document::Document;
use order::keep_order;

/// What a PATCH makes of a resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Patched {
    /// Equal to the attributes before if the operations change nothing.
    pub attributes: AttributeMap,
    /// The password that the operations set; it is writeOnly (RFC 7643 §4.1.1) and never among the attributes.
    pub password: Option<Secret>,
}

/// Applies `operations` in their order to `current`, the attributes of the resource `resource_id`.
///
/// # Errors
/// The first operation that cannot be applied fails the whole, and nothing has changed (RFC 7644 §3.5.2). The
/// sentence starts with `Operation N:`, counted from 1. `invalidPath`: the path is no path, or no schema of the
/// resource type knows it; `invalidFilter`: the filter in the path does not fit its attribute; `noTarget`: the filter
/// matches nothing, or a `remove` has no path; `invalidValue`: the value is missing or of the wrong type;
/// `mutability`: the target is readOnly, immutable and already set, or required and would be removed.
pub fn apply(
    schema: &ResourceSchema,
    resource_id: &str,
    current: &AttributeMap,
    operations: &[PatchOperation],
) -> Result<Patched, ScimError> {
    let mut document = Document::new(schema, resource_id, current);
    for (index, operation) in operations.iter().enumerate() {
        document.perform(operation).map_err(|error| at_operation(index, error))?;
    }
    let (mut attributes, password) = document.into_parts();
    keep_order(current.as_map(), &mut attributes);
    // Each operation keeps the resource valid as far as it can tell. What only the whole can tell, such as a required
    // attribute of an extension that came into being, is known after the last one.
    let attributes = validate::finish(schema, current, attributes).map_err(|error| {
        let detail = format!("the resource would not be valid after it: {}", error.detail);
        at_operation(operations.len().saturating_sub(1), ScimError { detail, ..error })
    })?;
    Ok(Patched { attributes, password })
}

/// Says which operation, by its index, the error is about.
fn at_operation(index: usize, error: ScimError) -> ScimError {
    ScimError::new(error.scim_type, format!("Operation {}: {}", index + 1, error.detail))
}

/// The two operations that write a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Write {
    Add,
    Replace,
}

impl Write {
    /// `None` for `remove`.
    fn of(op: PatchOp) -> Option<Self> {
        match op {
            PatchOp::Add => Some(Self::Add),
            PatchOp::Replace => Some(Self::Replace),
            PatchOp::Remove => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Replace => "replace",
        }
    }
}

/// The value that an `add` or `replace` has to have.
fn required_value(write: Write, operation: &PatchOperation) -> Result<&Value, ScimError> {
    operation.value.as_ref().ok_or_else(|| {
        ScimError::invalid_value(format!("'{}' needs a 'value'; null clears the target.", write.name()))
    })
}
