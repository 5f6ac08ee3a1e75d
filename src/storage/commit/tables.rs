//! The tables that set-wise writes go to, column by column. `tenant_id` comes first in each and is not listed.

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Uuid,
    Text,
    /// Text here, `jsonb` on PostgreSQL.
    Json,
    Integer,
    Boolean,
}

impl Type {
    /// The PostgreSQL type that carries the column's value.
    pub fn name(self) -> &'static str {
        match self {
            Self::Uuid => "uuid",
            Self::Text | Self::Json => "text",
            Self::Integer => "bigint",
            Self::Boolean => "boolean",
        }
    }
}

/// A table, the columns that are written, and what happens where the key is there already.
#[derive(Debug)]
pub struct Table {
    pub name: &'static str,
    pub columns: &'static [(&'static str, Type)],
    /// ` ON CONFLICT …`, or nothing: then a conflict is an error.
    pub on_conflict: &'static str,
}

pub const USERS: Table = Table {
    name: "users",
    columns: &[
        ("id", Type::Uuid),
        ("user_name", Type::Text),
        ("user_name_key", Type::Text),
        ("email", Type::Text),
        ("email_key", Type::Text),
        ("given_name", Type::Text),
        ("middle_name", Type::Text),
        ("family_name", Type::Text),
        ("name_origins", Type::Text),
        ("display_name", Type::Text),
        ("phone", Type::Text),
        ("active", Type::Boolean),
        ("manager_id", Type::Uuid),
        ("standing", Type::Text),
        ("auth_provider", Type::Text),
        ("email_verified", Type::Boolean),
        ("service_account", Type::Boolean),
        ("must_reset_password", Type::Boolean),
        ("must_enrol_mfa", Type::Boolean),
        ("must_reset_mfa", Type::Boolean),
        ("entity_id", Type::Uuid),
        ("connection_id", Type::Uuid),
        ("roles", Type::Text),
        ("connection_roles", Type::Text),
        ("custom", Type::Text),
        ("version", Type::Integer),
        ("created_at", Type::Integer),
        ("updated_at", Type::Integer),
        ("document", Type::Text),
        ("search", Type::Json),
    ],
    on_conflict: "",
};

pub const GROUPS: Table = Table {
    name: "groups",
    columns: &[
        ("id", Type::Uuid),
        ("kind", Type::Text),
        ("display_name", Type::Text),
        ("display_name_key", Type::Text),
        ("roles", Type::Text),
        ("version", Type::Integer),
        ("created_at", Type::Integer),
        ("updated_at", Type::Integer),
        ("document", Type::Text),
        ("search", Type::Json),
    ],
    on_conflict: "",
};

pub const MEMBERSHIPS: Table = Table {
    name: "memberships",
    columns: &[
        ("group_id", Type::Uuid),
        ("member_id", Type::Uuid),
        ("user_id", Type::Uuid),
        ("subgroup_id", Type::Uuid),
        ("role", Type::Text),
    ],
    on_conflict: " ON CONFLICT DO NOTHING",
};

pub const ATTRIBUTE_INDEX: Table = Table {
    name: "attribute_index",
    columns: &[
        ("resource_kind", Type::Text),
        ("path", Type::Text),
        ("value", Type::Text),
        ("resource_id", Type::Uuid),
    ],
    on_conflict: " ON CONFLICT DO NOTHING",
};

/// Without a conflict's answer: it is how a value turns out to be taken.
pub const UNIQUE_VALUES: Table =
    Table { name: "unique_values", columns: ATTRIBUTE_INDEX.columns, on_conflict: "" };

pub const EXTERNAL_IDS: Table = Table {
    name: "external_ids",
    columns: &[
        ("resource_kind", Type::Text),
        ("resource_id", Type::Uuid),
        ("connection_id", Type::Uuid),
        ("external_id", Type::Text),
    ],
    on_conflict: " ON CONFLICT (tenant_id, resource_kind, resource_id, connection_id) \
                  DO UPDATE SET external_id = excluded.external_id",
};

pub const AUDIT_EVENTS: Table = Table {
    name: "audit_events",
    columns: &[
        ("id", Type::Uuid),
        ("at", Type::Integer),
        ("kind", Type::Text),
        ("actor_kind", Type::Text),
        ("actor_id", Type::Uuid),
        ("actor_name", Type::Text),
        ("target_kind", Type::Text),
        ("target_id", Type::Uuid),
        ("request_id", Type::Text),
        ("ip", Type::Text),
        ("user_agent", Type::Text),
        ("details", Type::Text),
    ],
    on_conflict: "",
};

pub const OUTBOX: Table = Table {
    name: "outbox",
    columns: &[
        ("id", Type::Uuid),
        ("kind", Type::Text),
        ("lane", Type::Uuid),
        ("subject", Type::Text),
        ("target_id", Type::Uuid),
        ("payload", Type::Text),
        ("next_at", Type::Integer),
        ("created_at", Type::Integer),
        ("expires_at", Type::Integer),
    ],
    on_conflict: "",
};

pub const RESOURCE_COUNTS: Table = Table {
    name: "resource_counts",
    columns: &[("resource_kind", Type::Text), ("stripe", Type::Integer), ("value", Type::Integer)],
    on_conflict: " ON CONFLICT (tenant_id, resource_kind, stripe) \
                  DO UPDATE SET value = resource_counts.value + excluded.value",
};

/// What identifies the membership that goes.
pub const MEMBERSHIP_KEY: &[(&str, Type)] = &[("group_id", Type::Uuid), ("member_id", Type::Uuid)];

/// What identifies the external id that goes.
pub const EXTERNAL_ID_KEY: &[(&str, Type)] =
    &[("resource_kind", Type::Text), ("resource_id", Type::Uuid), ("connection_id", Type::Uuid)];

/// What identifies the external ids, of every connection, of a resource that goes.
pub const EXTERNAL_IDS_OF: &[(&str, Type)] = &[("resource_kind", Type::Text), ("resource_id", Type::Uuid)];

/// A user or group that goes, and the version that it must have.
pub const GUARDED: &[(&str, Type)] = &[("id", Type::Uuid), ("version", Type::Integer)];

/// A user that goes and is kept for a while: which one, at which version, and what the caller knows of it.
pub const KEPT: &[(&str, Type)] = &[
    ("id", Type::Uuid),
    ("version", Type::Integer),
    ("user_name", Type::Text),
    ("user_name_key", Type::Text),
    ("email", Type::Text),
    ("email_key", Type::Text),
    ("document", Type::Text),
    ("deleted_at", Type::Integer),
    ("purge_at", Type::Integer),
    ("deleted_by_kind", Type::Text),
    ("deleted_by_id", Type::Uuid),
    ("deleted_by_name", Type::Text),
];

/// What a group's update brings; NULL leaves a column as it is, and a NULL `expected` guards nothing.
pub const GROUP_UPDATE: &[(&str, Type)] = &[
    ("id", Type::Uuid),
    ("expected", Type::Integer),
    ("updated_at", Type::Integer),
    ("display_name", Type::Text),
    ("display_name_key", Type::Text),
    ("roles", Type::Text),
    ("document", Type::Text),
    ("search", Type::Json),
];

/// The groups that a user or group leaves because it goes.
pub const DEPARTURE: &[(&str, Type)] = &[("id", Type::Uuid), ("at", Type::Integer)];
