//! SCIM filters become predicates over the fields that storage has: the one table of which attribute lives where.

use super::ENTERPRISE_USER;
use std::borrow::Cow;

use super::rows::{EMAIL_VALUES, custom_path};
use crate::model::ConnectionId;
use crate::model::change::IndexRow;
use crate::model::query::{Elements, Field, Operand, Predicate, Test};
use crate::scim::filter::valid::{self, ValidFilter};
use crate::scim::path::CanonicalPath;

/// Whose resources are filtered, and what they are called from outside.
#[derive(Clone, Debug)]
pub struct Perspective {
    /// `User` or `Group`.
    pub resource_type: &'static str,
    /// The connection that asks: it filters by its own externalIds alone.
    pub connection_id: ConnectionId,
    /// Without a slash at the end.
    pub base_url: String,
    /// Those of the tenant's own attributes that the index serves, if there are any.
    pub own: Option<OwnIndex>,
}

/// What the attribute index serves of a tenant's own extension.
#[derive(Clone, Debug)]
pub struct OwnIndex {
    pub urn: String,
    /// The attributes' names.
    pub names: Vec<String>,
}

/// Where an attribute lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// One value.
    Field(Field),
    /// The part (empty for the element itself) of one element of several.
    Element(Elements, String),
    /// The same for every resource of the type.
    Constant(&'static str),
}

impl Perspective {
    /// The predicate that says what the filter says.
    pub fn predicate(&self, filter: &ValidFilter) -> Predicate {
        match filter {
            ValidFilter::And(terms) => {
                Predicate::All(terms.iter().map(|term| self.predicate(term)).collect())
            }
            ValidFilter::Or(terms) => Predicate::Any(terms.iter().map(|term| self.predicate(term)).collect()),
            ValidFilter::Not(inner) => Predicate::Not(Box::new(self.predicate(inner))),
            ValidFilter::Test { path, test } => self.test(path, &convert(test)),
            ValidFilter::Element { path, filter } => self.element(path, filter),
        }
    }

    /// Where the attribute at `path` lives; this serves filters and sorting alike.
    pub fn resolve(&self, path: &CanonicalPath) -> Place {
        let sub = path.sub_attribute.as_deref();
        if let Some(urn) = &path.extension {
            if urn == ENTERPRISE_USER
                && path.attribute == "manager"
                && let Some(part @ ("displayName" | "$ref")) = sub
            {
                return Place::Element(
                    Elements::Manager { base_url: self.base_url.clone() },
                    part.to_owned(),
                );
            }
            return self.in_document(path);
        }
        match (self.resource_type, path.attribute.as_str(), sub) {
            (_, "id", _) => Place::Field(Field::Id),
            (_, "externalId", _) => Place::Element(Elements::ExternalId(self.connection_id), String::new()),
            (_, "meta", Some("created")) => Place::Field(Field::CreatedAt),
            (_, "meta", Some("lastModified")) => Place::Field(Field::UpdatedAt),
            (_, "meta", Some("version")) => Place::Field(Field::Version),
            (_, "meta", Some("location")) => Place::Field(Field::Location { prefix: self.location_prefix() }),
            (resource_type, "meta", _) => Place::Constant(resource_type),
            ("User", "userName", _) | ("Group", "displayName", _) => Place::Field(Field::NameKey),
            ("User", "groups", sub) => Place::Element(
                Elements::Groups { base_url: self.base_url.clone(), every_kind: false },
                sub.unwrap_or_default().to_owned(),
            ),
            ("Group", "members", sub) => Place::Element(
                Elements::Members { base_url: self.base_url.clone() },
                sub.unwrap_or_default().to_owned(),
            ),
            _ => self.in_document(path),
        }
    }

    fn location_prefix(&self) -> String {
        format!("{}/{}s/", self.base_url, self.resource_type)
    }

    fn in_document(&self, path: &CanonicalPath) -> Place {
        let mut names: Vec<String> = path.extension.iter().cloned().collect();
        names.push(path.attribute.clone());
        match (&path.sub_attribute, path.multi_valued) {
            (sub, true) => Place::Element(Elements::Document(names), sub.clone().unwrap_or_default()),
            (Some(sub), false) => {
                names.push(sub.clone());
                Place::Field(Field::Document(names))
            }
            (None, false) => Place::Field(Field::Document(names)),
        }
    }

    fn test(&self, path: &CanonicalPath, test: &Test) -> Predicate {
        match self.resolve(path) {
            Place::Constant(text) => constant(text, test),
            Place::Field(field) => {
                let exact = Predicate::Test { field, test: test.clone() };
                narrowed(self.indexed(path, "", test), exact)
            }
            Place::Element(of, part) => {
                // Of computed elements, that there is one is all there is to ask of the attribute as a whole.
                let that = match (&of, part.is_empty()) {
                    (Elements::Members { .. } | Elements::Groups { .. }, true) => Predicate::ALWAYS,
                    (Elements::Document(names), true) if *test == Test::Present => {
                        return Predicate::Test {
                            field: Field::Document(names.clone()),
                            test: Test::Present,
                        };
                    }
                    _ => Predicate::Test { field: Field::Part(part.clone()), test: test.clone() },
                };
                let stored = stored_reference(path, &of, &part, test);
                let exact = Predicate::Exists { of, that: Box::new(that) };
                if let Some(stored) = stored {
                    return Predicate::Any(vec![exact, stored]);
                }
                narrowed(self.indexed(path, &part, test), exact)
            }
        }
    }

    fn element(&self, path: &CanonicalPath, filter: &ValidFilter) -> Predicate {
        let of = match self.resolve(&CanonicalPath { sub_attribute: None, ..path.clone() }) {
            Place::Element(of, _) => of,
            Place::Field(_) | Place::Constant(_) => Elements::Document(vec![path.attribute.clone()]),
        };
        let exact = Predicate::Exists { of, that: Box::new(within(filter)) };
        // An indexed equality that every match must satisfy finds the candidates.
        let terms = match filter {
            ValidFilter::And(terms) => terms.as_slice(),
            single => std::slice::from_ref(single),
        };
        let index = terms.iter().find_map(|term| match term {
            ValidFilter::Test { path: inner, test } => {
                self.indexed(path, &inner.attribute, &convert(test)).map(|(index, _)| index)
            }
            _ => None,
        });
        match index {
            Some(index) => Predicate::All(vec![index, exact]),
            None => exact,
        }
    }

    /// The same test asked of the attribute index, where there is one, and whether its answer is final: long values are
    /// cut in the index.
    fn indexed(&self, path: &CanonicalPath, part: &str, test: &Test) -> Option<(Predicate, bool)> {
        let index = self.index_of(path, part)?;
        let (text, make): (Cow<'_, str>, fn(String) -> Test) = match test {
            Test::Eq(Operand::Text(text)) => (text.into(), |text| Test::Eq(Operand::Text(text))),
            Test::Eq(operand) => (number(operand)?.into(), |text| Test::Eq(Operand::Text(text))),
            Test::StartsWith(text) if !text.is_empty() => (text.into(), Test::StartsWith),
            _ => return None,
        };
        let cut: String = text.chars().take(IndexRow::MAX_CHARS).collect();
        let is_final = cut.chars().count() < IndexRow::MAX_CHARS;
        let that = Predicate::Test { field: Field::Part(String::new()), test: make(cut) };
        Some((Predicate::Exists { of: Elements::Index(index), that: Box::new(that) }, is_final))
    }

    /// The index path of what is tested, if it is indexed.
    fn index_of(&self, path: &CanonicalPath, part: &str) -> Option<Cow<'static, str>> {
        if self.resource_type != "User" {
            return None;
        }
        let Some(urn) = &path.extension else {
            return (path.attribute == "emails" && part == "value").then_some(Cow::Borrowed(EMAIL_VALUES));
        };
        let own = self.own.as_ref()?;
        let whole = part.is_empty() || part == "value";
        let known = own.urn == *urn && own.names.contains(&path.attribute);
        (known && whole).then(|| Cow::Owned(custom_path(&path.attribute)))
    }
}

/// What passes the test, found by the index as far as that goes.
fn narrowed(index: Option<(Predicate, bool)>, exact: Predicate) -> Predicate {
    match index {
        None => exact,
        Some((index, true)) => index,
        Some((index, false)) => Predicate::All(vec![index, exact]),
    }
}

/// A number as the index has it. Beyond what a float holds exactly, texts of equal numbers may differ.
fn number(operand: &Operand) -> Option<String> {
    const EXACT: i64 = 1 << 53;
    match operand {
        Operand::Integer(number) => (-EXACT..=EXACT).contains(number).then(|| number.to_string()),
        Operand::Real(number) => (number.abs() <= EXACT as f64).then(|| (number + 0.0).to_string()),
        Operand::Text(_) | Operand::Boolean(_) => None,
    }
}

/// A filter inside a value path: its paths are the element's parts.
fn within(filter: &ValidFilter) -> Predicate {
    match filter {
        ValidFilter::And(terms) => Predicate::All(terms.iter().map(within).collect()),
        ValidFilter::Or(terms) => Predicate::Any(terms.iter().map(within).collect()),
        ValidFilter::Not(inner) => Predicate::Not(Box::new(within(inner))),
        ValidFilter::Test { path, test } => {
            // A simple multi-valued attribute's element goes by the name of `value` (RFC 7644 errata 7122).
            Predicate::Test { field: Field::Part(path.attribute.clone()), test: convert(test) }
        }
        // The grammar knows no value path within a value path (RFC 7644 errata 4690).
        ValidFilter::Element { .. } => Predicate::NEVER,
    }
}

/// A manager who is no user of the tenant is shown with the `$ref` that the client gave, if it gave one.
fn stored_reference(path: &CanonicalPath, of: &Elements, part: &str, test: &Test) -> Option<Predicate> {
    let (Elements::Manager { .. }, "$ref", Some(urn)) = (of, part, &path.extension) else { return None };
    let known = Predicate::Exists { of: of.clone(), that: Box::new(Predicate::ALWAYS) };
    let names = vec![urn.clone(), path.attribute.clone(), part.to_owned()];
    let stored = Predicate::Test { field: Field::Document(names), test: test.clone() };
    Some(Predicate::All(vec![Predicate::Not(Box::new(known)), stored]))
}

fn constant(text: &str, test: &Test) -> Predicate {
    let passes = match test {
        Test::Present => true,
        Test::Eq(Operand::Text(other)) => text == other,
        Test::Contains(part) => text.contains(part.as_str()),
        Test::StartsWith(part) => text.starts_with(part.as_str()),
        Test::EndsWith(part) => text.ends_with(part.as_str()),
        Test::Gt(Operand::Text(other)) => text > other.as_str(),
        Test::Ge(Operand::Text(other)) => text >= other.as_str(),
        Test::Lt(Operand::Text(other)) => text < other.as_str(),
        Test::Le(Operand::Text(other)) => text <= other.as_str(),
        _ => false,
    };
    if passes { Predicate::ALWAYS } else { Predicate::NEVER }
}

fn convert(test: &valid::Test) -> Test {
    match test {
        valid::Test::Present => Test::Present,
        valid::Test::Eq(operand) => Test::Eq(value(operand)),
        valid::Test::Co(text) => Test::Contains(text.clone()),
        valid::Test::Sw(text) => Test::StartsWith(text.clone()),
        valid::Test::Ew(text) => Test::EndsWith(text.clone()),
        valid::Test::Gt(operand) => Test::Gt(value(operand)),
        valid::Test::Ge(operand) => Test::Ge(value(operand)),
        valid::Test::Lt(operand) => Test::Lt(value(operand)),
        valid::Test::Le(operand) => Test::Le(value(operand)),
    }
}

fn value(operand: &valid::Operand) -> Operand {
    match operand {
        valid::Operand::Boolean(truth) => Operand::Boolean(*truth),
        valid::Operand::String(text) => Operand::Text(text.clone()),
        valid::Operand::DateTime(ms) => Operand::Integer(*ms),
        valid::Operand::Number(number) => match number.as_i64() {
            Some(integer) => Operand::Integer(integer),
            None => Operand::Real(number.as_f64().unwrap_or_default()),
        },
    }
}
