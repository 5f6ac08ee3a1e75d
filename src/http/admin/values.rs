//! How values of the model look in the API, and are read from it.

use uuid::Uuid;

use crate::model::{Permission, Permissions, Timestamp};
use crate::provisioning::Preconditions;
use crate::provisioning::directory::{DirectoryError, Page, Problem};
use crate::provisioning::preconditions::Tags;
use crate::scim::schema::datetime::{format_datetime, parse_datetime};

/// How many elements a page holds when nobody says.
const DEFAULT_LIMIT: i64 = 50;
/// How many it may hold.
pub const MAX_LIMIT: i64 = 200;

/// RFC 3339, in UTC, with milliseconds.
pub fn time(at: Timestamp) -> String {
    format_datetime(at.0)
}

/// Takes back a time in any offset.
///
/// # Errors
/// 422, naming the field.
pub fn time_of(text: &str, pointer: &str) -> Result<Timestamp, DirectoryError> {
    parse_datetime(text).map(Timestamp).ok_or_else(|| {
        let what = "has to be a time like 2030-01-31T09:00:00Z (RFC 3339)";
        DirectoryError::impossible(vec![Problem::new(pointer, "format", what)])
    })
}

/// The names of permissions.
pub fn names(permissions: Permissions) -> Vec<String> {
    permissions.iter().map(Permission::as_str).map(str::to_owned).collect()
}

/// What `If-Match` asks for.
pub fn if_matches(header: Option<String>) -> Preconditions {
    Preconditions { if_match: header.as_deref().map(Tags::parse), if_none_match: None }
}

/// The page that is asked for.
///
/// # Errors
/// 400 for a cursor that is none.
pub fn page<Id>(
    limit: Option<i64>,
    cursor: Option<&str>,
    id: impl Fn(Uuid) -> Id,
) -> Result<Page<Id>, DirectoryError> {
    let after = cursor.map(|cursor| Uuid::try_parse(cursor).map(&id)).transpose().map_err(|_| {
        let message = "'cursor' has to be the next_cursor of the page before.";
        DirectoryError::malformed(vec![Problem::saying("/cursor", "invalid_cursor", message)])
    })?;
    Ok(Page { after, limit: limited(limit) })
}

/// How many elements the page holds that is asked for.
pub fn limited(limit: Option<i64>) -> i64 {
    limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT)
}

/// Where the next page begins.
pub fn cursor(next: Option<Uuid>) -> Option<String> {
    next.map(|id| id.simple().to_string())
}
