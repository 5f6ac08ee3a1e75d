//! One strict pass over JSON text: duplicate keys and deep nesting are refused where they are met.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Value};

use crate::scim::error::ScimError;

/// How many objects and arrays may lie in one another, the outermost included.
pub const MAX_DEPTH: u8 = 32;

/// Reads the text as one JSON object. A byte order mark is passed over, as RFC 8259 §8.1 allows.
///
/// # Errors
/// `invalidSyntax`, saying where, for text that is empty, not UTF-8, not JSON, followed by more text, or not an object;
/// for a key that appears twice in an object, more than [`MAX_DEPTH`] levels, an unpaired surrogate, or a number outside
/// a double's range.
pub fn parse_object(bytes: &[u8]) -> Result<Map<String, Value>, ScimError> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        ScimError::invalid_syntax(format!(
            "The request body is not UTF-8 at byte offset {offset}; UTF-8 is accepted."
        ))
    })?;
    if text.trim_ascii().is_empty() {
        return Err(ScimError::invalid_syntax("The request body is empty; a JSON object is accepted."));
    }
    let depth = Cell::new(0);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Strict { depth: &depth }
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| {
            ScimError::invalid_syntax(format!("The request body is not acceptable JSON: {error}."))
        })?;
    match value {
        Value::Object(map) => Ok(map),
        _ => Err(ScimError::invalid_syntax(
            "The request body is JSON, but not an object; a JSON object is accepted.",
        )),
    }
}

/// Builds a [`Value`], counting the levels that are open.
#[derive(Clone, Copy)]
struct Strict<'a> {
    depth: &'a Cell<u8>,
}

impl Strict<'_> {
    fn enter<E: Error>(self) -> Result<(), E> {
        let depth = self.depth.get();
        if depth >= MAX_DEPTH {
            return Err(E::custom(format_args!(
                "objects and arrays are nested deeper than {MAX_DEPTH} levels"
            )));
        }
        self.depth.set(depth + 1);
        Ok(())
    }

    fn leave(self) {
        self.depth.set(self.depth.get().saturating_sub(1));
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        self.enter()?;
        let mut array = Vec::new();
        while let Some(element) = elements.next_element_seed(self)? {
            array.push(element);
        }
        self.leave();
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        self.enter()?;
        let mut object = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            match object.entry(key) {
                Entry::Occupied(taken) => return Err(duplicate(taken.key())),
                Entry::Vacant(free) => {
                    free.insert(members.next_value_seed(self)?);
                }
            }
        }
        self.leave();
        Ok(Value::Object(object))
    }
}

/// The key is named, but not at any length.
fn duplicate<E: Error>(key: &str) -> E {
    let shown: String = key.chars().take(100).collect();
    E::custom(format_args!("the key {shown:?} appears twice in one object"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &[u8]) -> String {
        parse_object(text).unwrap_err().detail
    }

    fn nested(levels: usize) -> String {
        format!("{{\"a\":{}1{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1))
    }

    #[test]
    fn equals_what_serde_json_reads() {
        let text = r#"{"b":[1,-2,3.5,1e3,"\u00e9\ud83d\ude00",null,true],"a":{"x":{},"y":[]},"n":18446744073709551615}"#;
        assert_eq!(
            Value::Object(parse_object(text.as_bytes()).unwrap()),
            serde_json::from_str::<Value>(text).unwrap()
        );
    }

    #[test]
    fn nesting_ends_at_32() {
        assert!(parse_object(nested(32).as_bytes()).is_ok());
        assert!(refusal(nested(33).as_bytes()).contains("nested deeper than 32 levels"));
        assert!(parse_object(format!("{{\"a\":[{}]}}", "[],{},".repeat(50) + "1").as_bytes()).is_ok());
    }

    #[test]
    fn a_key_appears_once_and_is_compared_exactly() {
        assert!(
            refusal(br#"{"a":1,"b":{"c":1,"c":2}}"#)
                .contains(r#"the key "c" appears twice in one object at line 1"#)
        );
        assert!(refusal(br#"{"a":1,"\u0061":2}"#).contains(r#"the key "a" appears twice"#));
        assert!(parse_object(br#"{"a":1,"A":2,"b":{"a":1}}"#).is_ok());
    }

    #[test]
    fn refusals_say_where() {
        assert!(refusal(b"{\"a\":\"\xff\"}").contains("byte offset 6"));
        assert!(refusal(b"{\"a\":1,\n \"b\":}").contains("line 2 column 6"));
        assert!(refusal(br#"{"a":1} {"#).contains("trailing characters at line 1 column 9"));
        assert!(refusal(br#"{"a":"\ud800"}"#).contains("at line 1 column"));
        assert!(refusal(br#"{"a":1e999}"#).contains("number out of range"));
        assert!(refusal(b" \n").contains("empty"));
        assert!(refusal(br#"["secret"]"#).contains("not an object"));
        assert!(!refusal(br#""secret""#).contains("secret"));
        assert!(parse_object(b"\xEF\xBB\xBF{}").is_ok());
    }
}
