//! Hourly counts, and how many users there are of each status. Those who ask for no tenant get the sum of all.

use super::predicate::Kind;
use super::statement::{Arg, Recurs, Statement};
use super::{Storage, StorageError};
use crate::model::TenantId;
use crate::model::statistics::{ConnectionTraffic, CountOfHour, Hour, HourlyCount, UsersByStatus};

/// How many connections that went silent are told of at the most.
const MOST_SILENT: i64 = 100;

/// Nothing is added to a tenant that is being removed: it would be left behind.
const ADD: &str = "INSERT INTO hourly_counts (tenant_id, hour, name, connection_id, value) \
     SELECT id, $2, $3, $4, $5 FROM tenants WHERE id = $1 AND status <> 'deleting' \
     ON CONFLICT (tenant_id, hour, name, connection_id) DO UPDATE SET value = hourly_counts.value + excluded.value";
const PURGE: &str = "DELETE FROM hourly_counts WHERE tenant_id = $1 AND hour < $2";

/// The statement that adds a count.
pub(super) fn add(tenant: TenantId, count: &HourlyCount) -> Statement<'_> {
    Statement::fixed(
        ADD,
        [
            Arg::id(tenant.0),
            Arg::integer(count.hour.0),
            Arg::text(count.counter.as_str()),
            Arg::id(count.connection_id.0),
            Arg::integer(count.value),
        ],
    )
}

/// The statement that removes old counts.
pub(super) fn purge<'a>(tenant: TenantId, before: Hour) -> Statement<'a> {
    Statement::fixed(PURGE, [Arg::id(tenant.0), Arg::integer(before.0)])
}

/// `$1` is the tenant where one is meant, and the first of the other arguments otherwise.
fn arguments<'a>(tenant: Option<TenantId>, others: impl IntoIterator<Item = i64>) -> Vec<Arg<'a>> {
    let tenant = tenant.map(|id| Arg::id(id.0));
    tenant.into_iter().chain(others.into_iter().map(Arg::integer)).collect()
}

impl Storage {
    /// What was counted from an hour on, hour by hour; connections are added up.
    ///
    /// # Errors
    /// The database's.
    pub async fn hourly_counts(
        &self,
        tenant: Option<TenantId>,
        from: Hour,
    ) -> Result<Vec<CountOfHour>, StorageError> {
        let text = match tenant {
            Some(_) => {
                "SELECT hour, name, CAST(sum(value) AS bigint) FROM hourly_counts \
                 WHERE tenant_id = $1 AND hour >= $2 GROUP BY hour, name"
            }
            None => {
                "SELECT hour, name, CAST(sum(value) AS bigint) FROM hourly_counts \
                 WHERE hour >= $1 GROUP BY hour, name"
            }
        };
        self.database.fetch_all(Statement::fixed(text, arguments(tenant, [from.0]))).await
    }

    /// The connections that made requests in the week before this hour, but none in its last 24 hours nor since.
    ///
    /// # Errors
    /// The database's.
    pub async fn quiet_connections(
        &self,
        tenant: Option<TenantId>,
        now: Hour,
    ) -> Result<Vec<ConnectionTraffic>, StorageError> {
        let place = usize::from(tenant.is_some());
        let number = |offset: usize| format!("${}", place + offset);
        let (now_at, from, last, most) = (number(1), number(2), number(3), number(4));
        let of_tenant = if tenant.is_some() { "tenant_id = $1 AND " } else { "" };
        let text = format!(
            "SELECT tenant_id, connection_id, max(hour), \
             CAST(sum(CASE WHEN ({now_at} - hour) % 24 = 0 THEN 1 ELSE 0 END) AS bigint) FROM hourly_counts \
             WHERE {of_tenant}hour >= {from} AND name = 'provisioning' GROUP BY tenant_id, connection_id \
             HAVING max(hour) < {last} ORDER BY 4 DESC, max(hour), tenant_id, connection_id LIMIT {most}"
        );
        let others = [now.0, now.before(Hour::WEEK).0, now.before(Hour::DAY).0, MOST_SILENT];
        let args = arguments(tenant, others);
        let statement = Statement { text: text.into(), args, recurs: Recurs::Often };
        self.database.fetch_all(statement).await
    }

    /// How many users there are of each status. Only those who are not simply active are counted one by one: they are
    /// few, and in an index of their own.
    ///
    /// # Errors
    /// The database's.
    pub async fn users_by_status(&self, tenant: Option<TenantId>) -> Result<UsersByStatus, StorageError> {
        let kind = Kind::Users.word();
        let of_tenant = if tenant.is_some() { "tenant_id = $1 AND " } else { "" };
        let total = format!(
            "SELECT 'all', true, CAST(coalesce(sum(value), 0) AS bigint) FROM resource_counts \
             WHERE {of_tenant}resource_kind = '{kind}'"
        );
        let others = format!(
            "SELECT standing, active, count(*) FROM users \
             WHERE {of_tenant}(standing <> 'normal' OR NOT active) GROUP BY standing, active"
        );
        let text = format!("{total} UNION ALL {others}");
        let args = arguments(tenant, []);
        let statement = Statement { text: text.into(), args, recurs: Recurs::Often };
        let rows: Vec<(String, bool, i64)> = self.database.fetch_all(statement).await?;
        let mut users = UsersByStatus::default();
        for (standing, active, count) in rows {
            let others = match (&*standing, active) {
                ("all", _) => {
                    users.active += count;
                    continue;
                }
                ("suspended", _) => &mut users.suspended,
                (_, false) => &mut users.deactivated,
                (_, true) => &mut users.invited,
            };
            *others += count;
            users.active -= count;
        }
        Ok(users)
    }
}
