//! A person, or an account that stands for one.

use serde_json::{Map, Value};

use super::account::Account;
use super::clock::Timestamp;
use super::ids::UserId;

/// A user of a tenant. What has a field of its own is not in `profile`.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    pub id: UserId,
    /// Unique in the tenant, compared without case.
    pub user_name: String,
    /// The primary e-mail address, where it is valid and nobody else in the tenant holds it.
    pub email: Option<String>,
    pub name: PersonName,
    pub display_name: Option<String>,
    /// The primary phone number, as it was given.
    pub phone: Option<String>,
    /// Whether the account may be used; `None` where a client took the attribute away, which reads as yes.
    pub active: Option<bool>,
    /// The manager's id, where it has the form of one of our ids; that such a user exists is not promised.
    pub manager: Option<UserId>,
    /// The id that the connection through which this user is seen gave it (RFC 7643 §3.1).
    pub external_id: Option<String>,
    pub account: Account,
    /// The values of the tenant's own attributes, those of removed ones among them as long as they are kept.
    pub custom: Map<String, Value>,
    /// The rest, under the schemas' own names.
    pub profile: Map<String, Value>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// 1 at first, one more with each change.
    pub version: i64,
}

/// The parts of a person's name (RFC 7643 §4.1.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonName {
    pub formatted: Option<String>,
    pub given: Option<NamePart>,
    pub middle: Option<NamePart>,
    pub family: Option<NamePart>,
    pub honorific_prefix: Option<NamePart>,
    pub honorific_suffix: Option<NamePart>,
}

/// One part of a name and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamePart {
    pub text: String,
    pub origin: NameOrigin,
}

/// Who set a part of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameOrigin {
    /// The identity provider or the script that wrote the user.
    Client,
    /// Read out of the whole name; read again when that changes.
    Splitter,
    /// A person, by hand; never split again.
    Person,
}

impl User {
    /// The names and addresses that a user's password should not be made of.
    pub fn known_texts(&self) -> Vec<String> {
        let names = self.name.parts();
        let texts =
            [Some(&self.user_name), self.email.as_ref(), self.display_name.as_ref(), self.phone.as_ref()];
        let names = names.iter().filter_map(|(_, part)| part.as_ref()).map(|part| part.text.clone());
        texts.into_iter().flatten().cloned().chain(names).collect()
    }
}

impl PersonName {
    /// The five parts in the order of RFC 7643 §4.1.1, each with its name there.
    pub fn parts(&self) -> [(&'static str, &Option<NamePart>); 5] {
        [
            ("familyName", &self.family),
            ("givenName", &self.given),
            ("middleName", &self.middle),
            ("honorificPrefix", &self.honorific_prefix),
            ("honorificSuffix", &self.honorific_suffix),
        ]
    }

    /// The same, to be changed.
    pub fn parts_mut(&mut self) -> [(&'static str, &mut Option<NamePart>); 5] {
        [
            ("familyName", &mut self.family),
            ("givenName", &mut self.given),
            ("middleName", &mut self.middle),
            ("honorificPrefix", &mut self.honorific_prefix),
            ("honorificSuffix", &mut self.honorific_suffix),
        ]
    }

    /// Who set each part, a letter a part in the order of [`PersonName::parts`]: the form in which it is stored.
    pub fn origins(&self) -> String {
        self.parts()
            .iter()
            .map(|(_, part)| match part.as_ref().map(|part| part.origin) {
                None => '-',
                Some(NameOrigin::Client) => 'c',
                Some(NameOrigin::Splitter) => 's',
                Some(NameOrigin::Person) => 'p',
            })
            .collect()
    }

    /// Takes back what [`PersonName::origins`] gave.
    pub fn set_origins(&mut self, origins: &str) {
        for ((_, part), letter) in self.parts_mut().into_iter().zip(origins.chars()) {
            if let Some(part) = part {
                part.origin = match letter {
                    's' => NameOrigin::Splitter,
                    'p' => NameOrigin::Person,
                    _ => NameOrigin::Client,
                };
            }
        }
    }
}
