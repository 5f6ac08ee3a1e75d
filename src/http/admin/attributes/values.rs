//! What the model's words are called in the API.

use poem_openapi::Enum;
use serde_json::Number;

use crate::model;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident of $model:ident { $($(#[$meta:meta])* $variant:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Enum)]
        #[oai(rename_all = "snake_case")]
        pub(super) enum $name {
            $($(#[$meta])* $variant,)*
        }

        impl From<$name> for model::$model {
            fn from(word: $name) -> Self {
                match word {
                    $($name::$variant => Self::$variant,)*
                }
            }
        }

        impl From<model::$model> for $name {
            fn from(word: model::$model) -> Self {
                match word {
                    $(model::$model::$variant => Self::$variant,)*
                }
            }
        }
    };
}

words! {
    /// What values an attribute takes.
    AttributeType of AttributeKind {
        String, Number, Integer, Boolean, Date, Reference,
        #[oai(rename = "array<string>")]
        Strings,
    }
}

words! {
    /// When a value may change, for those who may edit it at all.
    AttributeMutability of AttributeMutability { ReadWrite, Immutable, ReadOnly }
}

words! {
    /// Admins, the user itself, and identity providers.
    Audience of Audience { Admin, User, Scim }
}

/// A number as the model has it: whole where it is.
pub(super) fn number(number: f64) -> Option<Number> {
    const EXACT: f64 = (1_i64 << 53) as f64;
    if number.fract() == 0.0 && number.abs() <= EXACT {
        return Some(Number::from(number as i64));
    }
    Number::from_f64(number)
}
