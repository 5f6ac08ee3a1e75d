//! The type of an audit event as a parameter: the OpenAPI document lists them all.

use std::borrow::Cow;

use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseFromParameter, ParseResult, Type};
use serde_json::Value;

use crate::model::audit::AuditType;
use crate::provisioning::directory::{DirectoryError, Problem};

/// What a query calls the type that it asks for.
#[derive(Debug)]
pub struct EventType(String);

impl EventType {
    /// The type of this name.
    ///
    /// # Errors
    /// 400 for a name of none, saying which there are.
    pub fn named(self) -> Result<AuditType, DirectoryError> {
        AuditType::of_name(&self.0).ok_or_else(|| {
            let names: Vec<&str> = AuditType::ALL.iter().map(|kind| kind.as_str()).collect();
            let what = format!("has to be one of {}", names.join(", "));
            DirectoryError::malformed(vec![Problem::new("/type", "enum", what)])
        })
    }
}

impl Type for EventType {
    const IS_REQUIRED: bool = true;

    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "AuditEventType".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        let names = AuditType::ALL.iter().map(|kind| Value::from(kind.as_str()));
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            enum_items: names.collect(),
            ..MetaSchema::new("string")
        }))
    }

    fn as_raw_value(&self) -> Option<&Self::RawValueType> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self::RawElementValueType> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromParameter for EventType {
    fn parse_from_parameter(value: &str) -> ParseResult<Self> {
        Ok(Self(value.to_owned()))
    }
}
