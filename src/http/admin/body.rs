//! Reads a request's body into the type that the OpenAPI document publishes for it.

use std::marker::PhantomData;

use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchemaRef, Registry};
use poem_openapi::types::{ParseFromJSON, Type};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde_json::{Map, Value};

use super::check;
use crate::http::error::Failure;
use crate::http::payload;
use crate::provisioning::directory::{DirectoryError, Problem};

/// A JSON object that was read strictly: no key twice, no depth without end, valid UTF-8. [`Body::check`] compares it
/// with the published schema of `T`.
pub struct Body<T> {
    object: Map<String, Value>,
    kind: PhantomData<fn() -> T>,
}

impl<T: ParseFromJSON + 'static> Body<T> {
    /// What was sent, as it is.
    pub fn object(&self) -> &Map<String, Value> {
        &self.object
    }

    /// A body that came in another form.
    pub(in crate::http) fn of_fields(object: Map<String, Value>) -> Self {
        Self { object, kind: PhantomData }
    }

    /// The body as its type.
    ///
    /// # Errors
    /// Every problem at once, unknown fields among them.
    pub fn check(self) -> Result<T, DirectoryError> {
        let value = Value::Object(self.object);
        let problems = check::problems::<T>(&value);
        if !problems.is_empty() {
            return Err(DirectoryError::malformed(problems));
        }
        T::parse_from_json(Some(value)).map_err(|error| {
            let message = format!("is not what is expected here: {}", error.message());
            DirectoryError::malformed(vec![Problem::new("", "invalid", message)])
        })
    }

    /// The same, without the fields that are not known: where the protocol wants them passed over.
    ///
    /// # Errors
    /// Every other problem at once.
    pub(in crate::http) fn check_known(mut self) -> Result<T, DirectoryError> {
        let problems = check::problems::<T>(&Value::Object(self.object.clone()));
        for problem in problems.iter().filter(|problem| problem.code == check::UNKNOWN) {
            // RFC 6901 §4.
            let name = problem.pointer.trim_start_matches('/').replace("~1", "/").replace("~0", "~");
            self.object.shift_remove(&name);
        }
        self.check()
    }

    /// Whether the body says anything of one of these fields.
    pub fn says_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.object.contains_key(*name))
    }

    /// The array that a field holds, before it is checked; nothing where it holds something else.
    pub fn array_mut(&mut self, name: &str) -> Option<&mut Vec<Value>> {
        self.object.get_mut(name).and_then(Value::as_array_mut)
    }

    /// Takes out fields that only the server sets, as long as they say what is so: clients send back what they read.
    ///
    /// # Errors
    /// Those that say something else.
    pub fn take_unchanged(&mut self, current: &Value, names: &[&str]) -> Result<(), DirectoryError> {
        let mut problems = Vec::new();
        for name in names {
            if let Some(value) = self.object.shift_remove(*name)
                && current.get(*name).unwrap_or(&Value::Null) != &value
            {
                problems.push(Problem::new(&format!("/{name}"), "read_only", "cannot be changed"));
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(DirectoryError::malformed(problems)) }
    }
}

impl<'a, T: ParseFromJSON + 'static> ApiExtractor<'a> for Body<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = MetaMediaType { content_type: "application/json", schema: schema_of::<T>() };
        Some(MetaRequest { description: None, content: vec![content], required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        let object = payload::read_object(request, body.take()?).await.map_err(|failure: Failure| failure)?;
        Ok(Self { object, kind: PhantomData })
    }
}

fn schema_of<T: Type>() -> MetaSchemaRef {
    T::schema_ref()
}
