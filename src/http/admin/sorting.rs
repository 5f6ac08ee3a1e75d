//! What lists are searched for and sorted by: texts from the query, and cursors that know the order. A cursor is
//! hexadecimal digits in every list, so that the document can say what one looks like.

use std::borrow::Cow;

use poem_openapi::Enum;
use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseError, ParseFromParameter, ParseResult, Type};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::model::query::{ListOrder, Operand, OrderKey, Position};
use crate::provisioning::directory::{DirectoryError, Problem};

/// How long a text in a query may be, in characters.
const MOST_CHARS: usize = 1024;

/// A text in a query: no longer than a person writes, and without U+0000, which PostgreSQL cannot compare.
#[derive(Debug)]
pub struct SearchText(pub String);

impl Type for SearchText {
    const IS_REQUIRED: bool = true;

    type RawValueType = String;
    type RawElementValueType = String;

    fn name() -> Cow<'static, str> {
        "string_search".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            max_length: Some(MOST_CHARS),
            pattern: Some(r"^[^\x00]*$".to_owned()),
            ..MetaSchema::new("string")
        }))
    }

    fn as_raw_value(&self) -> Option<&String> {
        Some(&self.0)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a String> + 'a> {
        Box::new(std::iter::once(&self.0))
    }
}

impl ParseFromParameter for SearchText {
    fn parse_from_parameter(value: &str) -> ParseResult<Self> {
        if value.contains('\0') || value.chars().count() > MOST_CHARS {
            let what = format!("it has to be a text of at most {MOST_CHARS} characters without U+0000");
            return Err(ParseError::custom(what));
        }
        Ok(Self(value.to_owned()))
    }
}

/// The orders of a list, by the field that its elements are named by.
macro_rules! orders {
    ($(#[$meta:meta])* $sort:ident, $name:literal, $down:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Enum)]
        pub enum $sort {
            #[oai(rename = $name)]
            Name,
            #[oai(rename = $down)]
            NameDown,
            #[oai(rename = "created_at")]
            Created,
            #[oai(rename = "-created_at")]
            CreatedDown,
            #[oai(rename = "updated_at")]
            Updated,
            #[oai(rename = "-updated_at")]
            UpdatedDown,
        }

        impl From<$sort> for (OrderKey, bool) {
            fn from(sort: $sort) -> Self {
                match sort {
                    $sort::Name => (OrderKey::Name, false),
                    $sort::NameDown => (OrderKey::Name, true),
                    $sort::Created => (OrderKey::CreatedAt, false),
                    $sort::CreatedDown => (OrderKey::CreatedAt, true),
                    $sort::Updated => (OrderKey::UpdatedAt, false),
                    $sort::UpdatedDown => (OrderKey::UpdatedAt, true),
                }
            }
        }
    };
}

orders! {
    /// By what users are sorted; `-` turns the order round. By age where it is left out.
    UserSort, "user_name", "-user_name"
}
orders! {
    /// By what groups are sorted; `-` turns the order round. By age where it is left out.
    GroupSort, "name", "-name"
}

/// The order that is asked for, from where the cursor says.
///
/// # Errors
/// 422 for a cursor of another order.
pub fn order(
    sort: Option<impl Into<(OrderKey, bool)>>,
    cursor: Option<&str>,
) -> Result<ListOrder, DirectoryError> {
    let (by, descending) = sort.map_or((OrderKey::Id, false), Into::into);
    let after = cursor.map(|text| position(text, by, descending).ok_or_else(foreign)).transpose()?;
    Ok(ListOrder { by, descending, after })
}

fn foreign() -> DirectoryError {
    let message = "'cursor' has to be the next_cursor of the page before, in the same order.";
    DirectoryError::impossible(vec![Problem::saying("/cursor", "invalid_cursor", message)])
}

/// Where the next page begins.
pub fn cursor(order: &ListOrder, next: Option<Position>) -> Option<String> {
    let Position { key, id } = next?;
    let key = match key {
        None => return Some(id.simple().to_string()),
        Some(Operand::Integer(number)) => json!(number),
        Some(Operand::Text(text)) => json!(text),
        Some(Operand::Real(_) | Operand::Boolean(_)) => Value::Null,
    };
    let text = json!([word(order.by, order.descending), key, id]).to_string();
    Some(text.bytes().map(|byte| format!("{byte:02x}")).collect())
}

fn position(cursor: &str, by: OrderKey, descending: bool) -> Option<Position> {
    if by == OrderKey::Id {
        return Uuid::try_parse(cursor).ok().map(|id| Position { key: None, id });
    }
    let text: Vec<u8> = (0..cursor.len())
        .step_by(2)
        .map(|start| u8::from_str_radix(cursor.get(start..start + 2)?, 16).ok())
        .collect::<Option<_>>()?;
    let (said, key, id): (String, Value, Uuid) = serde_json::from_slice(&text).ok()?;
    let key = match (by, key) {
        (OrderKey::Name, Value::String(text)) if !text.contains('\0') => Operand::Text(text),
        (OrderKey::CreatedAt | OrderKey::UpdatedAt, Value::Number(number)) => {
            Operand::Integer(number.as_i64()?)
        }
        _ => return None,
    };
    (said == word(by, descending)).then_some(Position { key: Some(key), id })
}

fn word(by: OrderKey, descending: bool) -> String {
    let name = match by {
        OrderKey::Id => "id",
        OrderKey::Name => "name",
        OrderKey::CreatedAt => "created_at",
        OrderKey::UpdatedAt => "updated_at",
    };
    format!("{}{name}", if descending { "-" } else { "" })
}
