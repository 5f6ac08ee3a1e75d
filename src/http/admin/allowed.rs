//! Which methods a path serves, read out of the OpenAPI document: a 405 has to say so (RFC 9110 §15.5.6), and poem's does
//! not.

use poem::http::Method;
use serde_json::Value;

/// The paths of a document with their methods.
pub struct Allowed(Vec<(String, Vec<Method>)>);

impl Allowed {
    /// Those of this document.
    pub fn of_document(document: &str) -> Self {
        let document: Value = serde_json::from_str(document).unwrap_or_default();
        let paths = document.get("paths").and_then(Value::as_object);
        let methods = |operations: &Value| -> Vec<Method> {
            let names = operations.as_object().into_iter().flatten().map(|(name, _)| name.to_uppercase());
            names.filter_map(|name| name.parse().ok()).collect()
        };
        Self(paths.into_iter().flatten().map(|(path, item)| (path.clone(), methods(item))).collect())
    }

    /// The methods that this path serves.
    pub fn methods(&self, path: &str) -> &[Method] {
        let fits = |pattern: &str| {
            let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
            loop {
                match (pattern.next(), path.next()) {
                    (None, None) => return true,
                    (Some(want), Some(_)) if want.starts_with('{') => {}
                    (Some(want), Some(is)) if want == is => {}
                    _ => return false,
                }
            }
        };
        self.0.iter().find(|(pattern, _)| fits(pattern)).map_or(&[], |(_, methods)| methods)
    }
}
