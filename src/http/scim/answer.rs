//! A use case's answer as a response.

use bytes::Bytes;
use futures_util::StreamExt;
use poem::http::StatusCode;
use poem::http::header::{
    CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH, LOCATION,
};
use poem::{Request, Response};

use crate::http::error::{Failure, SCIM_JSON};
use crate::provisioning::preconditions::Tags;
use crate::provisioning::{Answer, Body, Preconditions, ProvisioningError};

/// The response to a use case. A resource that did not change is 304 with its tag.
pub fn respond(status: StatusCode, answer: Result<Answer, ProvisioningError>) -> Result<Response, Failure> {
    match answer {
        Ok(answer) => Ok(response(status, answer)),
        Err(ProvisioningError::NotModified { current }) => {
            let mut response = Response::from(StatusCode::NOT_MODIFIED);
            put(&mut response, ETAG, &current);
            Ok(response)
        }
        Err(error) => Err(error.into()),
    }
}

fn response(status: StatusCode, answer: Answer) -> Response {
    let mut response = match answer.body {
        Body::Empty => Response::from(StatusCode::NO_CONTENT),
        Body::Whole(text) => json(status, text),
        Body::Chunks(chunks) => {
            // A failure in the middle ends the connection: the client sees that the answer is not whole.
            let chunks = chunks.map(|chunk| chunk.map(Bytes::from).map_err(std::io::Error::other));
            Response::builder()
                .status(status)
                .header(CONTENT_TYPE, SCIM_JSON)
                .body(poem::Body::from_bytes_stream(chunks))
        }
    };
    if let Some(location) = &answer.location {
        put(&mut response, LOCATION, location);
    }
    if let Some(etag) = &answer.etag {
        put(&mut response, ETAG, etag);
    }
    response
}

/// A response with a JSON text.
pub fn json(status: StatusCode, text: String) -> Response {
    Response::builder().status(status).header(CONTENT_TYPE, HeaderValue::from_static(SCIM_JSON)).body(text)
}

fn put(response: &mut Response, name: HeaderName, value: &str) {
    // Locations and tags are ours: visible ASCII by construction.
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// What the request's `If-Match` and `If-None-Match` ask.
pub fn preconditions(request: &Request) -> Preconditions {
    Preconditions {
        if_match: tags(request.headers(), IF_MATCH),
        if_none_match: tags(request.headers(), IF_NONE_MATCH),
    }
}

fn tags(headers: &HeaderMap, name: HeaderName) -> Option<Tags> {
    let mut values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).peekable();
    values.peek()?;
    Some(Tags::parse(&values.collect::<Vec<_>>().join(",")))
}
