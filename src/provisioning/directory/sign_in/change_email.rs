//! `POST /auth/email` and `/auth/email/confirm`: people change their own address. The new one is shown to be theirs by a
//! link, and the old one is told.

use tokio::time::{Instant, sleep_until};

use super::super::mfa::Holder;
use super::super::users::taken;
use super::super::{Directory, DirectoryError, Problem};
use super::links::{Follower, PACE, ended};
use super::verify_email::write_self;
use super::{SignIn, Visit};
use crate::access::Changes;
use crate::auth::password::Password;
use crate::delivery::mail::Content;
use crate::mapping::values::EmailAddress;
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, CredentialChange};
use crate::model::{OneTimeKind, Permission, Standing, UserId};
use crate::provisioning::Request;
use crate::scim::fold::fold;
use crate::storage::StorageError;

impl SignIn {
    /// Mails a link to the address that somebody who is signed in wants instead of the present one, unless somebody has it
    /// already: nobody learns that. The address changes when the link is followed.
    ///
    /// # Errors
    /// A text that is no address, a wrong password (422); a policy that forbids it (403); too many wrong ones (429).
    pub async fn change_email(
        &self,
        request: &Request,
        user: UserId,
        email: &str,
        password: &Password,
    ) -> Result<(), DirectoryError> {
        let directory = &self.directory;
        let view = Directory::tenant(request)?;
        directory.admit(request, &[Permission::SelfUpdate]).await?;
        let current = directory.view_of(view, user).await?;
        directory
            .authorize_user(request, &[Permission::SelfUpdate], &current, Changes::of(["email"]))
            .await?;
        let address = EmailAddress::parse(email.trim()).map_err(|error| {
            DirectoryError::impossible(vec![Problem::saying("/email", "invalid", error.to_string())])
        })?;
        let (now, kind) = (directory.now(), OneTimeKind::ChangeEmail);
        let mut changes = ChangeSet::new(view.tenant.id);
        let holder = Holder::of_request(request, view, &current.user);
        directory.confirm_password(&holder, password, &mut changes).await?;
        let details = serde_json::json!({});
        changes.audit.push(directory.event(
            request,
            AuditType::EmailChangeRequested,
            Target::User(user),
            details,
        ));
        let answered = Instant::now() + PACE;
        let storage = &directory.provisioning.storage;
        let holder = storage.holder_of_email(view.tenant.id, &fold(address.as_str())).await?;
        let told = changes.clone();
        if holder.is_none() && directory.may_be_mailed(view, &current.user, kind, now).await? {
            directory.mail_one(view, &current.user, address.as_str().to_owned(), kind, &mut changes)?;
        }
        let written = match storage.commit(changes).await {
            // Asked for twice at once: one mail is on its way.
            Err(StorageError::Stale) => storage.commit(told).await,
            written => written,
        };
        sleep_until(answered).await;
        Ok(written?)
    }

    /// Gives the user whose link this is the address that it was mailed to, and tells the old one.
    ///
    /// # Errors
    /// 410, the same for a link that is unknown, expired or used, and for a user who cannot sign in; 409 where somebody
    /// has the address meanwhile.
    pub async fn confirm_email(&self, visit: &Visit, token: &str) -> Result<(), DirectoryError> {
        self.following(token, OneTimeKind::ChangeEmail, |this, follower| async move {
            this.confirm_of(visit, follower).await
        })
        .await
    }

    async fn confirm_of(&self, visit: &Visit, follower: Follower) -> Result<(), DirectoryError> {
        let Follower { view, user: before, token } = follower;
        if before.account.standing != Standing::Normal || before.active == Some(false) {
            return Err(ended());
        }
        let now = self.directory.now();
        let mut changes = ChangeSet::new(view.tenant.id);
        changes.credentials.push(CredentialChange::UseOneTimeToken { id: token.id, at: now });
        // Another address that was asked for, and what was mailed to the old one, are over.
        for kind in [OneTimeKind::ChangeEmail, OneTimeKind::ResetPassword, OneTimeKind::VerifyEmail] {
            changes.credentials.push(CredentialChange::EndOneTimeTokens {
                user_id: before.id,
                kind,
                at: now,
            });
        }
        let mut after = before.clone();
        after.email = Some(token.email.clone());
        after.account.email_verified = true;
        let old = before.email.clone().filter(|old| fold(old) != fold(&token.email));
        for to in old.into_iter().chain([token.email.clone()]) {
            let content = Content::EmailChanged { email: token.email.clone(), at: now };
            self.directory.write_mail(&view, &before, to, content, &mut changes)?;
        }
        let _written =
            write_self(visit, &view, (&before, after), &["email", "email_verified"], now, &mut changes);
        let written = self.directory.provisioning.storage.commit(changes).await;
        written.map_err(|error| taken(error.into()))
    }
}
