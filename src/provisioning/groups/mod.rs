//! Groups: one file an operation. Members are rows: adding one costs what one costs, whatever the group holds.

mod answer;
mod create;
mod delete;
mod list;
mod members;
mod patch;
mod read;
mod replace;

use serde_json::{Map, Value, json};

pub(super) use members::Turnover;

pub(super) const RESOURCE_TYPE: &str = "Group";

use super::Request;
use super::users::note_ignored;
use crate::model::audit::{AuditEvent, AuditType, Target};
use crate::model::change::GroupUpdate;

/// The event of a group's update: which attributes changed, who came and went, and what no schema has.
fn updated(request: &Request, update: &GroupUpdate, changed: &[String], ignored: &[String]) -> AuditEvent {
    let mut details = Map::new();
    if !changed.is_empty() {
        details.insert("changed".to_owned(), json!(changed));
    }
    if !update.add.is_empty() {
        let added: Vec<_> = update.add.iter().map(|member| member.id()).collect();
        details.insert("added".to_owned(), json!(added));
    }
    if !update.remove.is_empty() {
        details.insert("removed".to_owned(), json!(update.remove));
    }
    note_ignored(&mut details, ignored);
    request.event(update.at, AuditType::GroupUpdated, Target::Group(update.id), Value::Object(details))
}
