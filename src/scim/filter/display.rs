//! The canonical text of a filter: single spaces, lower-case keywords, and only the parentheses that are needed.
//! Reading it gives the same tree.

use std::fmt;

use serde_json::Value;

use super::ast::{AttrExp, CompareOp, CompareValue, Filter, SubExp, ValuePath};

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AttrExp(expression) => expression.fmt(f),
            Self::ValuePath(value_path) => value_path.fmt(f),
            Self::Not(inner) => write!(f, "not ({inner})"),
            Self::Or(terms) => write_joined(f, terms, " or "),
            Self::And(terms) => write_joined(f, terms, " and "),
        }
    }
}

/// `or` binds less than `and`, so it needs parentheses wherever it is a term.
fn write_joined(f: &mut fmt::Formatter<'_>, terms: &[Filter], joint: &str) -> fmt::Result {
    for (index, term) in terms.iter().enumerate() {
        if index > 0 {
            f.write_str(joint)?;
        }
        match term {
            Filter::Or(_) => write!(f, "({term})")?,
            _ => write!(f, "{term}")?,
        }
    }
    Ok(())
}

impl fmt::Display for AttrExp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Present(path) => write!(f, "{path} pr"),
            Self::Compare { path, op, value } => write!(f, "{path} {op} {value}"),
        }
    }
}

impl fmt::Display for ValuePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.path, self.filter)?;
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for SubExp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.compare {
            None => write!(f, "{} pr", self.sub_attribute),
            Some((op, value)) => write!(f, "{} {op} {value}", self.sub_attribute),
        }
    }
}

impl fmt::Display for CompareOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for CompareValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(boolean) => boolean.fmt(f),
            Self::Number(number) => number.fmt(f),
            // JSON's escapes.
            Self::String(text) => Value::from(text.as_str()).fmt(f),
        }
    }
}
