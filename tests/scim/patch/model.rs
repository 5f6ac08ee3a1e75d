//! PATCH once more, slow and obvious: the operations that [`super::properties`] generates, over a plain struct.

use serde_json::{Map, Value, json};

use super::request::ENTERPRISE;

/// An operation in the test's own terms; `add` tells `add` from `replace`.
#[derive(Clone, Debug)]
pub enum Step {
    /// `title`, or `department` of the extension.
    Simple {
        add: bool,
        extension: bool,
        value: Option<String>,
    },
    RemoveSimple {
        extension: bool,
    },
    /// Sub-attributes of `name`; behind the path, or as dotted keys without one.
    Name {
        add: bool,
        dotted: bool,
        given: Option<Option<String>>,
        family: Option<Option<String>>,
    },
    RemoveName {
        part: Option<&'static str>,
    },
    Emails {
        add: bool,
        emails: Vec<Email>,
    },
    RemoveEmails {
        kind: Option<&'static str>,
    },
    /// `emails[type eq "…"]`; `replace` alone.
    ReplaceEmail {
        kind: &'static str,
        email: Email,
    },
    /// `emails[type eq "…"].part`.
    Part {
        add: bool,
        kind: &'static str,
        part: &'static str,
        value: Value,
    },
    RemovePart {
        kind: &'static str,
        part: &'static str,
    },
}

/// An element of `emails` whose pair of value and type is unlike that of the others in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Email {
    pub value: String,
    pub kind: &'static str,
    pub display: Option<String>,
    pub primary: Option<bool>,
}

impl Email {
    pub fn to_json(&self) -> Map<String, Value> {
        let mut object = Map::new();
        object.insert("value".to_owned(), json!(self.value));
        object.insert("type".to_owned(), json!(self.kind));
        if let Some(display) = &self.display {
            object.insert("display".to_owned(), json!(display));
        }
        if let Some(primary) = self.primary {
            object.insert("primary".to_owned(), json!(primary));
        }
        object
    }
}

impl Step {
    /// The operation as a client sends it.
    pub fn to_json(&self) -> Value {
        let op = |add: &bool| if *add { "add" } else { "replace" };
        let simple = |extension: &bool| match extension {
            true => format!("{ENTERPRISE}:department"),
            false => "title".to_owned(),
        };
        match self {
            Self::Simple { add, extension, value } => {
                json!({"op": op(add), "path": simple(extension), "value": value})
            }
            Self::RemoveSimple { extension } => json!({"op": "remove", "path": simple(extension)}),
            Self::Name { add, dotted, given, family } => {
                let mut value = Map::new();
                let prefix = if *dotted { "name." } else { "" };
                for (part, text) in [("givenName", given), ("familyName", family)] {
                    if let Some(text) = text {
                        value.insert(format!("{prefix}{part}"), json!(text));
                    }
                }
                match dotted {
                    true => json!({"op": op(add), "value": value}),
                    false => json!({"op": op(add), "path": "name", "value": value}),
                }
            }
            Self::RemoveName { part: None } => json!({"op": "remove", "path": "name"}),
            Self::RemoveName { part: Some(part) } => {
                json!({"op": "remove", "path": format!("name.{part}")})
            }
            Self::Emails { add, emails } => {
                let emails: Vec<_> = emails.iter().map(Email::to_json).collect();
                json!({"op": op(add), "path": "emails", "value": emails})
            }
            Self::RemoveEmails { kind: None } => json!({"op": "remove", "path": "emails"}),
            Self::RemoveEmails { kind: Some(kind) } => {
                json!({"op": "remove", "path": selected(kind)})
            }
            Self::ReplaceEmail { kind, email } => {
                json!({"op": "replace", "path": selected(kind), "value": email.to_json()})
            }
            Self::Part { add, kind, part, value } => {
                json!({"op": op(add), "path": format!("{}.{part}", selected(kind)), "value": value})
            }
            Self::RemovePart { kind, part } => {
                json!({"op": "remove", "path": format!("{}.{part}", selected(kind))})
            }
        }
    }
}

fn selected(kind: &str) -> String {
    format!("emails[type eq \"{kind}\"]")
}

/// The User, taken apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    pub title: Option<String>,
    pub department: Option<String>,
    pub given: Option<String>,
    pub family: Option<String>,
    pub emails: Vec<Map<String, Value>>,
}

/// The operation is refused.
#[derive(Debug)]
pub struct Refused;

impl Model {
    pub fn to_json(&self) -> Value {
        let mut user = json!({"userName": "ines"});
        let mut set = |pointer: &[&str], value: &Option<String>| {
            if let (Some(value), [first, rest @ ..]) = (value, pointer) {
                match rest {
                    [] => user[first] = json!(value),
                    [second, ..] => user[first][second] = json!(value),
                }
            }
        };
        set(&["title"], &self.title);
        set(&[ENTERPRISE, "department"], &self.department);
        set(&["name", "givenName"], &self.given);
        set(&["name", "familyName"], &self.family);
        if !self.emails.is_empty() {
            user["emails"] = json!(self.emails);
        }
        user
    }

    /// All steps in their order, and at the end each pair of type and value once.
    pub fn run(mut self, steps: &[Step]) -> Result<Self, Refused> {
        for step in steps {
            self.step(step)?;
        }
        let emails = std::mem::take(&mut self.emails);
        for email in emails {
            match self.emails.iter_mut().find(|first| twins(first, &email)) {
                None => self.emails.push(email),
                Some(first) => {
                    for (name, value) in email {
                        if value == json!(true) || !first.contains_key(&name) {
                            first.insert(name, value);
                        }
                    }
                }
            }
        }
        Ok(self)
    }

    fn step(&mut self, step: &Step) -> Result<(), Refused> {
        match step.clone() {
            Step::Simple { extension: true, value, .. } => self.department = value,
            Step::Simple { extension: false, value, .. } => self.title = value,
            Step::RemoveSimple { extension: true } => self.department = None,
            Step::RemoveSimple { extension: false } => self.title = None,
            Step::Name { given, family, .. } => {
                if let Some(given) = given {
                    self.given = given;
                }
                if let Some(family) = family {
                    self.family = family;
                }
            }
            Step::RemoveName { part } => {
                if part != Some("familyName") {
                    self.given = None;
                }
                if part != Some("givenName") {
                    self.family = None;
                }
            }
            Step::Emails { add, emails } => return self.write_emails(add, &emails),
            Step::RemoveEmails { kind: None } => self.emails.clear(),
            Step::RemoveEmails { kind: Some(kind) } => self.emails.retain(|email| !is(email, kind)),
            Step::ReplaceEmail { kind, email } => return self.replace_email(kind, &email),
            Step::Part { kind, part, value, .. } => return self.set_part(kind, part, &value),
            Step::RemovePart { kind, part } => self.clear_part(kind, part),
        }
        Ok(())
    }

    fn write_emails(&mut self, add: bool, emails: &[Email]) -> Result<(), Refused> {
        if emails.iter().filter(|email| email.primary == Some(true)).count() > 1 {
            return Err(Refused);
        }
        if !add {
            self.emails.clear();
        }
        for email in emails {
            let email = email.to_json();
            if email.get("primary") == Some(&json!(true)) {
                self.demote();
            }
            match self.emails.iter_mut().find(|there| twins(there, &email)) {
                None => self.emails.push(email),
                Some(there) => {
                    for (name, value) in email {
                        if there.get(&name).is_none_or(|there| lower(there) != lower(&value)) {
                            there.insert(name, value);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn replace_email(&mut self, kind: &str, email: &Email) -> Result<(), Refused> {
        let first = self.emails.iter().position(|email| is(email, kind)).ok_or(Refused)?;
        if email.primary == Some(true) {
            self.demote();
        }
        self.emails[first] = email.to_json();
        let mut index = 0;
        self.emails.retain(|email| {
            index += 1;
            index - 1 == first || !is(email, kind)
        });
        Ok(())
    }

    fn set_part(&mut self, kind: &str, part: &str, value: &Value) -> Result<(), Refused> {
        let matching = self.emails.iter().filter(|email| is(email, kind)).count();
        if value.is_null() {
            self.clear_part(kind, part);
            return Ok(());
        }
        if value == &json!(true) {
            if matching > 1 {
                return Err(Refused);
            }
            self.demote();
        }
        if matching == 0 {
            let created = json!({"type": kind, part: value});
            self.emails.extend(created.as_object().cloned());
        }
        for email in self.emails.iter_mut().filter(|email| is(email, kind)) {
            email.insert(part.to_owned(), value.clone());
        }
        Ok(())
    }

    /// An element that loses its value goes; so does one that has become empty.
    fn clear_part(&mut self, kind: &str, part: &str) {
        self.emails.retain_mut(|email| {
            if !is(email, kind) {
                return true;
            }
            let lost = email.shift_remove(part).is_some();
            !(email.is_empty() || lost && part == "value")
        });
    }

    fn demote(&mut self) {
        for email in &mut self.emails {
            if email.get("primary") == Some(&json!(true)) {
                email.insert("primary".to_owned(), json!(false));
            }
        }
    }
}

fn is(email: &Map<String, Value>, kind: &str) -> bool {
    email.get("type") == Some(&json!(kind))
}

/// The same value and type, or, without a value, the same altogether.
fn twins(left: &Map<String, Value>, right: &Map<String, Value>) -> bool {
    match (left.get("value"), right.get("value")) {
        (Some(left_value), Some(right_value)) => {
            lower(left_value) == lower(right_value) && left.get("type") == right.get("type")
        }
        (None, None) => {
            let same = |(name, value): (&String, &Value)| {
                right.get(name).is_some_and(|right| lower(right) == lower(value))
            };
            left.len() == right.len() && left.iter().all(same)
        }
        _ => false,
    }
}

fn lower(value: &Value) -> Value {
    match value {
        Value::String(text) => json!(text.to_lowercase()),
        other => other.clone(),
    }
}
