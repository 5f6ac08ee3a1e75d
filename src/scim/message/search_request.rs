//! Queries in a body (RFC 7644 §3.4.3).

use std::str::FromStr;

use serde_json::Value;

use super::fields::Fields;
use crate::scim::error::ScimError;

/// The body of a POST to `/.search`. Nothing in it is held against a schema yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SearchRequest {
    pub attributes: Vec<String>,
    pub excluded_attributes: Vec<String>,
    pub filter: Option<String>,
    pub sort_by: Option<String>,
    pub sort_order: SortOrder,
    /// As the client wrote it: may be less than 1, which RFC 7644 §3.4.2.4 reads as 1.
    pub start_index: Option<i64>,
    /// As the client wrote it: may be negative, which RFC 7644 §3.4.2.4 reads as 0.
    pub count: Option<i64>,
}

/// `sortOrder` (RFC 7644 §3.4.2.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortOrder {
    #[default]
    Ascending,
    Descending,
}

impl SearchRequest {
    /// Reads the body; names are read without regard to case.
    ///
    /// # Errors
    /// `invalidSyntax` for a field of the wrong type, which it names; `invalidValue` for an unknown `sortOrder`.
    pub fn parse(body: Value) -> Result<Self, ScimError> {
        let mut fields = Fields::of("The request", body)?;
        let sort_order = fields.text("sortOrder")?.filter(|order| !order.is_empty());
        Ok(Self {
            attributes: fields.texts("attributes")?,
            excluded_attributes: fields.texts("excludedAttributes")?,
            filter: fields.text("filter")?,
            sort_by: fields.text("sortBy")?,
            sort_order: sort_order.map_or(Ok(SortOrder::default()), |order| order.parse())?,
            start_index: fields.integer("startIndex")?,
            count: fields.integer("count")?,
        })
    }
}

impl FromStr for SortOrder {
    type Err = ScimError;

    /// Without regard to case.
    ///
    /// # Errors
    /// `invalidValue` for anything but `ascending` and `descending`.
    fn from_str(text: &str) -> Result<Self, ScimError> {
        match text.to_ascii_lowercase().as_str() {
            "ascending" => Ok(Self::Ascending),
            "descending" => Ok(Self::Descending),
            _ => Err(ScimError::invalid_value("'sortOrder' must be 'ascending' or 'descending'.")),
        }
    }
}
