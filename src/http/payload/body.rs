//! Collects a body within its limits of size and time.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use http_body_util::combinators::BoxBody;
use hyper::body::Body as _;
use poem::Body;
use tokio::time::timeout_at;

use crate::http::error::Failure;
use crate::http::limits::BodyLimits;
use crate::scim::error::ScimError;

type Incoming = BoxBody<Bytes, std::io::Error>;

/// The whole body. One that arrived in one piece, as nearly all do, is not copied.
pub(super) async fn collect(body: Body, limits: &BodyLimits) -> Result<Bytes, Failure> {
    let mut body = Incoming::from(body);
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > limits.max_bytes {
        return Err(Failure::payload_too_large(limits.max_bytes));
    }
    let Some(first) = next_data(&mut body, limits).await? else {
        return Ok(Bytes::new());
    };
    if first.len() > limits.max_bytes {
        return Err(Failure::payload_too_large(limits.max_bytes));
    }
    let Some(second) = next_data(&mut body, limits).await? else {
        return Ok(first);
    };
    let mut whole = BytesMut::with_capacity(announced.max(first.len() + second.len()));
    whole.extend_from_slice(&first);
    let mut next = Some(second);
    while let Some(data) = next {
        if whole.len() + data.len() > limits.max_bytes {
            return Err(Failure::payload_too_large(limits.max_bytes));
        }
        whole.extend_from_slice(&data);
        next = next_data(&mut body, limits).await?;
    }
    Ok(whole.freeze())
}

/// The next bytes of the body; trailers are passed over.
async fn next_data(body: &mut Incoming, limits: &BodyLimits) -> Result<Option<Bytes>, Failure> {
    loop {
        if body.is_end_stream() {
            return Ok(None);
        }
        let frame = match timeout_at(limits.next_deadline(), body.frame()).await {
            Err(_elapsed) => {
                return Err(Failure::request_timeout("The request body did not arrive in time."));
            }
            Ok(None) => return Ok(None),
            Ok(Some(Err(error))) => return Err(broken(&error)),
            Ok(Some(Ok(frame))) => frame,
        };
        if let Ok(data) = frame.into_data() {
            return Ok(Some(data));
        }
    }
}

fn broken(error: &std::io::Error) -> Failure {
    let detail = "The request body ended before all of it had arrived, or its transfer coding is broken.";
    Failure::bad_request(ScimError::invalid_syntax(detail)).with_cause(error)
}
