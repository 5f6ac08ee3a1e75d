//! Where the two databases' SQL differs, and nowhere else.

use uuid::Uuid;

use super::statement::Arg;

/// Which database speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// Ids as rows `given(id)`, and the argument that carries them. One id comes as it is:
    /// `commit::postgres::statement` says what PostgreSQL makes of arrays.
    pub fn given(self, placeholder: &str, ids: Vec<Uuid>) -> (String, Arg<'static>) {
        let one = match &*ids {
            [id] => Some(*id),
            _ => None,
        };
        let source = match (self, one) {
            (Self::Sqlite, Some(_)) => format!("(SELECT {placeholder} AS id) AS given"),
            (Self::Postgres, Some(_)) => format!("(SELECT {placeholder}::uuid AS id) AS given"),
            (Self::Sqlite, None) => {
                format!("(SELECT unhex(value) AS id FROM json_each({placeholder})) AS given")
            }
            (Self::Postgres, None) => format!("unnest({placeholder}) AS given(id)"),
        };
        (source, one.map_or(Arg::Ids(ids), Arg::id))
    }

    /// An id in its textual form.
    pub fn id_text(self, id: &str) -> String {
        match self {
            Self::Sqlite => format!(
                "lower(substr(hex({id}),1,8)||'-'||substr(hex({id}),9,4)||'-'||substr(hex({id}),13,4)||'-'||substr(hex({id}),17,4)||'-'||substr(hex({id}),21))"
            ),
            Self::Postgres => format!("{id}::text"),
        }
    }

    /// A document that stands in a column of text.
    pub fn json_of_text(self, column: &str) -> String {
        match self {
            Self::Sqlite => column.to_owned(),
            Self::Postgres => format!("({column})::jsonb"),
        }
    }

    /// The text at a JSON path of a document; NULL where there is nothing.
    pub fn json_text(self, document: &str, path: &str) -> String {
        match self {
            Self::Sqlite => format!("({document} ->> {path})"),
            Self::Postgres => format!("({document} #>> {path})"),
        }
    }

    /// The number at a JSON path of a document.
    pub fn json_number(self, document: &str, path: &str) -> String {
        match self {
            Self::Sqlite => self.json_text(document, path),
            Self::Postgres => format!("({document} #>> {path})::numeric"),
        }
    }

    /// Whether the JSON value at a path is true (or false); NULL where there is nothing.
    pub fn json_is(self, document: &str, path: &str, truth: bool) -> String {
        match self {
            Self::Sqlite => format!("({document} ->> {path}) = {}", i32::from(truth)),
            Self::Postgres => format!("({document} #> {path}) = '{truth}'::jsonb"),
        }
    }

    /// Whether the JSON value at a path is neither missing nor empty.
    pub fn json_present(self, document: &str, path: &str) -> String {
        match self {
            Self::Sqlite => {
                format!("coalesce(({document} -> {path}) NOT IN ('null', '\"\"', '[]', '{{}}'), false)")
            }
            Self::Postgres => format!(
                "coalesce(({document} #> {path}) NOT IN ('null'::jsonb, '\"\"'::jsonb, '[]'::jsonb, '{{}}'::jsonb), false)"
            ),
        }
    }

    /// The elements of the array at a path as rows `e` (`e.value`, and `e.place` to order them by).
    pub fn json_elements(self, document: &str, path: &str) -> String {
        match self {
            Self::Sqlite => format!("(SELECT value, key AS place FROM json_each({document}, {path})) AS e"),
            Self::Postgres => format!(
                "jsonb_array_elements(CASE WHEN jsonb_typeof({document} #> {path}) = 'array' THEN {document} #> {path} END) WITH ORDINALITY AS e(value, place)"
            ),
        }
    }

    /// An element of a simple multi-valued attribute as text.
    pub fn json_scalar(self, element: &str) -> String {
        match self {
            Self::Sqlite => element.to_owned(),
            Self::Postgres => format!("({element} #>> '{{}}')"),
        }
    }

    /// Whether `haystack` holds `needle` (which is not empty).
    pub fn contains(self, haystack: &str, needle: &str) -> String {
        match self {
            Self::Sqlite => format!("instr({haystack}, {needle}) > 0"),
            Self::Postgres => format!("strpos({haystack}, {needle}) > 0"),
        }
    }

    /// Whether `text` begins with `prefix`.
    pub fn starts_with(self, text: &str, prefix: &str) -> String {
        match self {
            Self::Sqlite => format!("substr({text}, 1, length({prefix})) = {prefix}"),
            Self::Postgres => format!("starts_with({text}, {prefix})"),
        }
    }

    /// Whether `text` ends with `suffix` (which is not empty).
    pub fn ends_with(self, text: &str, suffix: &str) -> String {
        match self {
            Self::Sqlite => format!("substr({text}, -length({suffix})) = {suffix}"),
            Self::Postgres => format!("right({text}, length({suffix})) = {suffix}"),
        }
    }

    /// Text that is compared by code point, whatever the database's locale.
    pub fn by_code_point(self, text: &str) -> String {
        match self {
            Self::Sqlite => text.to_owned(),
            Self::Postgres => format!("{text} COLLATE \"C\""),
        }
    }
}
