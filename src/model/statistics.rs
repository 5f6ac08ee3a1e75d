//! What is counted, hour by hour.

use super::audit::AuditType;
use super::clock::Timestamp;
use super::ids::{ConnectionId, TenantId};

const HOUR_MS: i64 = 3_600_000;

/// A whole hour of UTC, in hours since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hour(pub i64);

impl Hour {
    /// How many hours a day has.
    pub const DAY: i64 = 24;
    /// How many hours a week has.
    pub const WEEK: i64 = 7 * Self::DAY;

    /// The hour that this moment is in.
    pub fn of(at: Timestamp) -> Self {
        Self(at.0.div_euclid(HOUR_MS))
    }

    /// When the hour begins.
    pub fn start(self) -> Timestamp {
        Timestamp(self.0.saturating_mul(HOUR_MS))
    }

    /// The hour so many hours before this one.
    #[must_use]
    pub fn before(self, hours: i64) -> Self {
        Self(self.0.saturating_sub(hours))
    }
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Counter {
    /// Users that were created, in whatever way.
    Creations,
    /// Sign-ins that succeeded.
    Logins,
    /// Sign-ins that failed.
    Failures,
    /// Requests of identity providers.
    Provisioning,
}

impl Counter {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Creations, Self::Logins, Self::Failures, Self::Provisioning];

    /// The word that the database and the API use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Creations => "creations",
            Self::Logins => "logins",
            Self::Failures => "failures",
            Self::Provisioning => "provisioning",
        }
    }

    /// What this word means.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|counter| counter.as_str() == word)
    }

    /// What an audit event counts as. Whatever is told there is counted, by whichever path it came about.
    pub fn of_event(kind: AuditType) -> Option<Self> {
        match kind.as_str() {
            "user.created" => Some(Self::Creations),
            "login.succeeded" => Some(Self::Logins),
            "login.failed" => Some(Self::Failures),
            _ => None,
        }
    }
}

/// What is added to an hour's count of a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HourlyCount {
    pub hour: Hour,
    pub counter: Counter,
    /// Whose requests were counted; [`ConnectionId::NONE`] for what is no connection's.
    pub connection_id: ConnectionId,
    pub value: i64,
}

/// How much was counted in an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountOfHour {
    pub hour: Hour,
    pub counter: Counter,
    pub value: i64,
}

/// When a connection was heard of in the past week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionTraffic {
    pub tenant_id: TenantId,
    pub connection_id: ConnectionId,
    /// The last hour in which it made a request.
    pub last: Hour,
    /// On how many of the past seven days it made a request at this hour of the day.
    pub days: i64,
}

/// How many users there are, by status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UsersByStatus {
    pub invited: i64,
    pub active: i64,
    pub suspended: i64,
    pub deactivated: i64,
}
