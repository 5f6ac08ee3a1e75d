//! A body of OAuth 2.0: a form's fields (RFC 6749 appendix B), whose names and values the OpenAPI document publishes.

use std::marker::PhantomData;

use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::types::{ParseFromJSON, Type};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde_json::{Map, Value};

use crate::http::admin::body::Body;
use crate::http::payload;
use crate::provisioning::directory::DirectoryError;

const FORM: &str = "application/x-www-form-urlencoded";

/// The fields of a form: none twice, and without those that were left empty (RFC 6749 §3.2).
pub(super) struct FormBody<T> {
    fields: Map<String, Value>,
    kind: PhantomData<fn() -> T>,
}

impl<T: ParseFromJSON + 'static> FormBody<T> {
    /// The form as its type. Fields that are not known are passed over (RFC 6749 §3.2).
    ///
    /// # Errors
    /// 400 for fields that are missing or too long.
    pub(super) fn read(self) -> Result<T, DirectoryError> {
        Body::of_fields(self.fields).check_known()
    }
}

impl<'a, T: ParseFromJSON + 'static> ApiExtractor<'a> for FormBody<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = MetaMediaType { content_type: FORM, schema: <T as Type>::schema_ref() };
        Some(MetaRequest { description: None, content: vec![content], required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        let fields = payload::read_fields(request, body.take()?).await?;
        Ok(Self { fields, kind: PhantomData })
    }
}
