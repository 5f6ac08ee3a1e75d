//! Passwords and sessions in the database.

use futures_util::FutureExt as _;
use provost::mapping::rows::UserSchema;
use provost::mapping::user::{Occasion, to_model};
use provost::model::change::{ChangeSet, CredentialChange, UserChange, UserRow};
use provost::model::tenant::NameOrder;
use provost::model::{PasswordCredential, PasswordHash, Session, SessionId, TenantId, Timestamp, UserId};
use provost::scim::schema::validate::{self, Strictness};
use provost::storage::{Storage, StorageError, Taken};

use crate::support::{TestApp, on_both};

const NOW: Timestamp = Timestamp(1_767_225_600_000);

fn later(milliseconds: i64) -> Timestamp {
    Timestamp(NOW.0 + milliseconds)
}

fn storage(app: &TestApp) -> &Storage {
    &app.provisioning.storage
}

/// The row of a user of this name, as `POST /Users` makes it.
fn user(app: &TestApp, name: &str) -> UserRow {
    let schema = app.provisioning.schemas.user();
    let mut body = serde_json::Map::new();
    body.insert("userName".to_owned(), name.into());
    let valid = validate::create(schema, body, Strictness::Lenient).unwrap();
    let user =
        to_model(valid.attributes, UserId::generate(), NOW, Occasion::Create, NameOrder::GivenFirst).unwrap();
    UserSchema::built_in().row(&user)
}

fn insert(row: &UserRow) -> UserChange {
    UserChange::Insert { row: Box::new(row.clone()), index: Vec::new(), external_id: None }
}

fn set(user_id: UserId, hash: &str, at: Timestamp, history: u32) -> CredentialChange {
    CredentialChange::SetPassword { user_id, hash: PasswordHash::new(hash), at, history }
}

fn session(tenant_id: TenantId, user_id: UserId, created_at: Timestamp) -> Session {
    Session {
        tenant_id,
        id: SessionId::generate(),
        user_id,
        created_at,
        expires_at: Timestamp(created_at.0 + 1000),
        ended_at: None,
        amr: vec!["pwd".to_owned(), "otp".to_owned()],
        ip: Some("192.0.2.7".to_owned()),
        user_agent: None,
    }
}

fn signed_in(session: &Session, password_changed_at: Option<Timestamp>) -> CredentialChange {
    CredentialChange::InsertSession { session: Box::new(session.clone()), password_changed_at }
}

fn credential(user_id: UserId, hash: &str, changed_at: Timestamp) -> PasswordCredential {
    PasswordCredential { user_id, hash: PasswordHash::new(hash), changed_at }
}

async fn write(app: &TestApp, credentials: Vec<CredentialChange>) -> Result<(), StorageError> {
    let mut changes = ChangeSet::new(app.tenant.id);
    changes.credentials = credentials;
    storage(app).commit(changes).await
}

/// A user in the database, with this password.
async fn user_with(app: &TestApp, name: &str, hash: &str) -> UserId {
    let row = user(app, name);
    let mut changes = ChangeSet::new(app.tenant.id);
    changes.users.push(insert(&row));
    changes.credentials.push(set(row.id, hash, NOW, 0));
    storage(app).commit(changes).await.unwrap();
    row.id
}

on_both! {
    /// A user that is created with a password has both; one whose name is taken leaves no password behind, nor does a
    /// password whose guard fails leave a user.
    async fn a_user_and_its_password_are_written_together_or_not_at_all(app: TestApp) {
        let tenant = app.tenant.id;
        let ada = user_with(&app, "ada", "first").await;
        assert_eq!(storage(&app).find_password(tenant, ada).await.unwrap(), Some(credential(ada, "first", NOW)));

        let twin = user(&app, "ada");
        let mut changes = ChangeSet::new(tenant);
        changes.users.push(insert(&twin));
        changes.credentials.push(set(twin.id, "second", NOW, 0));
        assert_eq!(storage(&app).commit(changes).await, Err(StorageError::Taken(Taken::UserName)));
        assert_eq!(storage(&app).find_password(tenant, twin.id).await.unwrap(), None);

        let bob = user(&app, "bob");
        let mut changes = ChangeSet::new(tenant);
        changes.users.push(insert(&bob));
        changes.credentials.push(set(bob.id, "third", NOW, 0));
        changes.credentials.push(CredentialChange::RehashPassword {
            user_id: bob.id,
            expected: PasswordHash::new("other"),
            hash: PasswordHash::new("fourth"),
        });
        assert_eq!(storage(&app).commit(changes).await, Err(StorageError::Stale));
        assert_eq!(storage(&app).find_password(tenant, bob.id).await.unwrap(), None);
        app.client.get(&format!("/Users/{}", bob.id)).await.expect(404);
        assert_eq!(app.texts("SELECT hash FROM password_credentials").await, ["first"]);
    }

    /// Of change sets that are written together only the one that fails is not.
    async fn one_that_fails_takes_no_other_with_it(app: TestApp) {
        let tenant = app.tenant.id;
        let names = ["a", "b", "c", "b", "d"];
        let rows: Vec<UserRow> = names.iter().map(|name| user(&app, name)).collect();
        let changes = rows.iter().map(|row| {
            let mut changes = ChangeSet::new(tenant);
            changes.users.push(insert(row));
            changes.credentials.push(set(row.id, &row.user_name, NOW, 0));
            changes
        });
        let results = storage(&app).commit_all(changes.collect()).await;
        let taken = Err(StorageError::Taken(Taken::UserName));
        assert_eq!(results, [Ok(()), Ok(()), Ok(()), taken, Ok(())]);
        assert_eq!(
            app.texts("SELECT hash FROM password_credentials ORDER BY hash").await,
            ["a", "b", "c", "d"]
        );
    }

    /// A password is of a user of the same tenant.
    async fn nobody_who_is_not_there_gets_a_password(app: TestApp) {
        let ada = user_with(&app, "ada", "first").await;
        let nobody = UserId::generate();
        assert_eq!(write(&app, vec![set(nobody, "x", NOW, 0)]).await, Err(StorageError::Raced));
        let (other, _) = app.provisioning.create_tenant("other", "Other").await.unwrap();
        let mut changes = ChangeSet::new(other.id);
        changes.credentials.push(set(ada, "stolen", NOW, 0));
        assert_eq!(storage(&app).commit(changes).await, Err(StorageError::Raced));
        assert_eq!(storage(&app).find_password(other.id, ada).await.unwrap(), None);
        let kept = storage(&app).find_password(app.tenant.id, ada).await.unwrap();
        assert_eq!(kept, Some(credential(ada, "first", NOW)));
    }

    /// The history holds as many passwords as it is to hold, the newest of them.
    async fn former_passwords_are_kept_as_many_as_the_policy_says(app: TestApp) {
        let tenant = app.tenant.id;
        let ada = user_with(&app, "ada", "0").await;
        for number in 1..=4 {
            write(&app, vec![set(ada, &number.to_string(), later(number), 2)]).await.unwrap();
        }
        assert_eq!(storage(&app).find_password(tenant, ada).await.unwrap(), Some(credential(ada, "4", later(4))));
        assert_eq!(
            storage(&app).list_former_passwords(tenant, ada).await.unwrap(),
            [credential(ada, "3", later(3)), credential(ada, "2", later(2))]
        );
        write(&app, vec![set(ada, "5", later(5), 0)]).await.unwrap();
        assert_eq!(storage(&app).list_former_passwords(tenant, ada).await.unwrap(), []);
    }

    /// Of passwords that are set at once one is the last, and the history holds every other.
    async fn passwords_that_are_set_at_once_all_go_through_the_history(app: TestApp) {
        let tenant = app.tenant.id;
        let ada = user_with(&app, "ada", "0").await;
        let changes = (1..=8).map(|number| write(&app, vec![set(ada, &number.to_string(), later(number), 24)]).boxed());
        for written in futures_util::future::join_all(changes).await {
            written.unwrap();
        }
        let mut all = storage(&app).list_former_passwords(tenant, ada).await.unwrap();
        all.extend(storage(&app).find_password(tenant, ada).await.unwrap());
        let mut hashes: Vec<&str> = all.iter().map(|one| one.hash.as_str()).collect();
        hashes.sort_unstable();
        assert_eq!(hashes, ["0", "1", "2", "3", "4", "5", "6", "7", "8"]);
    }

    /// A password is hashed anew only as long as it is the same one, and keeps its age.
    async fn a_rehash_replaces_the_hash_that_it_was_made_from(app: TestApp) {
        let tenant = app.tenant.id;
        let ada = user_with(&app, "ada", "old").await;
        let rehash = |expected: &str, hash: &str| CredentialChange::RehashPassword {
            user_id: ada,
            expected: PasswordHash::new(expected),
            hash: PasswordHash::new(hash),
        };
        write(&app, vec![rehash("old", "new")]).await.unwrap();
        assert_eq!(storage(&app).find_password(tenant, ada).await.unwrap(), Some(credential(ada, "new", NOW)));
        assert_eq!(write(&app, vec![rehash("old", "newer")]).await, Err(StorageError::Stale));
        assert_eq!(storage(&app).find_password(tenant, ada).await.unwrap(), Some(credential(ada, "new", NOW)));
    }

    /// Sessions are read back as they were written, the newest first, as long as they hold.
    async fn sessions_are_listed_while_they_hold(app: TestApp) {
        let tenant = app.tenant.id;
        let (ada, bob) = (user_with(&app, "ada", "a").await, user_with(&app, "bob", "b").await);
        let first = session(tenant, ada, NOW);
        let second = Session { ip: None, user_agent: Some("curl/8".to_owned()), amr: Vec::new(), ..session(tenant, ada, later(10)) };
        let others = session(tenant, bob, NOW);
        let all = [&first, &second, &others].map(|session| signed_in(session, None));
        write(&app, all.to_vec()).await.unwrap();

        let sessions = |at| storage(&app).list_sessions(tenant, ada, at);
        assert_eq!(sessions(later(20)).await.unwrap(), [second.clone(), first.clone()]);
        assert_eq!(sessions(later(1010)).await.unwrap(), []);
        assert_eq!(sessions(later(1000)).await.unwrap(), [second]);
        assert_eq!(storage(&app).find_session(tenant, first.id).await.unwrap(), Some(first.clone()));
        let (other, _) = app.provisioning.create_tenant("other", "Other").await.unwrap();
        assert_eq!(storage(&app).find_session(other.id, first.id).await.unwrap(), None);
    }

    /// One session ends, or all of a user's but the one that goes on; an end is not moved.
    async fn sessions_end(app: TestApp) {
        let tenant = app.tenant.id;
        let (ada, bob) = (user_with(&app, "ada", "a").await, user_with(&app, "bob", "b").await);
        let mine: Vec<Session> = (0..3).map(|_| session(tenant, ada, NOW)).collect();
        let others = session(tenant, bob, NOW);
        let all = mine.iter().chain([&others]).map(|session| signed_in(session, None));
        write(&app, all.collect()).await.unwrap();

        let end = |id, at| CredentialChange::EndSession { user_id: ada, id, at };
        write(&app, vec![end(mine[0].id, later(1)), end(others.id, later(1))]).await.unwrap();
        let end_all = CredentialChange::EndSessions { user_id: ada, except: Some(mine[1].id), at: later(2) };
        write(&app, vec![end_all]).await.unwrap();
        let mut ends = Vec::new();
        for session in mine.iter().chain([&others]) {
            ends.push(storage(&app).find_session(tenant, session.id).await.unwrap().unwrap().ended_at);
        }
        assert_eq!(ends, [Some(later(1)), None, Some(later(2)), None]);
        write(&app, vec![CredentialChange::EndSessions { user_id: ada, except: None, at: later(3) }]).await.unwrap();
        assert_eq!(storage(&app).list_sessions(tenant, ada, later(3)).await.unwrap(), []);
        assert_eq!(storage(&app).list_sessions(tenant, bob, later(3)).await.unwrap(), [others]);
    }

    /// Who signs in with a password that is no longer the user's gets no session.
    async fn a_session_hangs_on_the_password_that_was_verified(app: TestApp) {
        let tenant = app.tenant.id;
        let ada = user_with(&app, "ada", "old").await;
        let before = session(tenant, ada, NOW);
        write(&app, vec![signed_in(&before, Some(NOW))]).await.unwrap();
        let changed = set(ada, "new", later(1), 0);
        let ended = CredentialChange::EndSessions { user_id: ada, except: None, at: later(1) };
        write(&app, vec![changed, ended]).await.unwrap();
        let late = session(tenant, ada, later(2));
        assert_eq!(write(&app, vec![signed_in(&late, Some(NOW))]).await, Err(StorageError::Stale));
        assert_eq!(storage(&app).list_sessions(tenant, ada, later(3)).await.unwrap(), []);
        write(&app, vec![signed_in(&late, Some(later(1)))]).await.unwrap();
        assert_eq!(storage(&app).list_sessions(tenant, ada, later(3)).await.unwrap(), [late]);
    }

    /// However sign-ins and a change of the password meet, no session of the old password goes on.
    async fn no_session_slips_past_a_change_of_the_password(app: TestApp) {
        let tenant = app.tenant.id;
        let ada = user_with(&app, "ada", "old").await;
        for round in 1..=5 {
            let at = storage(&app).find_password(tenant, ada).await.unwrap().unwrap().changed_at;
            let sign_in = |_| write(&app, vec![signed_in(&session(tenant, ada, at), Some(at))]).boxed();
            let change = vec![
                set(ada, "new", later(round), 0),
                CredentialChange::EndSessions { user_id: ada, except: None, at: later(round) },
            ];
            let racing = (0..6).map(sign_in).chain([write(&app, change).boxed()]).chain((0..6).map(sign_in));
            for outcome in futures_util::future::join_all(racing).await {
                assert!(matches!(outcome, Ok(()) | Err(StorageError::Stale)), "{outcome:?}");
            }
            assert_eq!(storage(&app).list_sessions(tenant, ada, later(round)).await.unwrap(), [], "round {round}");
        }
    }

    /// What hangs on a user goes with it.
    async fn a_user_that_goes_takes_its_credentials_along(app: TestApp) {
        let tenant = app.tenant.id;
        let ada = user_with(&app, "ada", "old").await;
        write(&app, vec![set(ada, "new", later(1), 5), signed_in(&session(tenant, ada, NOW), None)]).await.unwrap();
        app.client.delete(&format!("/Users/{ada}")).await.expect(204);
        for table in ["password_credentials", "password_history", "sessions"] {
            let sql = format!("SELECT '{table}' FROM {table}");
            assert_eq!(app.texts(&sql).await, Vec::<String>::new());
        }
    }
}

#[test]
fn a_hash_is_not_shown() {
    let change = set(UserId::generate(), "$argon2id$secret", NOW, 0);
    assert!(!format!("{change:?}").contains("secret"));
}
