//! `sortBy` becomes a sort key (RFC 7644 §3.4.2.3).

use super::filter::{Perspective, Place};
use crate::model::query::{Elements, Field, SortKey};
use crate::scim::path::CanonicalPath;
use crate::scim::schema::AttributeType;

impl Perspective {
    /// By what resources are ordered when a client asks for this attribute. Attributes that are computed from other
    /// resources order nothing: the order is then that of ids.
    pub fn sort_key(&self, path: &CanonicalPath) -> SortKey {
        let number =
            matches!(path.kind, AttributeType::DateTime | AttributeType::Integer | AttributeType::Decimal);
        match self.resolve(path) {
            Place::Field(Field::Document(names)) if number => SortKey::Number(names),
            Place::Field(field) => SortKey::Field(field),
            Place::Element(Elements::Document(path), part) => SortKey::Element { path, part },
            Place::Element(Elements::ExternalId(connection), _) => SortKey::ExternalId(connection),
            Place::Constant(text) => SortKey::Constant(text),
            Place::Element(..) => SortKey::Field(Field::Id),
        }
    }
}
