//! Results of a query (RFC 7644 §3.4.2).

use serde::Serialize;

const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// A page of resources.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListResponse<T> {
    pub schemas: [&'static str; 1],
    /// How many resources match, on all pages.
    pub total_results: u64,
    /// The first one's number, counted from 1.
    pub start_index: u64,
    /// How many are on this page.
    pub items_per_page: usize,
    /// Always there, even if it is empty.
    #[serde(rename = "Resources")]
    pub resources: Vec<T>,
}

impl<T> ListResponse<T> {
    /// A page that begins with the match number `start_index`.
    pub fn new(total_results: u64, start_index: u64, resources: Vec<T>) -> Self {
        Self {
            schemas: [LIST_RESPONSE],
            total_results,
            start_index,
            items_per_page: resources.len(),
            resources,
        }
    }
}
