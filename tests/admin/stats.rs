//! `/v1/stats`: what was counted, and what stands out.

use proptest::prelude::*;
use provost::model::change::{ChangeSet, SettingsChange};
use provost::model::statistics::{ConnectionTraffic, Counter, Hour};
use provost::model::{Clock, ConnectionId, TenantId, Timestamp};
use provost::provisioning::directory::stats::analysis::{Usual, is_silent, outliers};
use provost::provisioning::directory::stats::purge;
use serde_json::{Value, json};

use crate::support::{Backend, TestApp};

/// 2026-01-08T10:00:00Z
const START: i64 = 1_767_866_400_000;
const HOUR_MS: i64 = 3_600_000;

#[test]
fn an_hour_stands_out_by_five_deviations() {
    // (the seven days before, the hour's count, whether it stands out)
    let table: [([i64; 7], i64, bool); 12] = [
        ([0, 0, 0, 0, 0, 0, 0], 19, false),
        ([0, 0, 0, 0, 0, 0, 0], 20, true),
        ([0, 0, 0, 0, 0, 0, 500], 20, true),
        ([20, 20, 20, 20, 20, 20, 20], 20, false),
        ([20, 20, 20, 20, 20, 20, 20], 21, true),
        // Median 10; the distances are 2, 1, 1, 0, 1, 1, 2, so the deviation is 1.
        ([8, 9, 9, 10, 11, 11, 12], 15, false),
        ([8, 9, 9, 10, 11, 11, 12], 20, true),
        // Median 100, deviation 10.
        ([80, 90, 90, 100, 110, 110, 120], 149, false),
        ([80, 90, 90, 100, 110, 110, 120], 150, true),
        // One wild day moves neither.
        ([80, 90, 90, 100, 110, 110, 9_000], 150, true),
        // Falling is not standing out.
        ([500, 500, 500, 500, 500, 500, 500], 20, false),
        ([0, 0, 0, 0, 100, 100, 100], 30, true),
    ];
    for (days, count, expected) in table {
        assert_eq!(Usual::of(days).stands_out(count), expected, "{days:?} {count}");
    }
    assert_eq!(Usual::of([80, 90, 90, 100, 110, 110, 120]), Usual { median: 100, deviation: 10 });
}

#[test]
fn a_connection_is_silent_after_a_day() {
    // (days of seven with traffic at this hour, hours since the last traffic, whether it is silent)
    for (days, hours, expected) in
        [(4, 25, true), (6, 25, true), (4, 24, false), (7, 0, false), (3, 25, false), (0, 100, false)]
    {
        let traffic = ConnectionTraffic {
            tenant_id: TenantId::INSTANCE,
            connection_id: ConnectionId::NONE,
            last: Hour(1000 - hours),
            days,
        };
        assert_eq!(is_silent(&traffic, Hour(1000)), expected, "{days} {hours}");
    }
}

proptest! {
    /// The order of the days does not matter; who stands out does so with more as well, and never below 20.
    #[test]
    fn what_stands_out_does_so_with_more(
        days in prop::array::uniform7(0_i64..2000), count in 0_i64..5000, more in 0_i64..5000, turn in 0_usize..7,
    ) {
        let usual = Usual::of(days);
        let mut turned = days;
        turned.rotate_left(turn);
        prop_assert_eq!(Usual::of(turned), usual);
        prop_assert!(!usual.stands_out(count) || usual.stands_out(count + more));
        prop_assert!(!usual.stands_out(count.min(19)));
        prop_assert!(!usual.stands_out(usual.median));
        prop_assert!(usual.stands_out(usual.median + 5 * usual.deviation + 20));
        // At least four of the seven days are no further from the median than the deviation says.
        let near = days.iter().filter(|day| (*day - usual.median).abs() <= usual.deviation).count();
        prop_assert!(near >= 4);
    }

    /// Every day the same, at whatever height and shape: nothing stands out. One hour that is raised does, alone.
    #[test]
    fn a_week_like_the_last_has_no_findings(
        shape in prop::array::uniform24(0_i64..1000), raised in 0_i64..Hour::WEEK, by in 20_i64..10_000,
    ) {
        let now = Hour(500_000);
        let usual = |hour: Hour| shape[usize::try_from(hour.0.rem_euclid(24)).unwrap()];
        prop_assert_eq!(outliers(now, |_, hour| usual(hour)), []);
        let odd = now.before(raised);
        let found = outliers(now, |counter, hour| {
            usual(hour) + if hour == odd && counter == Counter::Failures { by } else { 0 }
        });
        let found: Vec<_> = found.into_iter().map(|one| (one.counter, one.hour, one.count - one.usual.median)).collect();
        prop_assert_eq!(found, [(Counter::Failures, odd, by)]);
    }
}

/// Counts so many of something so many hours ago.
fn counted(
    app: &TestApp,
    tenant: TenantId,
    counter: Counter,
    connection: ConnectionId,
    hours: i64,
    times: i64,
) {
    for _ in 0..times {
        app.provisioning.storage.tally(tenant, Timestamp(START - hours * HOUR_MS), counter, connection);
    }
}

fn hour(stats: &Value, back: usize) -> [i64; 4] {
    let hours = stats["hours"].as_array().unwrap();
    assert_eq!(hours.len(), 168);
    let hour = &hours[167 - back];
    ["creations", "logins", "failures", "provisioning"].map(|name| hour[name].as_i64().unwrap())
}

/// Users by status, and what was done, is counted, for the tenant and for all of them; nobody sees another's.
async fn what_is_done_is_counted(backend: Backend) {
    let clock = Clock::manual(Timestamp(START));
    let app = TestApp::start_with(backend, clock.clone(), |_| {}).await;
    let ada = app.client.user("ada").await;
    app.client.user("bob").await;
    let cy =
        app.admin.post("/users", &json!({ "user_name": "cy", "auth_provider": "oidc" })).await.expect(201);
    for (id, turn) in [(&*ada, "suspend"), (cy["id"].as_str().unwrap(), "deactivate")] {
        let path = format!("/users/{id}/{turn}");
        crate::support::Answer::of(app.admin.request(reqwest::Method::POST, &path)).await.expect(200);
    }
    clock.set(Timestamp(START + HOUR_MS));
    app.client.get("/Users").await.expect(200);
    let other = app.other_admin("other").await;
    other.post("/users", &json!({ "user_name": "dee", "auth_provider": "oidc" })).await.expect(201);
    app.provisioning.storage.write_counts().await.unwrap();
    // Nothing is counted twice.
    app.provisioning.storage.write_counts().await.unwrap();

    let own = app.admin.get("/stats").await.expect(200);
    assert_eq!((&own["tenant_id"], &own["at"]), (&json!(app.tenant.id), &json!("2026-01-08T11:00:00.000Z")));
    assert_eq!(
        own["users"],
        json!({ "total": 3, "invited": 0, "active": 1, "suspended": 1, "deactivated": 1 })
    );
    assert_eq!([hour(&own, 0), hour(&own, 1), hour(&own, 2)], [[0, 0, 0, 1], [3, 0, 0, 2], [0, 0, 0, 0]]);
    assert_eq!(own["hours"][167]["hour"], json!("2026-01-08T11:00:00.000Z"));
    assert_eq!((&own["stands_out"], &own["silent_connections"]), (&json!([]), &json!([])));

    let theirs = other.get("/stats").await.expect(200);
    assert_eq!(
        (&theirs["users"]["total"], hour(&theirs, 0), hour(&theirs, 1)),
        (&json!(1), [1, 0, 0, 0], [0; 4])
    );
    let instance = app.instance().await;
    let all = instance.get("/stats").await.expect(200);
    assert_eq!((all.get("tenant_id"), &all["users"]["total"]), (None, &json!(4)));
    assert_eq!([hour(&all, 0), hour(&all, 1)], [[1, 0, 0, 1], [3, 0, 0, 2]]);
    let id = app.tenant.id.to_string();
    let named = instance.with_header(reqwest::Method::GET, "/stats", "X-Tenant-ID", &id).await.expect(200);
    assert_eq!(named, own);
    let key =
        app.admin.post("/api-keys", &json!({ "name": "k", "permissions": ["users.read"] })).await.expect(201);
    let client = crate::support::Client::new(&app.admin.base_url, key["key"].as_str().unwrap());
    assert_eq!(client.get("/stats").await.refusal().0, 403);
}

/// An hour that is out of the ordinary, and a connection that has gone silent, are found for the tenant and for all.
async fn what_stands_out_is_found(backend: Backend) {
    let app = TestApp::start_with(backend, Clock::manual(Timestamp(START)), |_| {}).await;
    let (tenant, nobody) = (app.tenant.id, ConnectionId::NONE);
    for day in 1..=7 {
        counted(&app, tenant, Counter::Failures, nobody, 24 * day, 3);
    }
    counted(&app, tenant, Counter::Failures, nobody, 0, 25);
    counted(&app, tenant, Counter::Logins, nobody, 5, 19);
    let quiet = app.provisioning.connection_named(tenant, "quiet", false).await.unwrap();
    let busy = app.provisioning.connection_named(tenant, "busy", false).await.unwrap();
    let rare = app.provisioning.connection_named(tenant, "rare", false).await.unwrap();
    for day in 2..=7 {
        counted(&app, tenant, Counter::Provisioning, quiet.id, 24 * day, 2);
        counted(&app, tenant, Counter::Provisioning, busy.id, 24 * day, 2);
    }
    counted(&app, tenant, Counter::Provisioning, busy.id, 23, 1);
    counted(&app, tenant, Counter::Provisioning, rare.id, 48, 1);
    app.provisioning.storage.write_counts().await.unwrap();

    let findings = json!([
        { "what": "failures", "hour": "2026-01-08T10:00:00.000Z", "count": 25, "median": 3, "deviation": 0 },
    ]);
    let silent = json!([{
        "tenant_id": tenant, "connection_id": quiet.id, "name": "quiet",
        "last_hour": "2026-01-06T10:00:00.000Z", "days": 6,
    }]);
    let other = app.other_admin("other").await;
    for client in [app.admin.clone(), app.instance().await] {
        let stats = client.get("/stats").await.expect(200);
        assert_eq!((&stats["stands_out"], &stats["silent_connections"]), (&findings, &silent));
    }
    let theirs = other.get("/stats").await.expect(200);
    assert_eq!((&theirs["stands_out"], &theirs["silent_connections"]), (&json!([]), &json!([])));
}

/// Several servers add to the same hour; what is old goes.
async fn counts_are_added_up_and_removed(backend: Backend) {
    let app = TestApp::start_with(backend, Clock::manual(Timestamp(START)), |_| {}).await;
    let storage = &app.provisioning.storage;
    let (tenant, now) = (app.tenant.id, Hour::of(Timestamp(START)));
    let add = |value| {
        let row = provost::model::statistics::HourlyCount {
            hour: now,
            counter: Counter::Logins,
            connection_id: ConnectionId::NONE,
            value,
        };
        let mut changes = ChangeSet::new(tenant);
        changes.settings.push(SettingsChange::AddCounts(vec![row]));
        storage.commit(changes)
    };
    let written = tokio::join!(add(1), add(20), add(300));
    assert_eq!(written, (Ok(()), Ok(()), Ok(())));
    counted(&app, tenant, Counter::Logins, ConnectionId::NONE, 5 * Hour::WEEK, 1);
    counted(&app, tenant, Counter::Logins, ConnectionId::NONE, 5 * Hour::WEEK + 1, 1);
    storage.write_counts().await.unwrap();
    let logins = async || {
        let mut counts: Vec<(i64, i64)> = storage
            .hourly_counts(Some(tenant), Hour(0))
            .await
            .unwrap()
            .into_iter()
            .filter(|count| count.counter == Counter::Logins)
            .map(|count| (now.0 - count.hour.0, count.value))
            .collect();
        counts.sort_unstable();
        counts
    };
    assert_eq!(logins().await, [(0, 321), (5 * Hour::WEEK, 1), (5 * Hour::WEEK + 1, 1)]);
    purge(storage, now).await.unwrap();
    assert_eq!(logins().await, [(0, 321), (5 * Hour::WEEK, 1)]);
}

macro_rules! on_each {
    ($($test:ident $sqlite:ident $postgres:ident)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $sqlite() {
            $test(Backend::Sqlite).await;
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $postgres() {
            $test(Backend::Postgres).await;
        }
    )*};
}

on_each! {
    what_is_done_is_counted what_is_done_is_counted_on_sqlite what_is_done_is_counted_on_postgres
    what_stands_out_is_found what_stands_out_is_found_on_sqlite what_stands_out_is_found_on_postgres
    counts_are_added_up_and_removed counts_are_added_up_on_sqlite counts_are_added_up_on_postgres
}
