//! Links: made, kept as a digest, and mailed or shown.

use serde_json::json;

use super::super::error::DirectoryError;
use super::super::{Directory, view};
use super::Issued;
use crate::auth::{CredentialKind, TenantView, TokenText};
use crate::delivery::mail::{Content, Link, Mail};
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, CredentialChange};
use crate::model::invitation::{Invitation, InvitationChange, InvitationState};
use crate::model::{Actor, InvitationId, Permissions, Timestamp, User};
use crate::provisioning::{ProvisioningError, Request};
use crate::scim::fold::fold;

/// The longest that an invitation can be accepted, whatever the tenant says: 30 days.
const MOST_HOURS: u32 = 30 * 24;
const HOUR: i64 = 60 * 60 * 1000;

impl Directory {
    /// Adds to the changes an invitation for a user with an e-mail address, and the mail that brings it. `after` is the
    /// invitation that it follows.
    pub(in crate::provisioning::directory) fn issue(
        &self,
        request: &Request,
        tenant: &TenantView,
        user: &User,
        after: Option<&Invitation>,
        changes: &mut ChangeSet,
    ) -> Result<Issued, DirectoryError> {
        let at = self.now();
        let mut invitation = Invitation {
            tenant_id: tenant.tenant.id,
            id: InvitationId::generate(),
            user_id: user.id,
            email: String::new(),
            email_key: String::new(),
            state: InvitationState::Pending,
            token_hash: [0; 32],
            invited_by: request.caller.actor(),
            created_at: at,
            expires_at: at,
            sent_at: None,
            shown_to: Permissions::NONE,
            accepted_at: None,
            revoked_at: None,
            version: 1,
        };
        let link = self.put_link(request, tenant, user, &mut invitation, changes)?;
        let details = json!({
            "userName": user.user_name,
            "invitation": invitation.id,
            "roles": view::role_names(tenant, &user.account.roles),
            "mailed": invitation.was_mailed(),
        });
        changes.audit.push(self.event(request, AuditType::UserInvited, Target::User(user.id), details));
        changes.credentials.push(CredentialChange::Invitation(InvitationChange::Issue {
            invitation: Box::new(invitation.clone()),
            after: after.map(|after| (after.id, after.version)),
        }));
        Ok(Issued { invitation, link })
    }

    /// Adds to the changes another link for an invitation that is pending or expired; the old one is dead then. It goes
    /// to the address that the user has now.
    pub(super) fn renew(
        &self,
        request: &Request,
        tenant: &TenantView,
        user: &User,
        mut invitation: Invitation,
        changes: &mut ChangeSet,
    ) -> Result<Issued, DirectoryError> {
        invitation.version += 1;
        let link = self.put_link(request, tenant, user, &mut invitation, changes)?;
        let details = json!({
            "userName": user.user_name,
            "invitation": invitation.id,
            "mailed": invitation.was_mailed(),
        });
        changes.audit.push(self.event(request, AuditType::InvitationResent, Target::User(user.id), details));
        changes
            .credentials
            .push(CredentialChange::Invitation(InvitationChange::Renew(Box::new(invitation.clone()))));
        Ok(Issued { invitation, link })
    }

    /// Gives an invitation a new token and all of its time, and has its link mailed. Where no mail is sent, gives the
    /// link back.
    fn put_link(
        &self,
        request: &Request,
        tenant: &TenantView,
        user: &User,
        invitation: &mut Invitation,
        changes: &mut ChangeSet,
    ) -> Result<Option<Link>, DirectoryError> {
        let internal = |error: String| DirectoryError::Failed(ProvisioningError::Internal(error));
        let Some(email) = &user.email else {
            return Err(super::conflict(
                "email_missing",
                "This user has no e-mail address to be invited at.",
            ));
        };
        let tenant = &tenant.tenant;
        let text = TokenText::generate(CredentialKind::Invitation, tenant.id)
            .map_err(|error| internal(error.to_string()))?;
        let (at, hours) = (self.now(), tenant.settings.invitation_hours.clamp(1, MOST_HOURS));
        invitation.email.clone_from(email);
        invitation.email_key = fold(email).into_owned();
        invitation.token_hash = text.hash();
        invitation.expires_at = Timestamp(at.0 + i64::from(hours) * HOUR);
        let link = Link(format!("{}/auth/pages/invitation?token={}", self.outgoing.root_url, text.expose()));
        let Some(key) = &self.outgoing.mail_key else {
            (invitation.sent_at, invitation.shown_to) = (None, request.caller.permissions);
            return Ok(Some(link));
        };
        (invitation.sent_at, invitation.shown_to) = (Some(at), Permissions::NONE);
        let mail = Mail {
            to: email.clone(),
            to_name: user.name.formatted.clone().or_else(|| user.display_name.clone()),
            tenant_name: tenant.name.clone(),
            content: Content::Invitation {
                link,
                inviter: inviter(&invitation.invited_by),
                expires_at: invitation.expires_at,
            },
        };
        let row =
            mail.seal(key, tenant.id, invitation.id.0, at).map_err(|error| internal(error.to_string()))?;
        changes.outbox.push(row);
        Ok(None)
    }
}

/// Whom the mail names: a person; what an administrator calls a key tells the invited nothing.
fn inviter(actor: &Actor) -> Option<String> {
    match actor {
        Actor::User { name, .. } => Some(name.to_string()),
        _ => None,
    }
}
