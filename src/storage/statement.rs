//! One SQL text with its arguments, for either database: `$1` placeholders work on both.

use std::borrow::Cow;

use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, error::BoxDynError};
use uuid::Uuid;

/// A value on its way into a statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Arg<'a> {
    Uuid(Option<Uuid>),
    Text(Option<Cow<'a, str>>),
    Integer(Option<i64>),
    Real(f64),
    Boolean(bool),
    Bytes(Cow<'a, [u8]>),
    /// An array on PostgreSQL, JSON on SQLite: see `Engine::given`.
    Ids(Vec<Uuid>),
    /// The names on the way to a value in a JSON document: `text[]` on PostgreSQL, a JSON path on SQLite.
    JsonPath(Vec<String>),
}

impl<'a> Arg<'a> {
    /// Text that is there.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(Some(text.into()))
    }

    /// Text that may be missing.
    pub fn optional(text: Option<&'a str>) -> Self {
        Self::Text(text.map(Cow::Borrowed))
    }

    /// An id that is there.
    pub fn id(id: Uuid) -> Self {
        Self::Uuid(Some(id))
    }

    /// A number that is there.
    pub fn integer(number: i64) -> Self {
        Self::Integer(Some(number))
    }

    /// Bytes that are there.
    pub fn bytes(bytes: &'a [u8]) -> Self {
        Self::Bytes(Cow::Borrowed(bytes))
    }

    /// The same value, borrowing nothing.
    pub fn into_owned(self) -> Arg<'static> {
        match self {
            Self::Uuid(id) => Arg::Uuid(id),
            Self::Text(text) => Arg::Text(text.map(|text| Cow::Owned(text.into_owned()))),
            Self::Integer(number) => Arg::Integer(number),
            Self::Real(number) => Arg::Real(number),
            Self::Boolean(truth) => Arg::Boolean(truth),
            Self::Bytes(bytes) => Arg::Bytes(Cow::Owned(bytes.into_owned())),
            Self::Ids(ids) => Arg::Ids(ids),
            Self::JsonPath(path) => Arg::JsonPath(path),
        }
    }
}

/// How a statement comes again, the rarest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recurs {
    /// Seldom: requests shape its text freely. Kept prepared, such texts would push the others out of the cache.
    Seldom,
    /// With the same text again and again: it is kept prepared.
    Often,
    /// Often, and it finds a few rows by their keys: on SQLite it goes together with others.
    AsLookup,
}

/// A statement: its text, its arguments, and how it comes again.
#[derive(Clone, Debug)]
pub struct Statement<'a> {
    pub text: Cow<'static, str>,
    pub args: Vec<Arg<'a>>,
    pub recurs: Recurs,
}

impl<'a> Statement<'a> {
    /// A statement with a fixed text.
    pub fn fixed(text: &'static str, args: impl IntoIterator<Item = Arg<'a>>) -> Self {
        Self { text: Cow::Borrowed(text), args: args.into_iter().collect(), recurs: Recurs::Often }
    }

    /// A statement with a fixed text that finds a few rows by their keys.
    pub fn lookup(text: &'static str, args: impl IntoIterator<Item = Arg<'a>>) -> Self {
        Self { recurs: Recurs::AsLookup, ..Self::fixed(text, args) }
    }

    /// Whether it is worth keeping prepared.
    pub fn is_kept(&self) -> bool {
        self.recurs != Recurs::Seldom
    }

    pub(super) fn sqlite_arguments(&self) -> Result<SqliteArguments, BoxDynError> {
        let mut arguments = SqliteArguments::default();
        for arg in &self.args {
            add_sqlite(&mut arguments, arg)?;
        }
        Ok(arguments)
    }

    pub(super) fn postgres_arguments(&self) -> Result<PgArguments, BoxDynError> {
        let mut arguments = PgArguments::default();
        for arg in &self.args {
            match arg {
                Arg::Uuid(id) => arguments.add(id),
                Arg::Text(text) => arguments.add(text.as_deref()),
                Arg::Integer(number) => arguments.add(number),
                Arg::Real(number) => arguments.add(number),
                Arg::Boolean(truth) => arguments.add(truth),
                Arg::Bytes(bytes) => arguments.add(&**bytes),
                Arg::Ids(ids) => arguments.add(ids),
                Arg::JsonPath(path) => arguments.add(path),
            }?;
        }
        Ok(arguments)
    }
}

/// Adds one argument for SQLite.
pub(super) fn add_sqlite(arguments: &mut SqliteArguments, arg: &Arg<'_>) -> Result<(), BoxDynError> {
    match arg {
        Arg::Uuid(id) => arguments.add(*id),
        Arg::Text(text) => arguments.add(text.as_deref().map(str::to_owned)),
        Arg::Integer(number) => arguments.add(*number),
        Arg::Real(number) => arguments.add(*number),
        Arg::Boolean(truth) => arguments.add(*truth),
        Arg::Bytes(bytes) => arguments.add(bytes.to_vec()),
        Arg::Ids(ids) => arguments.add(hex_array(ids)),
        Arg::JsonPath(path) => arguments.add(json_path(path)),
    }
}

fn hex_array(ids: &[Uuid]) -> String {
    let mut json = String::with_capacity(2 + ids.len() * 35);
    json.push('[');
    for (position, id) in ids.iter().enumerate() {
        if position > 0 {
            json.push(',');
        }
        json.push('"');
        json.push_str(id.simple().encode_lower(&mut Uuid::encode_buffer()));
        json.push('"');
    }
    json.push(']');
    json
}

/// `$."name"."familyName"`. Names come from schemas, which allow no quotation marks in them.
fn json_path(path: &[String]) -> String {
    let mut text = String::from("$");
    for name in path {
        text.push_str(".\"");
        text.push_str(name);
        text.push('"');
    }
    text
}
