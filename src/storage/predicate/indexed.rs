//! Values that have a table of their own, by which resources are found: the attribute index and external ids.

use std::borrow::Cow;

use super::{Compiler, Scope};
use crate::model::ConnectionId;
use crate::model::query::{Elements, Field, Predicate, Test};
use crate::storage::engine::Engine;
use crate::storage::statement::Arg;

const EXTERNAL_IDS: &str = "external_ids x";

/// Rows of a table of values, and the column that says whose they are.
pub struct Indexed {
    /// The table and its alias.
    pub table: &'static str,
    /// The resource's id.
    pub id: &'static str,
    /// Which rows are meant.
    pub condition: String,
}

impl Indexed {
    /// Whether the rows hold external ids, as `x`.
    pub fn is_external_id(&self) -> bool {
        self.table == EXTERNAL_IDS
    }
}

impl Compiler {
    /// The rows in which such elements pass; nothing for elements that have no such table.
    pub(super) fn indexed(&mut self, of: &Elements, that: &Predicate) -> Option<Indexed> {
        let kind = self.kind.word();
        match of {
            Elements::Index(path) => {
                // Our own few paths are part of the text; the tenants' are not.
                let path = match path {
                    Cow::Borrowed(path) => format!("'{path}'"),
                    Cow::Owned(path) => self.bind(Arg::text(path.clone())),
                };
                let inner = self.within(that, Scope::Related(of));
                let condition = format!(
                    "i.tenant_id = $1 AND i.resource_kind = '{kind}' AND i.path = {path} AND {inner}"
                );
                Some(Indexed { table: "attribute_index i", id: "i.resource_id", condition })
            }
            Elements::ExternalId(connection) => {
                let connection = self.bind(Arg::id(connection.0));
                let inner = self.within(that, Scope::Related(of));
                let condition = format!(
                    "x.tenant_id = $1 AND x.connection_id = {connection} AND x.resource_kind = '{kind}' AND {inner}"
                );
                Some(Indexed { table: EXTERNAL_IDS, id: "x.resource_id", condition })
            }
            _ => None,
        }
    }

    /// The rows that lead to all resources a predicate meets, each to another one and in the order of their ids. On
    /// SQLite, which would first gather the ids in a table of its own; PostgreSQL finds this way by itself. External
    /// ids lead only where they are the ones that `connection` sees.
    pub fn lead(&mut self, predicate: &Predicate, connection: ConnectionId) -> Option<Indexed> {
        let Predicate::Exists { of, that } = predicate else { return None };
        let is_foreign = matches!(of, Elements::ExternalId(other) if *other != connection);
        if self.engine != Engine::Sqlite || is_foreign || !is_one_value(that) {
            return None;
        }
        self.indexed(of, that)
    }
}

/// Of one value a resource has one row at the most.
fn is_one_value(that: &Predicate) -> bool {
    matches!(that, Predicate::Test { field: Field::Part(_), test: Test::Eq(_) })
}
