//! What policies speak of at all. An attribute that none of them names cannot matter, so a decision does not carry it.

use std::collections::HashSet;

use serde_json::Value;

use super::policy::Statement;

/// Every word in some policies: names of attributes, types and entities among them.
#[derive(Debug, Default)]
pub(super) struct Mentions {
    words: HashSet<String>,
    /// Where a policy could not be looked through, everything counts as said.
    everything: bool,
    memberships: bool,
}

impl Mentions {
    /// Looks through a tenant's own policies and the built-in ones beside them.
    pub(super) fn of(own: &[&Statement], built_in: &[Statement]) -> Self {
        let mut mentions = Self::default();
        own.iter().for_each(|statement| mentions.look_through(statement));
        // What is on the right of an `in` need not be a literal: `principal in resource`. The built-in policies ask for
        // nothing but permissions.
        mentions.memberships = mentions.has("in");
        built_in.iter().for_each(|statement| mentions.look_through(statement));
        mentions
    }

    /// Whether it matters which roles and groups somebody is in.
    pub(super) fn memberships(&self) -> bool {
        self.memberships
    }

    fn look_through(&mut self, statement: &Statement) {
        match statement.cedar.to_json() {
            Ok(document) => self.take(document),
            Err(_) => self.everything = true,
        }
    }

    /// Whether any of the policies says this word.
    pub(super) fn has(&self, word: &str) -> bool {
        self.everything || self.words.contains(word)
    }

    fn take(&mut self, value: Value) {
        match value {
            Value::String(word) => {
                self.words.insert(word);
            }
            Value::Array(values) => values.into_iter().for_each(|value| self.take(value)),
            Value::Object(members) => {
                for (name, value) in members {
                    self.words.insert(name);
                    self.take(value);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}
