//! Requests to adopt users: one plain statement each, the same on both databases.

use super::super::statement::Arg;
use super::credentials::{Step, guard};
use crate::model::TenantId;
use crate::model::adoption::AdoptionChange;

/// The statement of one change.
pub fn step(tenant: TenantId, change: &AdoptionChange) -> Step<'_> {
    match change {
        AdoptionChange::Ask { id, connection_id, user_id, at } => guard(
            "INSERT INTO adoption_requests (tenant_id, id, connection_id, user_id, state, requested_at) \
             VALUES ($1, $2, $3, $4, 'pending', $5) ON CONFLICT (tenant_id, user_id, connection_id) DO NOTHING",
            [
                Arg::id(tenant.0),
                Arg::id(id.0),
                Arg::id(connection_id.0),
                Arg::id(user_id.0),
                Arg::integer(at.0),
            ],
        ),
        AdoptionChange::Decide { id, expected, state, at } => guard(
            "UPDATE adoption_requests SET state = $4, decided_at = $5 \
             WHERE tenant_id = $1 AND id = $2 AND state = $3",
            [
                Arg::id(tenant.0),
                Arg::id(id.0),
                Arg::text(expected.as_str()),
                Arg::text(state.as_str()),
                Arg::integer(at.0),
            ],
        ),
        AdoptionChange::Use { id } => guard(
            "DELETE FROM adoption_requests WHERE tenant_id = $1 AND id = $2 AND state = 'approved'",
            [Arg::id(tenant.0), Arg::id(id.0)],
        ),
    }
}
