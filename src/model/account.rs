//! What an account is besides a person's data: how far along it is, how its holder signs in, what they may do.

use uuid::Uuid;

use super::ids::{ConnectionId, RoleId};
use super::role::BuiltInRole;

/// The account's side of a user. SCIM sees nothing of it but `active`, which is the user's own field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub standing: Standing,
    pub auth_provider: AuthProvider,
    /// Whether the account's e-mail address is known to reach its holder.
    pub email_verified: bool,
    /// Stands for a program: its name is never split, and nobody can be invited to it.
    pub service_account: bool,
    pub must_reset_password: bool,
    pub must_enrol_mfa: bool,
    pub must_reset_mfa: bool,
    /// What this user is called in a system of the tenant's.
    pub entity_id: Option<Uuid>,
    /// The connection that brought the user.
    pub connection_id: Option<ConnectionId>,
    /// The roles given directly, in the order of their ids; never none.
    pub roles: Vec<RoleId>,
    /// Which of them connections gave, by what values of `roles` and `entitlements` map onto. A role that is here and not
    /// among `roles` was taken by an administrator; it stays so until the value goes and comes again.
    pub connection_roles: Vec<(ConnectionId, RoleId)>,
}

/// How far along an account is, where it is active or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Normal,
    /// Its holder has not accepted the invitation yet.
    Invited,
    /// An administrator stopped it for a while. Identity providers cannot undo that: their `active` is another matter.
    Suspended,
}

/// How the holder of an account signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthProvider {
    /// By a password that is kept here.
    Local,
    Oidc,
    Saml,
    /// Wherever the identity provider that pushed the user says.
    Scim,
}

/// What an account's state is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Invited,
    Active,
    Suspended,
    Deactivated,
}

impl Account {
    /// The account of somebody whom a connection pushed.
    pub fn provisioned(connection_id: ConnectionId) -> Self {
        Self { connection_id: Some(connection_id), ..Self::new(AuthProvider::Scim) }
    }

    /// An account with the role `user` and nothing else said.
    pub fn new(auth_provider: AuthProvider) -> Self {
        Self {
            standing: Standing::Normal,
            auth_provider,
            email_verified: false,
            service_account: false,
            must_reset_password: false,
            must_enrol_mfa: false,
            must_reset_mfa: false,
            entity_id: None,
            connection_id: None,
            roles: vec![BuiltInRole::User.id()],
            connection_roles: Vec::new(),
        }
    }

    /// Gives an account these roles in place of those that it has, by an administrator's word: what is new among them is no
    /// connection's to take.
    pub fn assign(&mut self, roles: Vec<RoleId>) {
        let before = std::mem::replace(&mut self.roles, roles);
        self.connection_roles.retain(|(_, role)| before.contains(role) || !self.roles.contains(role));
    }

    /// Whether this role was given directly.
    pub fn has(&self, role: BuiltInRole) -> bool {
        self.roles.contains(&role.id())
    }

    /// What the account's state is called, given whether it may be used.
    pub fn status(&self, active: bool) -> Status {
        match (self.standing, active) {
            (Standing::Suspended, _) => Status::Suspended,
            (_, false) => Status::Deactivated,
            (Standing::Invited, true) => Status::Invited,
            (Standing::Normal, true) => Status::Active,
        }
    }
}

macro_rules! words {
    ($($name:ident { $($variant:ident $word:literal),* $(,)? })*) => {$(
        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word that the database and the API use.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// What this word means; nothing for a word that is none.
            pub fn of_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == word)
            }
        }
    )*};
}

words! {
    Standing { Normal "normal", Invited "invited", Suspended "suspended" }
    AuthProvider { Local "local", Oidc "oidc", Saml "saml", Scim "scim" }
    Status { Invited "invited", Active "active", Suspended "suspended", Deactivated "deactivated" }
}

/// Role ids as a column holds them: joined by spaces, in their order; nothing for the role `user` alone.
pub fn roles_text(roles: &[RoleId]) -> Option<String> {
    if roles == [BuiltInRole::User.id()] {
        return None;
    }
    Some(joined(roles))
}

/// Role ids joined by spaces, in their order.
pub fn joined(roles: &[RoleId]) -> String {
    let ids: Vec<String> = roles.iter().map(|role| role.0.simple().to_string()).collect();
    ids.join(" ")
}

/// Which roles connections gave, as a column holds it; nothing for none.
pub fn connection_roles_text(roles: &[(ConnectionId, RoleId)]) -> Option<String> {
    let pairs: Vec<String> = roles
        .iter()
        .map(|(connection, role)| format!("{}:{}", connection.0.simple(), role.0.simple()))
        .collect();
    (!pairs.is_empty()).then(|| pairs.join(" "))
}

/// Takes back what [`connection_roles_text`] gave.
pub fn connection_roles_of_text(text: Option<&str>) -> Vec<(ConnectionId, RoleId)> {
    let pairs = text.unwrap_or_default().split(' ').filter_map(|pair| pair.split_once(':'));
    pairs.filter_map(|(connection, role)| Some((connection.parse().ok()?, role.parse().ok()?))).collect()
}

/// Takes back what [`joined`] gave.
pub fn of_joined(text: &str) -> Vec<RoleId> {
    text.split(' ').filter_map(|id| id.parse().ok()).collect()
}

/// Takes back what [`roles_text`] gave.
pub fn roles_of_text(text: Option<&str>) -> Vec<RoleId> {
    match text {
        None => vec![BuiltInRole::User.id()],
        Some(text) => of_joined(text),
    }
}
