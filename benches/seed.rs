//! Fills a tenant through the server's own use of storage: change sets by the thousand.

use futures_util::future::try_join_all;
use provost::mapping::rows::UserSchema;
use provost::mapping::user::{Occasion, to_model};
use provost::model::audit::{AuditEvent, AuditType, Origin, Target};
use provost::model::change::{ChangeSet, ExternalIdChange, GroupChange, GroupUpdate, UserChange};
use provost::model::group::Member;
use provost::model::tenant::NameOrder;
use provost::model::{Clock, Connection, EventId, GroupId, Scopes, TenantId};
use provost::provisioning::Provisioning;
use provost::scim::schema::validate::{self, Strictness};
use provost::storage::{Migrate, PoolSizes, Storage};
use serde_json::{Value, json};

use crate::{Failure, person};

/// Change sets that are committed together.
const BATCH: u64 = 1_000;
/// Batches under way at once.
const WRITERS: u64 = 4;

/// A tenant with users in it, and a token to it.
pub struct Tenant {
    pub id: TenantId,
    pub connection: Connection,
    pub token: String,
}

/// A database as the library sees it.
pub struct Seeder {
    provisioning: Provisioning,
}

impl Seeder {
    /// Opens and migrates the database.
    ///
    /// # Errors
    /// The database's.
    pub async fn open(database: &str) -> Result<Self, Failure> {
        let storage = Storage::open(database, PoolSizes::default(), Migrate::Apply).await?;
        let base_url = "http://bench.invalid/scim/v2".to_owned();
        let provisioning = Provisioning::new(storage, Clock::system(), base_url);
        Ok(Self { provisioning })
    }

    /// Closes the database.
    pub async fn close(self) {
        self.provisioning.storage.close().await;
    }

    /// The tenant of this name with this many users; one that is there already is left as it is.
    ///
    /// # Errors
    /// The database's.
    pub async fn tenant(&self, slug: &str, users: u64) -> Result<Tenant, Failure> {
        let provisioning = &self.provisioning;
        let connection = match provisioning.storage.find_tenant_by_slug(slug).await? {
            Some(tenant) => provisioning.connection_named(tenant.id, "default", false).await?,
            None => {
                let (_, connection) = provisioning.create_tenant(slug, slug).await?;
                self.users(&connection, users).await?;
                connection
            }
        };
        let token = provisioning.create_token(&connection, "bench", Scopes::ALL, None).await?;
        Ok(Tenant { id: connection.tenant_id, connection, token: token.text.expose().to_owned() })
    }

    async fn users(&self, connection: &Connection, users: u64) -> Result<(), Failure> {
        let starts: Vec<u64> = (0..users).step_by(BATCH as usize).collect();
        for group in starts.chunks(WRITERS as usize) {
            let batches = group.iter().map(|start| async move {
                let numbers = *start..(*start + BATCH).min(users);
                let sets = numbers.map(|number| self.user(connection, number)).collect::<Result<_, _>>()?;
                self.commit(sets).await
            });
            try_join_all(batches).await?;
        }
        Ok(())
    }

    async fn commit(&self, sets: Vec<ChangeSet>) -> Result<(), Failure> {
        for outcome in self.provisioning.storage.commit_all(sets).await {
            outcome?;
        }
        Ok(())
    }

    /// What `POST /Users` would write for the user of this number.
    ///
    /// # Errors
    /// A user that is not valid: a mistake of the benchmark.
    pub fn user(&self, connection: &Connection, number: u64) -> Result<ChangeSet, Failure> {
        let schema = self.provisioning.schemas.user();
        let Value::Object(body) = person::body("user", number) else { return Err("no object".into()) };
        let validated = validate::create(schema, body, Strictness::Strict)
            .map_err(|error| format!("the benchmark's user is not valid: {error:?}"))?;
        let now = self.provisioning.clock.now();
        let (id, order) = (person::id(number), NameOrder::GivenFirst);
        let user = to_model(validated.attributes, id, now, Occasion::Create, order)?;
        let mut changes = self.changes(connection, AuditType::UserCreated, Target::User(user.id));
        changes.users.push(UserChange::Insert {
            row: Box::new(UserSchema::built_in().row(&user)),
            index: UserSchema::built_in().index_rows(&user),
            external_id: user
                .external_id
                .clone()
                .map(|value| ExternalIdChange { connection_id: connection.id, value: Some(value) }),
        });
        Ok(changes)
    }

    /// What `PATCH` of `active` would write for the user of this number.
    ///
    /// # Errors
    /// As [`Seeder::user`].
    pub fn deactivation(&self, connection: &Connection, number: u64) -> Result<ChangeSet, Failure> {
        let mut changes = self.user(connection, number)?;
        changes.users = changes
            .users
            .into_iter()
            .map(|change| match change {
                UserChange::Insert { row, .. } => {
                    UserChange::Update { row, index: Default::default(), external_id: None }
                }
                other => other,
            })
            .collect();
        Ok(changes)
    }

    fn changes(&self, connection: &Connection, kind: AuditType, target: Target) -> ChangeSet {
        let mut changes = ChangeSet::new(connection.tenant_id);
        changes.audit.push(AuditEvent {
            id: EventId::generate(),
            at: self.provisioning.clock.now(),
            kind,
            origin: Origin::system(),
            target,
            details: json!({ "userName": "somebody@example.com" }),
        });
        changes
    }

    /// Adds the users with these numbers to a group, a batch at a time.
    ///
    /// # Errors
    /// The database's.
    pub async fn join(
        &self,
        connection: &Connection,
        group: GroupId,
        numbers: std::ops::Range<u64>,
    ) -> Result<(), Failure> {
        for start in numbers.clone().step_by(BATCH as usize) {
            let members = start..(start + BATCH).min(numbers.end);
            let mut changes = self.changes(connection, AuditType::GroupUpdated, Target::Group(group));
            changes.groups.push(GroupChange::Update(Box::new(GroupUpdate {
                id: group,
                expected: None,
                row: None,
                add: members.map(|number| Member::User(person::id(number))).collect(),
                remove: Vec::new(),
                external_id: None,
                at: self.provisioning.clock.now(),
            })));
            self.commit(vec![changes]).await?;
        }
        Ok(())
    }
}
