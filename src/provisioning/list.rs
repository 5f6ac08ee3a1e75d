//! What lists of users and of groups share (RFC 7644 §3.4.2): reading the question, paging, and the frame of the answer.

use std::fmt::Write as _;

use super::{DEFAULT_PAGE, MAX_PAGE, Provisioning, ProvisioningError, Request};
use crate::model::query::{ListOrder, Query, Sort};
use crate::scim::error::ScimError;
use crate::scim::filter::{Filter, resolve_sort};
use crate::scim::message::{SearchRequest, SortOrder};
use crate::scim::schema::ResourceSchema;

/// A question as storage is asked, and the page that was meant.
pub(super) struct Page {
    pub query: Query,
    /// 1-based.
    pub start_index: i64,
}

impl Provisioning {
    /// Reads a search request against the schema of what is searched.
    pub(super) fn page(
        &self,
        request: &Request,
        schema: &ResourceSchema,
        resource_type: &'static str,
        search: &SearchRequest,
    ) -> Result<Page, ProvisioningError> {
        let perspective = self.perspective(request, resource_type);
        let predicate = match filter(request, search)? {
            None => None,
            Some(filter) => Some(perspective.predicate(&filter.resolve(schema)?)),
        };
        let sort = match sort_by(search) {
            None => None,
            Some(path) => Some(Sort {
                by: perspective.sort_key(&resolve_sort(schema, path)?),
                descending: search.sort_order == SortOrder::Descending,
            }),
        };
        let (start_index, limit) = window(search);
        let query = Query {
            tenant_id: request.caller.tenant_id,
            connection_id: request.caller.connection_id(),
            predicate,
            sort,
            order: ListOrder::default(),
            offset: start_index - 1,
            limit,
        };
        Ok(Page { query, start_index })
    }
}

impl Page {
    /// The number of all matches, where this page already tells it: the first page, and not a full one.
    pub fn total_if_known(&self, found: usize) -> Option<i64> {
        let found = i64::try_from(found).unwrap_or(i64::MAX);
        (self.query.offset == 0 && self.query.predicate.is_some() && found < self.query.limit)
            .then_some(found)
    }

    /// The number of matches where `readable` of those `found` on this page may be seen: where the page is all there is,
    /// what may not be seen is not counted.
    pub fn total_of_readable(&self, total: i64, found: usize, readable: usize) -> i64 {
        let whole =
            self.query.offset == 0 && i64::try_from(found).is_ok_and(|found| found < self.query.limit);
        match whole && readable < found {
            true => i64::try_from(readable).unwrap_or(total),
            false => total,
        }
    }

    /// The frame up to the resources; after them comes `]}`.
    pub fn push_head(&self, out: &mut String, total: i64, found: usize) {
        push_head(out, total, self.start_index, found);
    }
}

/// The filter of a search; a blank one counts as none.
pub(super) fn filter(request: &Request, search: &SearchRequest) -> Result<Option<Filter>, ScimError> {
    let text = search.filter.as_deref().filter(|text| !text.trim().is_empty());
    Ok(text.map(|text| Filter::parse(text, request.strictness())).transpose()?)
}

/// What a search is sorted by; a blank path counts as none.
pub(super) fn sort_by(search: &SearchRequest) -> Option<&str> {
    search.sort_by.as_deref().filter(|text| !text.trim().is_empty())
}

/// The first result's number, from 1, and how many are given at the most (RFC 7644 §3.4.2.4).
pub(super) fn window(search: &SearchRequest) -> (i64, i64) {
    (search.start_index.unwrap_or(1).max(1), search.count.unwrap_or(DEFAULT_PAGE).clamp(0, MAX_PAGE))
}

/// The frame of a list up to the resources; after them comes `]}`.
pub(super) fn push_head(out: &mut String, total: i64, start_index: i64, found: usize) {
    let _ = write!(
        out,
        "{{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:ListResponse\"],\"totalResults\":{total},\"startIndex\":{start_index},\"itemsPerPage\":{found},\"Resources\":["
    );
}
