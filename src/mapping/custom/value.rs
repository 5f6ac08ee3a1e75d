//! One attribute's values, held against its definition.

use std::cmp::Ordering;
use std::collections::HashSet;

use chrono::NaiveDate;
use regex::Regex;
use serde_json::{Number, Value};

use super::pattern::{self, PatternError};
use super::problem::{Found, ProblemKind, pointer};
use crate::model::{AttributeDefinition, AttributeKind};
use crate::scim::fold::fold_unless;

/// The longest text, in characters.
pub(super) const TEXT_CHARS: usize = 4096;
/// The longest URI, in octets.
const URI_OCTETS: usize = 2048;
/// The most values that one user has of one attribute.
pub(super) const MOST_VALUES: usize = 1000;
/// Schemes whose URIs a browser would run rather than open.
const RUNNING_SCHEMES: [&str; 3] = ["data", "javascript", "vbscript"];

/// A definition, ready to read values.
#[derive(Clone, Debug)]
pub struct CustomAttribute {
    definition: AttributeDefinition,
    pattern: Option<Regex>,
}

impl CustomAttribute {
    /// Prepares a definition.
    ///
    /// # Errors
    /// [`PatternError`] when its pattern cannot be compiled, which a checked definition's can.
    pub fn new(definition: AttributeDefinition) -> Result<Self, PatternError> {
        let pattern = definition.pattern.as_deref().map(pattern::compile).transpose()?;
        Ok(Self { definition, pattern })
    }

    /// The definition.
    pub fn definition(&self) -> &AttributeDefinition {
        &self.definition
    }

    /// The form in which two values are the same: texts without case (references with it), numbers by what they count.
    pub fn key(&self, value: &Value) -> String {
        match value {
            Value::String(text) => {
                fold_unless(self.definition.kind == AttributeKind::Reference, text).into_owned()
            }
            Value::Number(number) => match (number.as_i128(), number.as_f64()) {
                (Some(whole), _) => whole.to_string(),
                // The sum takes the sign from a zero.
                (None, Some(number)) => (number + 0.0).to_string(),
                (None, None) => number.to_string(),
            },
            other => other.to_string(),
        }
    }

    /// Whether two whole values are the same.
    pub(super) fn same(&self, one: &Value, other: &Value) -> bool {
        match (one, other) {
            (Value::Array(one), Value::Array(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| self.same(one, other))
            }
            _ => self.key(one) == self.key(other),
        }
    }

    /// Reads a whole value. `None` is no value: null, an empty list, or a blank text where a value is required.
    pub(super) fn read(&self, value: Value, found: &mut Found) -> Option<Value> {
        let name = &self.definition.name;
        if value.is_null() {
            return None;
        }
        if self.definition.is_multi_valued() {
            return self.several(value, found);
        }
        if self.definition.required && value.as_str().is_some_and(|text| text.trim().is_empty()) {
            return None;
        }
        match self.single(value) {
            Ok(value) => Some(value),
            Err(what) => {
                found.add(ProblemKind::Invalid, pointer(name), format!("'{name}' {what}."));
                None
            }
        }
    }

    fn several(&self, value: Value, found: &mut Found) -> Option<Value> {
        let AttributeDefinition { name, min, max, .. } = &self.definition;
        let mut refuse = |what: String| {
            found.add(ProblemKind::Invalid, pointer(name), format!("'{name}' {what}."));
            None
        };
        let values = match value {
            Value::Array(values) => values,
            other => return refuse(format!("must be an array, not {}", json_type(&other))),
        };
        if values.len() > MOST_VALUES {
            return refuse(format!("must not have more than {MOST_VALUES} values"));
        }
        let mut seen = HashSet::with_capacity(values.len());
        let mut read = Vec::with_capacity(values.len());
        for (index, value) in values.into_iter().enumerate() {
            match self.single(value) {
                // What is there twice counts once.
                Ok(value) if seen.insert(self.key(&value)) => read.push(value),
                Ok(_) => {}
                Err(what) => found.add(
                    ProblemKind::Invalid,
                    format!("{}/{index}", pointer(name)),
                    format!("'{name}' (element {}) {what}.", index + 1),
                ),
            }
        }
        if read.is_empty() {
            return None;
        }
        if let Err(what) = within(&Number::from(read.len()), min.as_ref(), max.as_ref(), "values") {
            found.add(ProblemKind::Invalid, pointer(name), format!("'{name}' {what}."));
        }
        Some(Value::Array(read))
    }

    /// One value, not null. The refusal continues the sentence that the attribute's name begins.
    pub(super) fn single(&self, value: Value) -> Result<Value, String> {
        let other_type =
            |expected: &str, found: &Value| format!("must be {expected}, not {}", json_type(found));
        match (self.definition.kind, value) {
            (AttributeKind::Boolean, value @ Value::Bool(_)) => Ok(value),
            (AttributeKind::Boolean, other) => Err(other_type("a boolean (true or false)", &other)),
            (AttributeKind::Integer, Value::Number(number)) if number.is_i64() => self.number(number),
            (AttributeKind::Integer, Value::Number(_)) => {
                Err("must be an integer of 64 bits, without a fraction or an exponent".to_owned())
            }
            (AttributeKind::Integer, other) => Err(other_type("an integer", &other)),
            (AttributeKind::Number, Value::Number(number)) => self.number(number),
            (AttributeKind::Number, other) => Err(other_type("a number", &other)),
            (_, Value::String(text)) => self.text(text),
            (AttributeKind::Date, other) => {
                Err(other_type("a date as a string, such as \"2026-01-31\"", &other))
            }
            (AttributeKind::Reference, other) => Err(other_type("a URI as a string", &other)),
            (_, other) => Err(other_type("a string", &other)),
        }
    }

    fn number(&self, number: Number) -> Result<Value, String> {
        let AttributeDefinition { min, max, .. } = &self.definition;
        if !self.definition.is_multi_valued() {
            within(&number, min.as_ref(), max.as_ref(), "")?;
        }
        self.allowed(Value::Number(number))
    }

    fn text(&self, text: String) -> Result<Value, String> {
        if text.contains('\0') {
            return Err("must not contain the character U+0000".to_owned());
        }
        let length = text.chars().count();
        if length > TEXT_CHARS {
            return Err(format!("must not be longer than {TEXT_CHARS} characters"));
        }
        let AttributeDefinition { kind, min, max, .. } = &self.definition;
        match kind {
            AttributeKind::Date if !is_date(&text) => {
                return Err("must be a day of the calendar, such as 2026-01-31".to_owned());
            }
            AttributeKind::Reference => reference(&text)?,
            AttributeKind::String if !self.definition.is_multi_valued() => {
                within(&Number::from(length), min.as_ref(), max.as_ref(), "characters")?;
            }
            _ => {}
        }
        let text = self.allowed(Value::String(text))?;
        match (&self.pattern, text.as_str()) {
            (Some(pattern), Some(plain)) if !pattern.is_match(plain) => {
                let pattern = self.definition.pattern.as_deref().unwrap_or_default();
                Err(format!("must match the pattern {pattern} as a whole"))
            }
            _ => Ok(text),
        }
    }

    /// The allowed value that this one is, in its spelling there.
    fn allowed(&self, value: Value) -> Result<Value, String> {
        let allowed = &self.definition.allowed_values;
        if allowed.is_empty() {
            return Ok(value);
        }
        let key = self.key(&value);
        match allowed.iter().find(|allowed| self.key(allowed) == key) {
            Some(allowed) => Ok(allowed.clone()),
            None => Err(format!("must be one of {}", listed(allowed))),
        }
    }
}

/// How the numbers relate; exact where both are whole.
pub(super) fn compare(one: &Number, other: &Number) -> Ordering {
    match (one.as_i128(), other.as_i128()) {
        (Some(one), Some(other)) => one.cmp(&other),
        _ => {
            let float = |number: &Number| number.as_f64().unwrap_or_default();
            float(one).total_cmp(&float(other))
        }
    }
}

/// What JSON calls this value.
pub(super) fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// Holds a number, or a count of `things`, against its bounds.
fn within(number: &Number, min: Option<&Number>, max: Option<&Number>, things: &str) -> Result<(), String> {
    let least = min.filter(|min| compare(number, min).is_lt()).map(|min| ("least", min));
    let most = max.filter(|max| compare(number, max).is_gt()).map(|max| ("most", max));
    match (least.or(most), things) {
        (None, _) => Ok(()),
        (Some((which, bound)), "") => Err(format!("must be at {which} {bound}")),
        (Some((which, bound)), things) => Err(format!("must have at {which} {bound} {things}")),
    }
}

/// The first values of a list, for a message.
fn listed(values: &[Value]) -> String {
    const SHOWN: usize = 10;
    let mut shown: Vec<String> = values.iter().take(SHOWN).map(Value::to_string).collect();
    if values.len() > SHOWN {
        shown.push(format!("… ({} in all)", values.len()));
    }
    shown.join(", ")
}

/// RFC 3339 §5.6, `full-date`, of the years 0001 to 9999.
fn is_date(text: &str) -> bool {
    let digits = |range: std::ops::Range<usize>| {
        let part = text.get(range)?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<u32>().ok())?
    };
    let date = || {
        let (year, month, day) = (digits(0..4)?, digits(5..7)?, digits(8..10)?);
        let dashes = text.len() == 10 && text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
        (dashes && year > 0).then(|| NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day))?
    };
    date().is_some()
}

/// RFC 3986 §4.3, `absolute-URI`, with a fragment if need be: a scheme and something after it, in the characters of §2.
fn reference(text: &str) -> Result<(), String> {
    let expected = || "must be an absolute URI, such as https://example.com/badge/7".to_owned();
    if text.len() > URI_OCTETS {
        return Err(format!("must not be longer than {URI_OCTETS} octets"));
    }
    let (scheme, rest) = text.split_once(':').ok_or_else(expected)?;
    let mut letters = scheme.chars();
    let named = letters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && letters.all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter));
    let plain = |character: char| character.is_ascii_graphic() && !"\"<>\\^`{|}".contains(character);
    if !named || rest.is_empty() || !rest.chars().all(plain) {
        return Err(expected());
    }
    if RUNNING_SCHEMES.iter().any(|running| scheme.eq_ignore_ascii_case(running)) {
        return Err(format!(
            "must not be a URI of the scheme '{}', which browsers run",
            scheme.to_ascii_lowercase()
        ));
    }
    Ok(())
}
