//! What clients say of attributes.

use std::collections::BTreeSet;

use poem_openapi::Object;
use poem_openapi::types::MaybeUndefined;
use serde_json::Value;

use super::values::{AttributeMutability, AttributeType, Audience, number};
use crate::mapping::custom::AttributeDraft;
use crate::model;
use crate::provisioning::directory::{AttributePatch, Said};

macro_rules! attribute_fields {
    ($(#[$doc:meta])* $name:ident { $($(#[$meta:meta])* $own:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Object)]
        #[oai(deny_unknown_fields)]
        pub(super) struct $name {
            $($(#[$meta])* $own: $type,)*
            /// What people read instead of the name.
            #[oai(validator(min_length = 1, max_length = 100))]
            display_name: Option<String>,
            #[oai(validator(max_length = 1000))]
            description: Option<String>,
            /// Whether a new user must have a value. Those who were there before need none.
            required: Option<bool>,
            /// What a new user has where nobody gives a value.
            #[oai(nullable)]
            default: MaybeUndefined<Value>,
            /// Whether no two users may have the same value.
            unique: Option<bool>,
            /// The values that are accepted; empty for any.
            #[oai(validator(max_items = 100))]
            allowed_values: Option<Vec<Value>>,
            /// A regular expression that a text must match as a whole.
            #[oai(nullable, validator(max_length = 256))]
            pattern: MaybeUndefined<String>,
            /// The least length of a text, the least number, or the least count of several values.
            #[oai(nullable)]
            min: MaybeUndefined<f64>,
            /// The same for the most.
            #[oai(nullable)]
            max: MaybeUndefined<f64>,
            /// Whether filters on it are served from an index.
            searchable: Option<bool>,
            mutability: Option<AttributeMutability>,
            /// Who sees the values: everybody where it is not said.
            #[oai(validator(max_items = 3))]
            visible_to: Option<Vec<Audience>>,
            /// Who changes them: admins and identity providers where it is not said.
            #[oai(validator(max_items = 3))]
            editable_by: Option<Vec<Audience>>,
            /// Whether access tokens tell its value.
            in_tokens: Option<bool>,
        }

        impl $name {
            /// The same without the protocol.
            fn patch(self) -> AttributePatch {
                AttributePatch {
                    display_name: self.display_name,
                    description: self.description,
                    required: self.required,
                    default: said(self.default),
                    unique: self.unique,
                    allowed_values: self.allowed_values,
                    pattern: said(self.pattern),
                    min: said(self.min).map(|said| said.and_then(number)),
                    max: said(self.max).map(|said| said.and_then(number)),
                    searchable: self.searchable,
                    mutability: self.mutability.map(model::AttributeMutability::from),
                    visible_to: self.visible_to.map(audiences),
                    editable_by: self.editable_by.map(audiences),
                    in_tokens: self.in_tokens,
                }
            }
        }
    };
}

attribute_fields! {
    /// An attribute to be defined.
    NewAttribute {
        /// In snake case, unique in the tenant; it never changes.
        #[oai(validator(min_length = 1, max_length = 63))]
        name: String,
        /// What values it takes; it never changes.
        #[oai(rename = "type")]
        kind: AttributeType,
        /// Whether a user has a list of values; it never changes.
        multi_valued: Option<bool>,
    }
}

attribute_fields! {
    /// What changes of an attribute.
    AttributeChange {}
}

impl From<NewAttribute> for AttributeDraft {
    fn from(new: NewAttribute) -> Self {
        let mut draft = AttributeDraft::new(new.name.clone(), new.kind.into());
        draft.multi_valued = new.multi_valued.unwrap_or(false);
        new.patch().apply(draft)
    }
}

impl From<AttributeChange> for AttributePatch {
    fn from(change: AttributeChange) -> Self {
        change.patch()
    }
}

fn audiences(named: Vec<Audience>) -> BTreeSet<model::Audience> {
    named.into_iter().map(model::Audience::from).collect()
}

fn said<T>(said: MaybeUndefined<T>) -> Said<T> {
    match said {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}
