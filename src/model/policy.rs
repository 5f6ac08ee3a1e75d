//! A tenant's own policies, as they are stored. What they mean is `access`' to say.

use super::clock::Timestamp;
use super::ids::{PolicyId, TenantId};

/// A policy of a tenant's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub tenant_id: TenantId,
    pub id: PolicyId,
    /// Unique in the tenant, compared without case.
    pub name: String,
    /// One or several statements in Cedar's language.
    pub text: String,
    /// Whether it counts.
    pub enabled: bool,
    /// 1 at first, one more with each change.
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}
