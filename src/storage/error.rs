//! What can go wrong between us and the database, in the words of those who ask.

use thiserror::Error;

/// A failure of storage. It can be told to many waiting requests at once, so it is plain text and can be cloned.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum StorageError {
    /// A guard of the change set did not hold: somebody else was faster. Decide again.
    #[error("the resource was changed by somebody else in the meantime")]
    Stale,
    /// What compiled snapshots hold was changed after this one was read: decide by a new one.
    #[error("the tenant's settings were changed in the meantime")]
    Outdated,
    /// Something that must be unique is taken.
    #[error("{0}")]
    Taken(Taken),
    /// A resource that the change refers to is gone, or two changes waited for each other. Decide again.
    #[error("a resource that this change refers to was changed or removed in the meantime")]
    Raced,
    /// The database cannot be reached, is full or broken. The log has the reason.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The connection broke while a change was being written: nobody knows whether it was.
    #[error("the connection broke during a write: {0}")]
    InDoubt(String),
    /// The database lacks migrations, and was not to be given them.
    #[error("it has {applied} of {needed} migrations and --no-migrate was given; start once without it")]
    Behind { applied: usize, needed: usize },
    /// A mistake of ours.
    #[error("the database refused a statement: {0}")]
    Internal(String),
}

/// What is taken.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Taken {
    #[error("the user name is taken")]
    UserName,
    #[error("the e-mail address is taken")]
    Email,
    #[error("the id is taken")]
    Id,
    #[error("the tenant's slug is taken")]
    TenantSlug,
    #[error("the host or e-mail domain leads to another tenant")]
    SignInName,
    #[error("the connection's name is taken")]
    ConnectionName,
    #[error("the role's name is taken")]
    RoleName,
    #[error("the attribute's name is taken")]
    AttributeName,
    #[error("a value of an attribute that is unique is taken")]
    CustomValue,
    #[error("the policy's name is taken")]
    PolicyName,
    #[error("another key signs already")]
    SigningKey,
    #[error("another server sealed the audit log in the meantime")]
    Seal,
    #[error("the assertion was shown before")]
    Assertion,
    #[error("the idempotency key is used")]
    IdempotencyKey,
}

impl StorageError {
    /// Whether every request of a group fails for the same reason, so that halving the group would find no culprit.
    pub(super) fn is_common(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::InDoubt(_))
    }

    /// What an error means once a write was sent to a database on the other end of a connection.
    pub(super) fn of_write(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => {
                Self::InDoubt(error.to_string())
            }
            error => error.into(),
        }
    }
}

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) => from_database(database.as_ref()),
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error.to_string()),
            _ => Self::Internal(error.to_string()),
        }
    }
}

/// The fragment of a constraint's name (PostgreSQL) or of a message (SQLite), and what it stands for.
const UNIQUE: [(&str, &str, Taken); 14] = [
    ("users_user_name", "users.user_name_key", Taken::UserName),
    ("users_email", "users.email_key", Taken::Email),
    ("users_pkey", "users.id", Taken::Id),
    ("tenants_slug_key", "tenants.slug", Taken::TenantSlug),
    ("sign_in_names_name", "sign_in_names.name", Taken::SignInName),
    ("connections_name", "connections.name", Taken::ConnectionName),
    ("roles_name", "roles.name_key", Taken::RoleName),
    ("attribute_definitions_pkey", "attribute_definitions.name", Taken::AttributeName),
    ("unique_values_pkey", "unique_values.value", Taken::CustomValue),
    ("idempotency_keys_pkey", "idempotency_keys.key_hash", Taken::IdempotencyKey),
    ("client_assertions_pkey", "client_assertions.jti_hash", Taken::Assertion),
    ("policies_name", "policies.name_key", Taken::PolicyName),
    ("signing_keys_current", "signing_keys.algorithm", Taken::SigningKey),
    ("audit_seals_number", "audit_seals.number", Taken::Seal),
];

fn from_database(error: &dyn sqlx::error::DatabaseError) -> StorageError {
    let code = error.code().unwrap_or_default();
    if error.is_unique_violation() {
        let name = error.constraint().unwrap_or_default();
        let message = error.message();
        if let Some((_, _, taken)) =
            UNIQUE.iter().find(|(constraint, column, _)| name == *constraint || message.contains(column))
        {
            return StorageError::Taken(*taken);
        }
        return StorageError::Internal(format!("unexpected unique violation of '{name}'"));
    }
    if error.is_foreign_key_violation() {
        return StorageError::Raced;
    }
    match code.as_ref() {
        // PostgreSQL: division_by_zero is how a guard fails, see commit/postgres.rs.
        "22012" => StorageError::Stale,
        // PostgreSQL: serialization failure, deadlock, a lock that was not to be had in time.
        "40001" | "40P01" | "55P03" => StorageError::Raced,
        // PostgreSQL: no connections are accepted, only reading is allowed, the database is gone.
        "55000" | "25006" | "3D000" => StorageError::Unavailable(error.message().to_owned()),
        // PostgreSQL: connection exceptions, authorization, insufficient resources, operator intervention, system errors.
        code if ["08", "28", "53", "57", "58"]
            .iter()
            .any(|class| code.len() == 5 && code.starts_with(class)) =>
        {
            StorageError::Unavailable(error.message().to_owned())
        }
        // SQLite: busy, read-only, I/O error, corrupt, full, cannot open (primary result codes; extended ones add high
        // bytes).
        code if code
            .parse::<i32>()
            .is_ok_and(|code| code < 10_000 && matches!(code & 0xff, 5 | 8 | 10 | 11 | 13 | 14)) =>
        {
            StorageError::Unavailable(error.message().to_owned())
        }
        _ => StorageError::Internal(error.message().to_owned()),
    }
}
