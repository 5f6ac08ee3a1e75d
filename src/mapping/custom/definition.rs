//! Definitions, checked when they are saved: what passes here can be kept, shown over SCIM and held against values.

use serde_json::Number;

use super::draft::AttributeDraft;
use super::pattern;
use super::problem::{Found, Problems};
use super::value::{CustomAttribute, MOST_VALUES, TEXT_CHARS, compare, json_type};
use crate::model::{AttributeDefinition, AttributeKind, AttributeMutability, Audience, Timestamp};

/// How many attributes a tenant has at the most, removed ones whose values are still kept among them.
pub const MOST_ATTRIBUTES: usize = 100;
/// How many values a definition lists at the most.
const MOST_ALLOWED_VALUES: usize = 100;
/// The longest value that a definition lists, in characters.
const ALLOWED_VALUE_CHARS: usize = 256;
const NAME_CHARS: usize = 63;
const DISPLAY_NAME_CHARS: usize = 100;
const DESCRIPTION_CHARS: usize = 1000;

/// Names that a user has already, in the API, over SCIM or in a token: a custom attribute of the same name would be
/// mistaken for it.
const RESERVED: &[&str] = &[
    "acr",
    "act",
    "action",
    "active",
    "addresses",
    "amr",
    "at_hash",
    "aud",
    "auth_provider",
    "auth_time",
    "avatar",
    "azp",
    "c_hash",
    "client_id",
    "cnf",
    "created_at",
    "custom",
    "deleted_at",
    "display_name",
    "email",
    "email_verified",
    "emails",
    "entitlements",
    "entity_id",
    "exp",
    "external_id",
    "family_name",
    "formatted",
    "given_name",
    "groups",
    "honorific_prefix",
    "honorific_suffix",
    "iat",
    "id",
    "identities",
    "ims",
    "is_active",
    "is_owner",
    "iss",
    "jti",
    "last_seen_at",
    "locale",
    "may_act",
    "meta",
    "mfa",
    "middle_name",
    "must_enrol_mfa",
    "must_reset_mfa",
    "must_reset_password",
    "name",
    "nbf",
    "nonce",
    "organization",
    "organizations",
    "password",
    "permissions",
    "phone",
    "phone_numbers",
    "photos",
    "resource_groups",
    "roles",
    "schemas",
    "scope",
    "service_account",
    "sid",
    "status",
    "sub",
    "tenant_id",
    "timezone",
    "typ",
    "updated_at",
    "user_name",
    "version",
];

/// Makes a definition of a draft. `existing` is all that the tenant has, the removed ones included.
///
/// # Errors
/// [`Problems`]: everything that is wrong with the draft, each with a pointer to the field.
pub fn define(
    draft: AttributeDraft,
    existing: &[AttributeDefinition],
    now: Timestamp,
) -> Result<AttributeDefinition, Problems> {
    let mut found = Found::default();
    name(&draft.name, &mut found);
    match existing.iter().find(|other| other.name == draft.name) {
        Some(other) if other.is_live() => found.field("name", "is taken by another attribute"),
        Some(_) => found.field(
            "name",
            "is that of a removed attribute whose values are still kept; restore that one, or give another name",
        ),
        None => {}
    }
    if existing.len() >= MOST_ATTRIBUTES {
        found.field(
            "name",
            format_args!("would be one too many; a tenant has at most {MOST_ATTRIBUTES} attributes"),
        );
    }
    finish(draft, found, now, None)
}

/// Makes a changed definition of one that is there. Values that users have already are not looked at: what they no
/// longer match stays until it is changed.
///
/// # Errors
/// As [`define`]; the name, the type and whether there are several values cannot change.
pub fn redefine(
    before: &AttributeDefinition,
    draft: AttributeDraft,
    now: Timestamp,
) -> Result<AttributeDefinition, Problems> {
    let mut found = Found::default();
    if draft.name != before.name {
        found.field("name", "cannot be changed; values are kept under it");
    }
    if draft.kind != before.kind {
        found.field("type", format_args!("cannot be changed; it is '{}'", before.kind.as_str()));
    }
    let many = draft.multi_valued || draft.kind == AttributeKind::Strings;
    if draft.kind == before.kind && many != before.is_multi_valued() {
        found.field("multi_valued", "cannot be changed; users have values in the form that it had");
    }
    finish(draft, found, now, Some(before))
}

fn finish(
    draft: AttributeDraft,
    mut found: Found,
    now: Timestamp,
    before: Option<&AttributeDefinition>,
) -> Result<AttributeDefinition, Problems> {
    let definition = AttributeDefinition {
        visible_to: draft.audience(),
        editable_by: draft.editors(),
        display_name: draft.display_name.unwrap_or_else(|| draft.name.replace('_', " ")),
        name: draft.name,
        description: draft.description,
        kind: draft.kind,
        required: draft.required,
        default: draft.default.filter(|default| !default.is_null()),
        unique: draft.unique,
        allowed_values: draft.allowed_values,
        pattern: draft.pattern,
        min: draft.min,
        max: draft.max,
        multi_valued: draft.multi_valued || draft.kind == AttributeKind::Strings,
        searchable: draft.searchable,
        mutability: draft.mutability,
        in_tokens: draft.in_tokens,
        created_at: before.map_or(now, |before| before.created_at),
        updated_at: now,
        version: before.map_or(1, |before| before.version + 1),
        indexing: before.is_some_and(|before| before.indexing),
        removed_at: before.and_then(|before| before.removed_at),
    };
    texts(&definition, &mut found);
    bounds(&definition, &mut found);
    uniqueness(&definition, &mut found);
    audiences(&definition, &mut found);
    values(&definition, &mut found);
    found.or(definition)
}

fn name(name: &str, found: &mut Found) {
    let word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let snake_case = name.starts_with(|first: char| first.is_ascii_lowercase()) && name.split('_').all(word);
    if !snake_case || name.len() > NAME_CHARS {
        found.field(
            "name",
            format_args!(
                "must be in snake case, such as cost_center: at most {NAME_CHARS} lower-case letters, digits and \
                 single underscores, the first a letter"
            ),
        );
    } else if RESERVED.contains(&name) {
        found.field("name", format_args!("must not be '{name}', which every user has already"));
    }
}

fn texts(definition: &AttributeDefinition, found: &mut Found) {
    for (field, text, least, most) in [
        ("display_name", &definition.display_name, 1, DISPLAY_NAME_CHARS),
        ("description", &definition.description, 0, DESCRIPTION_CHARS),
    ] {
        if text.trim().chars().count() < least || text.chars().count() > most {
            found.field(field, format_args!("must have {least} to {most} characters"));
        }
        if text.contains('\0') {
            found.field(field, "must not contain the character U+0000");
        }
    }
    if let Some(pattern) = &definition.pattern {
        let textual = matches!(
            definition.kind,
            AttributeKind::String | AttributeKind::Strings | AttributeKind::Reference
        );
        if !textual {
            found.field("pattern", format_args!("does not go with the type '{}'", definition.kind.as_str()));
        } else if let Err(error) = pattern::compile(pattern) {
            found.field("pattern", error);
        }
    }
}

/// The least and the most: of characters, of numbers, or of values.
fn bounds(definition: &AttributeDefinition, found: &mut Found) {
    let most = match definition.kind {
        _ if definition.is_multi_valued() => Some(MOST_VALUES),
        AttributeKind::String => Some(TEXT_CHARS),
        _ => None,
    };
    let counted = |number: &Number, most: usize| number.as_u64().is_some_and(|number| number <= most as u64);
    for (field, bound) in [("min", &definition.min), ("max", &definition.max)] {
        let Some(bound) = bound else { continue };
        match (most, definition.kind) {
            (Some(most), _) if !counted(bound, most) => {
                found.field(field, format_args!("must be an integer from 0 to {most}"));
            }
            (Some(_), _) | (None, AttributeKind::Number) => {}
            (None, AttributeKind::Integer) if bound.is_i64() => {}
            (None, AttributeKind::Integer) => found.field(field, "must be an integer, as the values are"),
            (None, kind) => found.field(field, format_args!("does not go with the type '{}'", kind.as_str())),
        }
    }
    if let (Some(min), Some(max)) = (&definition.min, &definition.max)
        && compare(min, max).is_gt()
    {
        found.field("min", "must not be more than 'max'");
    }
}

fn uniqueness(definition: &AttributeDefinition, found: &mut Found) {
    if !definition.unique {
        return;
    }
    if definition.kind == AttributeKind::Boolean {
        found.field(
            "unique",
            "does not go with the type 'boolean', of which two users would have every value",
        );
    }
    if definition.is_multi_valued() {
        found.field("unique", "does not go with several values");
    }
    if definition.default.is_some() {
        found
            .field("default", "must not be given where values are unique: the second user could not have it");
    }
}

fn audiences(definition: &AttributeDefinition, found: &mut Found) {
    let AttributeDefinition { visible_to, editable_by, .. } = definition;
    if !visible_to.contains(&Audience::Admin) {
        found.field("visible_to", "must contain 'admin'");
    }
    if editable_by.is_empty() {
        found.field("editable_by", "must name at least one of 'admin', 'user' and 'scim'");
    }
    if !editable_by.is_subset(visible_to) {
        found.field("editable_by", "must not name who is not in 'visible_to'");
    }
    let others = editable_by.iter().any(|audience| *audience != Audience::Admin);
    if definition.mutability == AttributeMutability::ReadOnly && others {
        found.field("editable_by", "must be 'admin' alone where 'mutability' is 'read_only'");
    }
}

/// The values that the definition itself holds: each must be one that a user may have.
fn values(definition: &AttributeDefinition, found: &mut Found) {
    let allowed = &definition.allowed_values;
    if allowed.len() > MOST_ALLOWED_VALUES {
        found.field("allowed_values", format_args!("must not have more than {MOST_ALLOWED_VALUES} values"));
        return;
    }
    if definition.kind == AttributeKind::Boolean && !allowed.is_empty() {
        found.field("allowed_values", "does not go with the type 'boolean'");
        return;
    }
    // What the values are held against has everything but the list itself.
    let open = AttributeDefinition { allowed_values: Vec::new(), ..definition.clone() };
    let Ok(open) = CustomAttribute::new(open) else { return };
    let mut keys: Vec<String> = Vec::with_capacity(allowed.len());
    let before = found.len();
    for (index, value) in allowed.iter().enumerate() {
        let field = format!("allowed_values/{index}");
        if value.as_str().is_some_and(|text| text.chars().count() > ALLOWED_VALUE_CHARS) {
            found.field(&field, format_args!("must not be longer than {ALLOWED_VALUE_CHARS} characters"));
            continue;
        }
        match open.single(value.clone()) {
            Err(what) => found.field(&field, what),
            Ok(value) if keys.contains(&open.key(&value)) => found.field(&field, "is there twice"),
            Ok(value) => keys.push(open.key(&value)),
        }
    }
    if found.len() == before {
        default(definition, found);
    }
}

fn default(definition: &AttributeDefinition, found: &mut Found) {
    let (Some(default), Ok(attribute)) = (&definition.default, CustomAttribute::new(definition.clone()))
    else {
        return;
    };
    let mut inside = Found::default();
    let read = attribute.read(default.clone(), &mut inside);
    if let Err(Problems(problems)) = inside.or(()) {
        for problem in problems {
            let place = format!("'{}'", definition.name);
            found.add(
                problem.kind,
                problem.pointer.replacen(&super::problem::pointer(&definition.name), "/default", 1),
                problem.message.replacen(&place, "'default'", 1),
            );
        }
    } else if read.is_none() {
        found.field("default", format_args!("must be a value, not {} without one", json_type(default)));
    }
}
