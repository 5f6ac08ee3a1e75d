//! A picture as it is served: bytes that somebody uploaded, in a browser that may show them and do nothing else.

use std::fmt::Write as _;

use poem::http::{HeaderMap, HeaderValue, StatusCode, header};
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::payload::{Binary, Payload};
use poem_openapi::registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type;
use sha2::{Digest as _, Sha256};

use crate::model::StoredAvatar;

const MEDIA_TYPES: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];
/// Nothing is loaded, nothing runs, nobody frames it.
const POLICY: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// 200 with the bytes, or 304 where the client has them.
pub struct Picture {
    avatar: StoredAvatar,
    tag: String,
    is_known: bool,
}

impl Picture {
    /// The answer to a request with these headers.
    pub fn new(avatar: StoredAvatar, headers: &HeaderMap) -> Self {
        let tag = tag(&avatar.bytes);
        let known = headers.get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok());
        let is_known = known.is_some_and(|known| {
            known.trim() == "*" || known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag)
        });
        Self { avatar, tag, is_known }
    }
}

/// A strong entity tag: half of the bytes' SHA-256.
fn tag(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let mut tag = String::from("\"");
    for byte in digest.iter().take(16) {
        let _ = write!(tag, "{byte:02x}");
    }
    tag + "\""
}

impl IntoResponse for Picture {
    fn into_response(self) -> Response {
        let builder = Response::builder()
            .header(header::CONTENT_SECURITY_POLICY, POLICY)
            .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
            .header(header::CACHE_CONTROL, "private, no-cache")
            .header(header::ETAG, &self.tag);
        if self.is_known {
            return builder.status(StatusCode::NOT_MODIFIED).finish();
        }
        let mut response = builder.body(self.avatar.bytes);
        if let Ok(media_type) = HeaderValue::from_str(&self.avatar.media_type) {
            response.headers_mut().insert(header::CONTENT_TYPE, media_type);
        }
        response
    }
}

impl ApiResponse for Picture {
    fn meta() -> MetaResponses {
        let schema = || <Binary<Vec<u8>> as Payload>::schema_ref();
        let content = MEDIA_TYPES
            .into_iter()
            .map(|content_type| MetaMediaType { content_type, schema: schema() })
            .collect();
        let tag = || MetaHeader {
            name: "ETag".to_owned(),
            description: Some("Of the bytes, for If-None-Match.".to_owned()),
            required: false,
            deprecated: false,
            schema: String::schema_ref(),
        };
        let response = |status, description, content| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content,
            headers: vec![tag()],
        };
        MetaResponses {
            responses: vec![
                response(200, "The picture.", content),
                response(304, "The picture is the one that If-None-Match names.", Vec::new()),
            ],
        }
    }

    fn register(_registry: &mut Registry) {}
}
