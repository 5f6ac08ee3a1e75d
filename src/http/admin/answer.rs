//! Answers with the headers that belong to them.

use poem::http::StatusCode;
use poem::http::header::{ETAG, HeaderValue, LOCATION};
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::{ToJSON, Type};

const REPLAYED: &str = "idempotency-replayed";
const JSON: &str = "application/json; charset=utf-8";

/// 200 with a value; its version as the entity tag, where it has one.
pub struct Found<T> {
    pub value: T,
    pub version: Option<i64>,
}

/// 201 with a value, its URL, and its version as the entity tag.
pub struct Created<T> {
    pub value: T,
    pub location: String,
    pub version: Option<i64>,
}

/// The answer to a request to make something, which may have an `Idempotency-Key`, or ask for what is there.
pub enum Made<T> {
    /// 201.
    Created(Created<T>),
    /// 201: an earlier request with the key made it.
    Replayed(Created<T>),
    /// 200: it was there already.
    Known(Found<T>),
}

/// 204.
pub struct Done;

impl<T> Found<T> {
    /// A value without a version.
    pub fn plain(value: T) -> Self {
        Self { value, version: None }
    }
}

fn header<V: Type>(name: &str, description: &str) -> MetaHeader {
    MetaHeader {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        required: false,
        deprecated: false,
        schema: V::schema_ref(),
    }
}

fn etag() -> MetaHeader {
    header::<String>("ETag", "The version, for If-Match.")
}

fn notice() -> MetaHeader {
    let description = "What a policy that allowed this wants to be told; one header for each notice. What is not ASCII \
                       comes as RFC 8187 encodes it: UTF-8''%E2%80%A6";
    header::<String>("Provost-Notice", description)
}

fn meta<T: Type>(status: u16, description: &'static str, mut headers: Vec<MetaHeader>) -> MetaResponses {
    headers.push(notice());
    let content = vec![MetaMediaType { content_type: JSON, schema: T::schema_ref() }];
    MetaResponses {
        responses: vec![MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content,
            headers,
        }],
    }
}

fn answer<T: ToJSON>(status: StatusCode, value: &T, version: Option<i64>) -> Response {
    let mut response = Response::builder().status(status).content_type(JSON).body(value.to_json_string());
    if let Some(version) = version
        && let Ok(tag) = HeaderValue::from_str(&format!("W/\"{version}\""))
    {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

impl<T: ToJSON + Send> IntoResponse for Found<T> {
    fn into_response(self) -> Response {
        answer(StatusCode::OK, &self.value, self.version)
    }
}

impl<T: ToJSON> ApiResponse for Found<T> {
    fn meta() -> MetaResponses {
        meta::<T>(200, "What was asked for, as it is now.", vec![etag()])
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: ToJSON + Send> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let mut response = answer(StatusCode::CREATED, &self.value, self.version);
        if let Ok(location) = HeaderValue::from_str(&self.location) {
            response.headers_mut().insert(LOCATION, location);
        }
        response
    }
}

impl<T: ToJSON> ApiResponse for Created<T> {
    fn meta() -> MetaResponses {
        meta::<T>(201, "What was made.", vec![header::<String>("Location", "Its URL."), etag()])
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: ToJSON + Send> IntoResponse for Made<T> {
    fn into_response(self) -> Response {
        match self {
            Self::Created(made) => made.into_response(),
            Self::Known(found) => found.into_response(),
            Self::Replayed(made) => {
                let mut response = made.into_response();
                response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
                response
            }
        }
    }
}

impl<T: ToJSON> ApiResponse for Made<T> {
    fn meta() -> MetaResponses {
        let (found, mut made) = (Found::<T>::meta(), Created::<T>::meta());
        let description = "'true' where an earlier request with the same Idempotency-Key made it.";
        for response in &mut made.responses {
            response.headers.push(header::<String>("Idempotency-Replayed", description));
        }
        MetaResponses { responses: found.responses.into_iter().chain(made.responses).collect() }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl IntoResponse for Done {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

impl ApiResponse for Done {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "Done.",
                status: Some(204),
                status_range: None,
                content: Vec::new(),
                headers: vec![notice()],
            }],
        }
    }

    fn register(_registry: &mut Registry) {}
}
