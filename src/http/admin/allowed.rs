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

    /// The methods that this path serves. Of `/policies/evaluate` and `/policies/{id}` the former is meant where both fit,
    /// as it is where requests are routed.
    pub fn methods(&self, path: &str) -> &[Method] {
        let fitting =
            self.0.iter().filter_map(|(pattern, methods)| Some((parameters(pattern, path)?, methods)));
        fitting.min_by_key(|(parameters, _)| *parameters).map_or(&[], |(_, methods)| methods)
    }
}

/// How many steps of this path stand for parameters of the pattern, if it fits.
fn parameters(pattern: &str, path: &str) -> Option<usize> {
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    let mut parameters = 0;
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return Some(parameters),
            (Some(want), Some(_)) if want.starts_with('{') => parameters += 1,
            (Some(want), Some(is)) if want == is => {}
            _ => return None,
        }
    }
}
