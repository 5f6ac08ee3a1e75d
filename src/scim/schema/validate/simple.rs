//! Values of the simple types (RFC 7643 §2.3), and how long they may be.

use base64::Engine;
use base64::alphabet::{Alphabet, STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

use super::place::Place;
use crate::scim::error::ScimError;
use crate::scim::schema::datetime::parse_datetime;
use crate::scim::schema::definition::{Attribute, AttributeType};

/// The longest string, in characters.
const STRING_CHARS: usize = 4096;
/// The longest certificate, picture in a data URI or other binary value, in bytes of its text.
const BINARY_BYTES: usize = 512 * 1024;

const BASE64: [GeneralPurpose; 2] = [base64_engine(&STANDARD), base64_engine(&URL_SAFE)];

/// Holds a value, not null and not an array, against a simple attribute's type.
pub(super) fn check(place: Place<'_>, attribute: &Attribute, value: Value) -> Result<Value, ScimError> {
    match attribute.kind {
        AttributeType::Boolean => match value {
            Value::Bool(_) => Ok(value),
            other => Err(place.must_be("a boolean (true or false)", &other)),
        },
        AttributeType::Integer => match value {
            Value::Number(ref number) if number.is_i64() || number.is_u64() => Ok(value),
            Value::Number(_) => Err(place.invalid("must be an integer, without a fraction or an exponent")),
            other => Err(place.must_be("an integer", &other)),
        },
        AttributeType::Decimal => match value {
            Value::Number(_) => Ok(value),
            other => Err(place.must_be("a number", &other)),
        },
        // A complex value is read sub-attribute by sub-attribute, elsewhere.
        AttributeType::Complex => Ok(value),
        _ => match value {
            Value::String(text) => string(place, attribute, text),
            other => Err(place.must_be(expected_text(attribute.kind), &other)),
        },
    }
}

fn string(place: Place<'_>, attribute: &Attribute, text: String) -> Result<Value, ScimError> {
    if text.contains('\0') {
        return Err(place.invalid("must not contain the character U+0000"));
    }
    length(place, attribute.kind, &text)?;
    match attribute.kind {
        AttributeType::DateTime if parse_datetime(&text).is_none() => {
            Err(place.invalid("must be a date-time with an offset, such as 2026-01-02T03:04:05Z"))
        }
        AttributeType::Binary if !is_base64(&text) => {
            Err(place.invalid("must be base64 (RFC 4648 §4 or §5)"))
        }
        _ => Ok(Value::String(canonical(attribute, text))),
    }
}

fn length(place: Place<'_>, kind: AttributeType, text: &str) -> Result<(), ScimError> {
    let large = match kind {
        AttributeType::Binary => true,
        // A picture can be given in the place of its address.
        AttributeType::Reference => text.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:")),
        _ => false,
    };
    if large && text.len() > BINARY_BYTES {
        return Err(place.invalid(format_args!("must not be longer than {BINARY_BYTES} bytes")));
    }
    // Counting characters is needed only where there are more bytes than characters are allowed.
    if !large && text.len() > STRING_CHARS && text.chars().count() > STRING_CHARS {
        return Err(place.invalid(format_args!("must not be longer than {STRING_CHARS} characters")));
    }
    Ok(())
}

/// The canonical spelling where the text differs from it only by case. Other values are accepted: canonicalValues are
/// suggestions (RFC 7643 §7).
fn canonical(attribute: &Attribute, text: String) -> String {
    if attribute.case_exact {
        return text;
    }
    match attribute.canonical_values.iter().find(|canonical| canonical.eq_ignore_ascii_case(&text)) {
        Some(canonical) => canonical.clone(),
        None => text,
    }
}

const fn base64_engine(alphabet: &Alphabet) -> GeneralPurpose {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(alphabet, config)
}

fn is_base64(text: &str) -> bool {
    BASE64.iter().any(|engine| engine.decode(text).is_ok())
}

fn expected_text(kind: AttributeType) -> &'static str {
    match kind {
        AttributeType::DateTime => "a date-time as a string",
        AttributeType::Binary => "base64 as a string",
        AttributeType::Reference => "a URI as a string",
        _ => "a string",
    }
}
