//! What a URL asks: the query's parameters (RFC 7644 §3.4.2, Table 3).

use poem::Request;

use crate::http::error::Failure;
use crate::scim::error::ScimError;
use crate::scim::message::SearchRequest;
use crate::scim::projection::Projection;
use crate::scim::schema::ResourceSchema;

/// The parameters of a query, read without regard to the case of their names.
///
/// # Errors
/// 400 `invalidValue` for a `startIndex` or `count` that is no whole number, or an unknown `sortOrder`.
pub fn search(request: &Request) -> Result<SearchRequest, Failure> {
    let mut search = SearchRequest::default();
    for (name, value) in parameters(request)? {
        match name.to_ascii_lowercase().as_str() {
            "attributes" => search.attributes.push(value),
            "excludedattributes" => search.excluded_attributes.push(value),
            "filter" => search.filter = Some(value),
            "sortby" => search.sort_by = Some(value),
            "sortorder" if !value.is_empty() => search.sort_order = value.parse()?,
            "startindex" => search.start_index = integer("startIndex", &value)?,
            "count" => search.count = integer("count", &value)?,
            _ => {}
        }
    }
    Ok(search)
}

/// The attributes that the answer shall hold.
///
/// # Errors
/// 400 when both `attributes` and `excludedAttributes` are given.
pub fn projection(search: &SearchRequest, schema: &ResourceSchema) -> Result<Projection, Failure> {
    Ok(Projection::parse(schema, &search.attributes, &search.excluded_attributes)?)
}

fn parameters(request: &Request) -> Result<Vec<(String, String)>, Failure> {
    if request.uri().query().is_none() {
        return Ok(Vec::new());
    }
    request.params().map_err(|error| {
        let failure = ScimError::invalid_syntax(
            "The URL's query is not made of 'name=value' pairs in percent-encoded UTF-8.",
        );
        Failure::bad_request(failure).with_cause(error)
    })
}

fn integer(name: &str, text: &str) -> Result<Option<i64>, Failure> {
    if text.is_empty() {
        return Ok(None);
    }
    let number = text.parse().map_err(|_| {
        ScimError::invalid_value(format!("'{name}' has to be a whole number, such as 1 or 100."))
    })?;
    Ok(Some(number))
}
