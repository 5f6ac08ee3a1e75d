//! The statements that the server sends, as pgbench scripts: parameters become expressions that make the same amount of
//! data.

use provost::model::account::roles_text;
use provost::model::change::{ChangeSet, UserChange, UserRow};
use provost::storage::{SELECT_USER, statement_text};

use crate::pgbench::{literal, numbered, with_values};
use crate::seed::Tenant;
use crate::{Failure, person};

/// A new UUIDv7: the time, and 60 random bits from `:chance`.
const NEW_ID: &str = "(lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '70008' || lpad(to_hex(:chance::bigint), 15, '0'))::uuid";
const NOW: &str = "(extract(epoch FROM now()) * 1000)::bigint";
const CHANCE: &str = "\\set chance random(1, 1152921504606846975)\n\\set stripe random(0, 63)\n";

/// Makes scripts for one tenant.
pub struct Scripts<'t> {
    pub tenant: &'t Tenant,
    /// How many users have ids that follow from numbers.
    pub users: u64,
}

impl Scripts<'_> {
    fn known_id() -> String {
        format!("('{}' || lpad(to_hex(:number::bigint), 12, '0'))::uuid", person::ID_PREFIX)
    }

    fn select(&self, statement: &str, id: &str) -> String {
        numbered(statement, |number, _| match number {
            1 => format!("'{}'::uuid", self.tenant.id),
            2 => format!("'{}'::uuid", self.tenant.connection.id),
            _ => id.to_owned(),
        })
    }

    /// What `GET /Users/{id}` asks.
    pub fn get(&self) -> String {
        let select = self.select(SELECT_USER, &Self::known_id());
        format!("\\set number random(0, {})\n{select};\n", self.users - 1)
    }

    /// What the first page asks, from a copy of the table whose documents are jsonb.
    pub fn page(&self) -> String {
        let by_id = SELECT_USER.replace("FROM users r", "FROM users_jsonb r");
        let page = by_id.split(" AND r.id = ").next().unwrap_or_default();
        format!("{} ORDER BY r.id LIMIT 100 OFFSET 0;\n", self.select(page, ""))
    }

    /// What `POST /Users` writes.
    ///
    /// # Errors
    /// A change set that cannot be written.
    pub fn post(&self, sample: &ChangeSet) -> Result<String, Failure> {
        let row = inserted(sample)?;
        let statement = with_values(&statement_text(sample)?, &self.tenant.id.to_string(), |cte, column| {
            self.value(cte, column, row, NEW_ID, "'pgbench' || to_hex(:chance::bigint)")
        });
        Ok(format!("{CHANCE}{statement};\n"))
    }

    /// The least that could be written of a new user: its row and its audit event.
    ///
    /// # Errors
    /// A change set that holds no user.
    pub fn bare(&self, sample: &ChangeSet) -> Result<String, Failure> {
        let row = inserted(sample)?;
        let text = statement_text(sample)?;
        let insert = |cte: &str| {
            let body = text.split(&format!("\"{cte}\" AS (")).nth(1).unwrap_or_default();
            let columns = body.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
            let (columns, _) = columns.unwrap_or_default();
            let table = body.strip_prefix("INSERT INTO ").and_then(|rest| rest.split(' ').next());
            let values: Vec<String> = columns
                .split(", ")
                .map(|column| match column {
                    "tenant_id" => format!("'{}'", self.tenant.id),
                    _ => self.value(cte, column, row, NEW_ID, "'pgbench' || to_hex(:chance::bigint)"),
                })
                .collect();
            format!("INSERT INTO {} ({columns}) VALUES ({});\n", table.unwrap_or_default(), values.join(", "))
        };
        Ok(format!("{CHANCE}BEGIN;\n{}{}COMMIT;\n", insert("users_in"), insert("audit")))
    }

    /// What `PATCH` of `active` reads and writes. Each client keeps to users of its own, so that none loses a race.
    ///
    /// # Errors
    /// A change set that cannot be written.
    pub fn patch(&self, sample: &ChangeSet) -> Result<String, Failure> {
        let row = updated(sample)?;
        let id = Self::known_id();
        let statement = with_values(&statement_text(sample)?, &self.tenant.id.to_string(), |cte, column| {
            match (cte, column) {
                ("users_up", "version") => ":u_version::bigint + 1".to_owned(),
                ("users_up", "active") => ":u_version::bigint % 2 = 0".to_owned(),
                ("audit", "id") => NEW_ID.to_owned(),
                _ => self.value(cte, column, row, &id, "'user' || :number::text"),
            }
        });
        let select = self.select(SELECT_USER, &id);
        // The first half is the server's.
        let half = self.users / 2;
        let last = (half / 16).max(1) - 1;
        let number = format!("{half} + random(0, {last}) * 16 + :client_id");
        Ok(format!("{CHANCE}\\set number {number}\n{select} \\gset u_\n{statement};\n"))
    }

    fn value(&self, cte: &str, column: &str, row: &UserRow, id: &str, name: &str) -> String {
        let text = |value: &Option<String>| value.as_deref().map_or("NULL".to_owned(), literal);
        match (cte, column) {
            // The statement has two index rows.
            ("indexed", "resource_kind") => "'user', 'user'".to_owned(),
            ("indexed", "resource_id") => format!("{id}, {id}"),
            ("indexed", "path") => "'emails.value', 'emails.value'".to_owned(),
            ("indexed", "value") => format!("{name} || '@example.com', {name} || '@home.example.org'"),
            ("indexed", "element") => "0, 1".to_owned(),
            ("counts", "value") => "1".to_owned(),
            (_, "stripe") => ":stripe".to_owned(),
            ("users_in" | "users_up" | "audit", "id") | (_, "resource_id" | "target_id") => id.to_owned(),
            (_, "connection_id" | "actor_id") => format!("'{}'", self.tenant.connection.id),
            (_, "resource_kind" | "target_kind") => "'user'".to_owned(),
            (_, "external_id") => format!("'ext-' || {name}"),
            (_, "user_name" | "user_name_key" | "email" | "email_key") => format!("{name} || '@example.com'"),
            (_, "request_id") => format!("({NEW_ID})::text"),
            (_, "at" | "created_at" | "updated_at") => NOW.to_owned(),
            (_, "kind") => "'user.created'".to_owned(),
            (_, "actor_kind") => "'connection'".to_owned(),
            (_, "actor_name") => "'default'".to_owned(),
            (_, "ip") => "'127.0.0.1'".to_owned(),
            (_, "user_agent") => "'provost-bench/1'".to_owned(),
            (_, "details") => literal(r#"{"userName":"user4711@example.com"}"#),
            (_, "given_name") => text(&row.given_name),
            (_, "family_name") => text(&row.family_name),
            (_, "display_name") => text(&row.display_name),
            (_, "name_origins") => literal(&row.name_origins),
            (_, "phone") => text(&row.phone),
            (_, "active") => "true".to_owned(),
            (_, "standing") => literal(row.account.standing.as_str()),
            (_, "auth_provider") => literal(row.account.auth_provider.as_str()),
            (_, "email_verified") => row.account.email_verified.to_string(),
            (_, "service_account") => row.account.service_account.to_string(),
            (_, "must_reset_password") => row.account.must_reset_password.to_string(),
            (_, "must_enrol_mfa") => row.account.must_enrol_mfa.to_string(),
            (_, "must_reset_mfa") => row.account.must_reset_mfa.to_string(),
            (_, "roles") => text(&roles_text(&row.account.roles)),
            (_, "version") => "1".to_owned(),
            (_, "document") => literal(&row.document),
            (_, "search") => literal(&row.search),
            _ => "NULL".to_owned(),
        }
    }
}

fn inserted(sample: &ChangeSet) -> Result<&UserRow, Failure> {
    match sample.users.first() {
        Some(UserChange::Insert { row, .. }) => Ok(row),
        _ => Err("the change set inserts no user".into()),
    }
}

fn updated(sample: &ChangeSet) -> Result<&UserRow, Failure> {
    match sample.users.first() {
        Some(UserChange::Update { row, .. }) => Ok(row),
        _ => Err("the change set updates no user".into()),
    }
}
