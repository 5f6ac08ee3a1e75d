//! `/v1/stats`.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{Enum, Object, OpenApi};
use uuid::Uuid;

use super::answer::Found;
use super::failure::Answer;
use super::session::InstanceSession;
use super::values::time;
use super::{Admin, Part};
use crate::model::statistics::{self, UsersByStatus};
use crate::provisioning::directory::stats::analysis::Outlier;
use crate::provisioning::directory::stats::{HourOfWeek, SilentConnection, Statistics};

pub(super) struct Stats;

/// The numbers of the past week.
#[derive(Debug, Object)]
struct Week {
    /// Whose numbers these are; missing where they are those of all tenants together.
    #[oai(skip_serializing_if_is_none)]
    tenant_id: Option<Uuid>,
    at: String,
    users: Users,
    /// The 168 hours of the past week, the oldest first; the last one is not over yet. Counts are up to a minute behind.
    hours: Vec<HourCounts>,
    /// Hours that stand out from their own past week: 20 at least, more than the median of the seven days before at that
    /// hour of the day, and away from it by five median absolute deviations.
    stands_out: Vec<Finding>,
    /// Connections that made requests on most of the past seven days at this hour, and none for 24 hours; a hundred at
    /// the most.
    silent_connections: Vec<Silent>,
}

/// How many users there are.
#[derive(Debug, Object)]
struct Users {
    total: i64,
    invited: i64,
    active: i64,
    suspended: i64,
    deactivated: i64,
}

/// What was counted in an hour.
#[derive(Debug, Object)]
struct HourCounts {
    /// When it began.
    hour: String,
    /// Users that were created.
    creations: i64,
    /// Sign-ins that succeeded.
    logins: i64,
    /// Sign-ins that failed.
    failures: i64,
    /// Requests of identity providers.
    provisioning: i64,
}

/// What is counted.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "snake_case")]
enum Counter {
    Creations,
    Logins,
    Failures,
    Provisioning,
}

/// An hour that stands out.
#[derive(Debug, Object)]
struct Finding {
    what: Counter,
    hour: String,
    count: i64,
    /// The median of the seven days before, at that hour of the day.
    median: i64,
    /// Their median absolute deviation.
    deviation: i64,
}

/// A connection that has gone silent.
#[derive(Debug, Object)]
struct Silent {
    tenant_id: Uuid,
    connection_id: Uuid,
    name: String,
    /// The last hour in which it made a request.
    last_hour: String,
    /// On how many of the past seven days it made a request at this hour of the day.
    days: i64,
}

#[OpenApi(tag = "Part::Statistics")]
impl Stats {
    /// Read statistics
    ///
    /// Of the credential's tenant; of all tenants together for a credential of the instance that names none.
    #[oai(path = "/stats", method = "get")]
    async fn read_stats(&self, admin: Data<&Arc<Admin>>, session: InstanceSession) -> Answer<Found<Week>> {
        Ok(Found::plain(admin.directory.statistics(&session.0).await?.into()))
    }
}

impl From<Statistics> for Week {
    fn from(statistics: Statistics) -> Self {
        Self {
            tenant_id: statistics.tenant_id.map(|id| id.0),
            at: time(statistics.at),
            users: statistics.users.into(),
            hours: statistics.hours.into_iter().map(HourCounts::from).collect(),
            stands_out: statistics.outliers.into_iter().map(Finding::from).collect(),
            silent_connections: statistics.silent.into_iter().map(Silent::from).collect(),
        }
    }
}

impl From<UsersByStatus> for Users {
    fn from(users: UsersByStatus) -> Self {
        let UsersByStatus { invited, active, suspended, deactivated } = users;
        Self { total: invited + active + suspended + deactivated, invited, active, suspended, deactivated }
    }
}

impl From<HourOfWeek> for HourCounts {
    fn from(hour: HourOfWeek) -> Self {
        Self {
            hour: time(hour.hour.start()),
            creations: hour.creations,
            logins: hour.logins,
            failures: hour.failures,
            provisioning: hour.provisioning,
        }
    }
}

impl From<Outlier> for Finding {
    fn from(outlier: Outlier) -> Self {
        let what = match outlier.counter {
            statistics::Counter::Creations => Counter::Creations,
            statistics::Counter::Logins => Counter::Logins,
            statistics::Counter::Failures => Counter::Failures,
            statistics::Counter::Provisioning => Counter::Provisioning,
        };
        Self {
            what,
            hour: time(outlier.hour.start()),
            count: outlier.count,
            median: outlier.usual.median,
            deviation: outlier.usual.deviation,
        }
    }
}

impl From<SilentConnection> for Silent {
    fn from(silent: SilentConnection) -> Self {
        Self {
            tenant_id: silent.traffic.tenant_id.0,
            connection_id: silent.traffic.connection_id.0,
            name: silent.name,
            last_hour: time(silent.traffic.last.start()),
            days: silent.traffic.days,
        }
    }
}
