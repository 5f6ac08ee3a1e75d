//! Reading invitations, and whom an address belongs to.

use std::fmt::Write as _;

use super::statement::{Arg, Recurs, Statement};
use super::users::select_users;
use super::{Storage, StorageError};
use crate::model::invitation::{Invitation, InvitationState};
use crate::model::query::StoredUser;
use crate::model::{ConnectionId, InvitationId, TenantId, Timestamp, UserId};

/// `SELECT … FROM invitations`, in the order of [`Invitation`]'s fields.
macro_rules! invitations {
    ($rest:literal) => {
        concat!(
            "SELECT tenant_id, id, user_id, email, email_key, state, token_hash, invited_by_kind, invited_by_id, \
             invited_by_name, created_at, expires_at, sent_at, shown_to, accepted_at, revoked_at, version \
             FROM invitations ",
            $rest
        )
    };
}

/// Which invitations are meant; what is not said does not matter.
#[derive(Clone, Debug, Default)]
pub struct InvitationQuery {
    /// The state at `now`.
    pub state: Option<InvitationState>,
    /// The folded address.
    pub email_key: Option<String>,
    /// Behind which id the page begins.
    pub after: Option<InvitationId>,
    pub limit: i64,
}

impl Storage {
    /// The invitation whose link has the token with this SHA-256, whatever became of it.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_invitation(
        &self,
        tenant: TenantId,
        token_hash: &[u8; 32],
    ) -> Result<Option<Invitation>, StorageError> {
        let statement = Statement::fixed(
            invitations!("WHERE tenant_id = $1 AND token_hash = $2"),
            [Arg::id(tenant.0), Arg::bytes(token_hash)],
        );
        self.database.fetch_optional(statement).await
    }

    /// The invitation with this id.
    ///
    /// # Errors
    /// The database's.
    pub async fn lookup_invitation(
        &self,
        tenant: TenantId,
        id: InvitationId,
    ) -> Result<Option<Invitation>, StorageError> {
        let statement = Statement::fixed(
            invitations!("WHERE tenant_id = $1 AND id = $2"),
            [Arg::id(tenant.0), Arg::id(id.0)],
        );
        self.database.fetch_optional(statement).await
    }

    /// The last invitation of a user.
    ///
    /// # Errors
    /// The database's.
    pub async fn last_invitation_of(
        &self,
        tenant: TenantId,
        user: UserId,
    ) -> Result<Option<Invitation>, StorageError> {
        let statement = Statement::fixed(
            invitations!("WHERE tenant_id = $1 AND user_id = $2 ORDER BY created_at DESC, id DESC LIMIT 1"),
            [Arg::id(tenant.0), Arg::id(user.0)],
        );
        self.database.fetch_optional(statement).await
    }

    /// A tenant's invitations, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_invitations(
        &self,
        tenant: TenantId,
        query: &InvitationQuery,
        now: Timestamp,
    ) -> Result<Vec<Invitation>, StorageError> {
        let after = query.after.map_or(uuid::Uuid::nil(), |id| id.0);
        let mut args = vec![Arg::id(tenant.0), Arg::id(after), Arg::integer(query.limit)];
        let mut text = invitations!("WHERE tenant_id = $1 AND id > $2").to_owned();
        if let Some(state) = query.state {
            let stored = match state {
                InvitationState::Expired => InvitationState::Pending,
                state => state,
            };
            args.push(Arg::text(stored.as_str()));
            let _ = write!(text, " AND state = ${}", args.len());
            if stored == InvitationState::Pending {
                let is_over = if state == InvitationState::Expired { "<=" } else { ">" };
                args.push(Arg::integer(now.0));
                let _ = write!(text, " AND expires_at {is_over} ${}", args.len());
            }
        }
        if let Some(email_key) = &query.email_key {
            args.push(Arg::text(&**email_key));
            let _ = write!(text, " AND email_key = ${}", args.len());
        }
        text.push_str(" ORDER BY id LIMIT $3");
        self.database.fetch_all(Statement { text: text.into(), args, recurs: Recurs::Often }).await
    }

    /// The user whose own e-mail address this is, folded.
    ///
    /// # Errors
    /// The database's.
    pub async fn holder_of_email(
        &self,
        tenant: TenantId,
        email_key: &str,
    ) -> Result<Option<StoredUser>, StorageError> {
        const BY_EMAIL: &str = concat!(select_users!(), " AND r.email_key = $3");
        let args = [Arg::id(tenant.0), Arg::id(ConnectionId::NONE.0), Arg::text(email_key)];
        self.database.fetch_optional(Statement::lookup(BY_EMAIL, args)).await
    }
}
