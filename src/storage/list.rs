//! Pages of users and groups: filter, sort and page in SQL, within the tenant.

use std::fmt::Write as _;

use super::database::Record;
use super::groups::select_groups;
use super::order::keyset;
use super::predicate::{Compiler, Kind};
use super::statement::{Arg, Recurs, Statement};
use super::users::select_users;
use super::{Storage, StorageError};
use crate::model::TenantId;
use crate::model::query::{Elements, Field, OrderKey, Predicate, Query, StoredGroup, StoredUser, Test};

/// The parts of a SELECT over users or groups, in their order.
struct Select {
    columns: &'static str,
    table: &'static str,
    /// The connection's own external id of each, as `x`.
    external: &'static str,
    rest: &'static str,
}

impl Storage {
    /// A page of users.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_users(&self, query: &Query) -> Result<Vec<StoredUser>, StorageError> {
        let select = Select {
            columns: select_users!(@columns),
            table: select_users!(@table),
            external: select_users!(@external),
            rest: select_users!(@rest),
        };
        self.page(Kind::Users, select, query).await
    }

    /// A page of groups, without their members.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_groups(&self, query: &Query) -> Result<Vec<StoredGroup>, StorageError> {
        let select = Select {
            columns: select_groups!(@columns),
            table: select_groups!(@table),
            external: select_groups!(@external),
            rest: select_groups!(@rest),
        };
        self.page(Kind::Groups, select, query).await
    }

    /// How many users the query's predicate meets in all.
    ///
    /// # Errors
    /// The database's.
    pub async fn count_users(&self, query: &Query) -> Result<i64, StorageError> {
        self.count(Kind::Users, "", query).await
    }

    /// How many groups the query's predicate meets in all.
    ///
    /// # Errors
    /// The database's.
    pub async fn count_groups(&self, query: &Query) -> Result<i64, StorageError> {
        self.count(Kind::Groups, " AND r.kind = 'group'", query).await
    }

    async fn page<T: Record>(
        &self,
        kind: Kind,
        Select { columns, table, external, rest }: Select,
        query: &Query,
    ) -> Result<Vec<T>, StorageError> {
        let args = vec![Arg::id(query.tenant_id.0), Arg::id(query.connection_id.0)];
        let mut compiler = Compiler::new(self.database.engine(), kind, args);
        let mut text = columns.to_owned();
        let mut id = "r.id";
        let lead =
            query.predicate.as_ref().and_then(|predicate| compiler.lead(predicate, query.connection_id));
        let _ = match (lead, &query.predicate) {
            (Some(lead), _) => {
                id = lead.id;
                let external = if lead.is_external_id() { "" } else { external };
                write!(
                    text,
                    "{} CROSS JOIN {table}{external}{rest} AND r.id = {id} AND {}",
                    lead.table, lead.condition
                )
            }
            (None, Some(predicate)) => {
                write!(text, "{table}{external}{rest} AND {}", compiler.predicate(predicate))
            }
            (None, None) => write!(text, "{table}{external}{rest}"),
        };
        let (beyond, order) = keyset(kind, &query.order, id, &mut compiler.args);
        text.push_str(&beyond);
        text.push_str(" ORDER BY ");
        if let Some(sort) = &query.sort {
            text.push_str(&compiler.sort_key(&sort.by));
            text.push_str(if sort.descending { " DESC NULLS FIRST, " } else { " ASC NULLS LAST, " });
        }
        // The limit stands in the text: PostgreSQL plans for a tenth of the table where it does not know it, and again
        // for each page where it finds that costly.
        let _ = write!(text, "{order} LIMIT {}", query.limit);
        if query.offset > 0 {
            compiler.args.push(Arg::integer(query.offset));
            let _ = write!(text, " OFFSET ${}", compiler.args.len());
        }
        let recurs = match &query.predicate {
            _ if query.sort.is_some() || query.order.by != OrderKey::Id => Recurs::Seldom,
            None => Recurs::Often,
            // What is passed over is read too.
            Some(predicate) if query.offset > 0 => recurrence(predicate).min(Recurs::Often),
            Some(predicate) => recurrence(predicate),
        };
        self.database.fetch_all(Statement { text: text.into(), args: compiler.args, recurs }).await
    }

    async fn count(&self, kind: Kind, more: &str, query: &Query) -> Result<i64, StorageError> {
        let Some(predicate) = &query.predicate else {
            return self.maintained_count(kind, query.tenant_id).await;
        };
        let mut compiler = Compiler::new(self.database.engine(), kind, vec![Arg::id(query.tenant_id.0)]);
        let condition = compiler.predicate(predicate);
        let text =
            format!("SELECT count(*) FROM {} r WHERE r.tenant_id = $1{more} AND {condition}", kind.table());
        let statement = Statement { text: text.into(), args: compiler.args, recurs: Recurs::Seldom };
        self.one_number(statement).await
    }

    /// The count that every commit keeps up to date; counting a million rows would take a third of a second.
    async fn maintained_count(&self, kind: Kind, tenant: TenantId) -> Result<i64, StorageError> {
        let statement = Statement::fixed(
            "SELECT CAST(coalesce(sum(value), 0) AS bigint) FROM resource_counts WHERE tenant_id = $1 AND resource_kind = $2",
            [Arg::id(tenant.0), Arg::text(kind.word())],
        );
        self.one_number(statement).await
    }

    async fn one_number(&self, statement: Statement<'_>) -> Result<i64, StorageError> {
        let row: Option<(i64,)> = self.database.fetch_optional(statement).await?;
        Ok(row.map_or(0, |(number,)| number))
    }
}

/// How statements with this predicate come again. Identity providers send a few equalities on indexed values all day;
/// those of other filters have too many shapes to be kept.
fn recurrence(predicate: &Predicate) -> Recurs {
    match predicate {
        Predicate::Test { field: Field::Id | Field::NameKey | Field::Part(_), test: Test::Eq(_) } => {
            Recurs::AsLookup
        }
        Predicate::Exists { of: Elements::Index(_) | Elements::ExternalId(_), that } => recurrence(that),
        // A group may have any number of members.
        Predicate::Exists { of: Elements::Members { .. }, that } => recurrence(that).min(Recurs::Often),
        Predicate::All(terms) if terms.len() <= 2 => {
            terms.iter().map(recurrence).min().unwrap_or(Recurs::Seldom)
        }
        _ => Recurs::Seldom,
    }
}
