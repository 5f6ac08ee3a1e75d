//! Passwords cannot be tried on and on: not at one user, and not from one address.

use futures_util::future::join_all;
use serde_json::json;

use super::{OTHER_PASSWORD, PASSWORD, audit, forgive_address, login, pass, post, user, with_clock};
use crate::support::{Answer, TestApp, on_both};

/// For how many seconds an answer sends somebody away.
fn wait(answer: &Answer) -> i64 {
    assert_eq!((answer.refusal().0, answer.refusal().1), (429, "too_many_attempts"));
    let seconds = answer.body["details"]["retry_after"].as_i64().unwrap();
    assert_eq!(answer.header("retry-after"), Some(&*seconds.to_string()));
    let unit = if seconds == 1 { "second" } else { "seconds" };
    let message = format!("Signing in has failed too often; try again in {seconds} {unit}.");
    assert_eq!(answer.refusal().2, message);
    seconds
}

/// Fails so often; the address is forgiven, so that it is the name that counts.
async fn fail(app: &TestApp, name: &str, times: usize) {
    for _ in 0..times {
        assert_eq!(login(app, name, OTHER_PASSWORD).await.refusal().1, "invalid_credentials");
        forgive_address(app).await;
    }
}

with_clock! {
    /// After five failures each further one doubles the time in which nothing is tried, up to a quarter of an hour; for a
    /// name that nobody has just so.
    async fn delays_grow_with_failures(app: TestApp, clock: Clock) {
        user(&app, "ada", json!({})).await;
        for name in ["ada", "nobody"] {
            fail(&app, name, 5).await;
            for seconds in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
                // The right password is not looked at either.
                assert_eq!(wait(&login(&app, name, PASSWORD).await), seconds, "{name}");
                pass(&clock, seconds - 1);
                assert_eq!(wait(&login(&app, name, PASSWORD).await), 1, "{name}");
                pass(&clock, 1);
                fail(&app, name, 1).await;
            }
        }
        pass(&clock, 900);
        login(&app, "ada", PASSWORD).await.expect(200);
        fail(&app, "ada", 4).await;
        login(&app, "ada", PASSWORD).await.expect(200);
    }

    /// The same for an address, whoever it tries to be; who signs in from it ends its row.
    async fn addresses_are_locked_too(app: TestApp, clock: Clock) {
        user(&app, "ada", json!({})).await;
        for number in 0..5 {
            login(&app, &format!("nobody{number}"), PASSWORD).await.expect(401);
        }
        assert_eq!(wait(&login(&app, "ada", PASSWORD).await), 1);
        pass(&clock, 1);
        login(&app, "ada", PASSWORD).await.expect(200);
        for number in 0..4 {
            login(&app, &format!("nobody{number}"), PASSWORD).await.expect(401);
        }
        login(&app, "ada", PASSWORD).await.expect(200);
        let locked = audit(&app, "'login.locked'").await;
        assert_eq!(locked, [r#"login.locked tenant {"of":"address","failures":5,"seconds":1}"#]);
    }

    /// Somebody who mistypes locks neither those beside them nor, once an administrator or a mail has let them in,
    /// themselves: an address counts whom is tried, not how often.
    async fn an_address_counts_people(app: TestApp, clock: Clock) {
        let id = user(&app, "ada", json!({})).await;
        user(&app, "bob", json!({})).await;
        for seconds in [0, 0, 0, 0, 0, 1, 2, 4, 8] {
            pass(&clock, seconds);
            login(&app, "ada", OTHER_PASSWORD).await.expect(401);
        }
        login(&app, "bob", PASSWORD).await.expect(200);
        assert_eq!(wait(&login(&app, "ada", PASSWORD).await), 16);
        assert_eq!(app.admin.post(&format!("/users/{id}/unlock"), &json!({})).await.status, 204);
        login(&app, "ada", PASSWORD).await.expect(200);
    }

    /// That two names are one user's shows by no lock: by the other name the answer is that of a wrong password.
    async fn a_lock_does_not_tell_whose_a_name_is(app: TestApp, clock: Clock) {
        user(&app, "ada", json!({ "email": "ada@example.com" })).await;
        fail(&app, "ada", 5).await;
        for name in ["ada@example.com", "Ada@EXAMPLE.com", "nobody@example.com"] {
            assert_eq!(login(&app, name, PASSWORD).await.refusal().1, "invalid_credentials", "{name}");
        }
        pass(&clock, 1);
        // Both spellings are one name, whose row ends with the user's.
        login(&app, "ADA@example.com", PASSWORD).await.expect(200);
        assert_eq!(app.texts("SELECT subject FROM login_failures WHERE subject LIKE 'user:%'").await, Vec::<String>::new());
        fail(&app, "ada", 4).await;
        login(&app, "ada", PASSWORD).await.expect(200);
    }

    /// A row of failures is over after a day, and forgotten.
    async fn failures_are_forgotten(app: TestApp, clock: Clock) {
        user(&app, "ada", json!({})).await;
        fail(&app, "ada", 4).await;
        pass(&clock, 24 * 60 * 60);
        fail(&app, "ada", 4).await;
        login(&app, "ada", PASSWORD).await.expect(200);
        fail(&app, "nobody", 1).await;
        pass(&clock, 24 * 60 * 60);
        app.directory.purge_deleted_users(clock.now()).await.unwrap();
        assert_eq!(app.texts("SELECT subject FROM login_failures").await, Vec::<String>::new());
    }

    /// An administrator ends the wait of a user, not that of an address.
    async fn an_administrator_lets_somebody_in(app: TestApp, clock: Clock) {
        let id = user(&app, "ada", json!({})).await;
        fail(&app, "ada", 5).await;
        assert_eq!(wait(&login(&app, "ada", PASSWORD).await), 1);
        assert_eq!(app.admin.post(&format!("/users/{id}/unlock"), &json!({})).await.status, 204);
        login(&app, "ada", PASSWORD).await.expect(200);
        assert_eq!(audit(&app, "'login.locked', 'login.unlocked'").await, [
            r#"login.locked user {"of":"user","failures":5,"seconds":1}"#,
            "login.unlocked user {}",
        ]);
        pass(&clock, 1);
    }
}

on_both! {
    /// However many are tried at once, no more are looked at than in a row; with them the right one is not found.
    async fn a_burst_is_a_row(app: TestApp) {
        user(&app, "ada", json!({})).await;
        let tries = (0..40).map(|_| login(&app, "ada", OTHER_PASSWORD));
        let answers = join_all(tries).await;
        let refused = answers.iter().filter(|answer| answer.status == 401).count();
        assert!((1..=12).contains(&refused), "{refused} were looked at");
        assert_eq!(login(&app, "ada", PASSWORD).await.status, 429);
    }

    /// One tenant's failures are not another's.
    async fn tenants_count_for_themselves(app: TestApp) {
        let other = app.other_admin("other").await;
        other.post("/users", &json!({ "user_name": "ada", "password": PASSWORD })).await.expect(201);
        for _ in 0..5 {
            let body = json!({ "tenant": "acme", "user_name": "ada", "password": OTHER_PASSWORD });
            post(&app, "/auth/login", body).await.expect(401);
        }
        let body = json!({ "tenant": "other", "user_name": "ada", "password": PASSWORD });
        post(&app, "/auth/login", body).await.expect(200);
    }
}
