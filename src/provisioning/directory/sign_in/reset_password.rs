//! Another password for somebody without a session: by a link that was mailed (`POST /auth/password/reset`), or because
//! signing in asks for it (`POST /auth/challenge/password`).

use super::super::DirectoryError;
use super::attempts::{Attempt, forgive};
use super::challenge::{Challenged, Shown};
use super::due::Step;
use super::links::{Follower, ended};
use super::login::obstacle;
use super::verify_email::write_self;
use super::{Granted, SignIn, Visit};
use crate::auth::TenantView;
use crate::auth::password::Password;
use crate::delivery::mail::Content;
use crate::model::change::{ChangeSet, CredentialChange};
use crate::model::{OneTimeKind, Timestamp, User};
use crate::scim::fold::fold;

impl SignIn {
    /// Gives the user whose link this is another password. All sessions end, failed sign-ins are forgotten, and the owner
    /// of the address is told afterwards. The link shows that its bearer reads that address's mail.
    ///
    /// # Errors
    /// 410, the same for a link that is unknown, expired, used, of an address that is no longer the user's, or of somebody
    /// who cannot sign in; 422 naming every rule of the password policy that is broken.
    pub async fn reset_password(
        &self,
        visit: &Visit,
        token: &str,
        password: &Password,
    ) -> Result<(), DirectoryError> {
        self.following(token, OneTimeKind::ResetPassword, |this, follower| async move {
            this.reset_of(visit, follower, password).await
        })
        .await
    }

    async fn reset_of(
        &self,
        visit: &Visit,
        follower: Follower,
        password: &Password,
    ) -> Result<(), DirectoryError> {
        let Follower { view, user, token } = follower;
        if obstacle(&view, &user).is_some() || user.email.as_deref().map(fold) != Some(fold(&token.email)) {
            return Err(ended());
        }
        let now = self.directory.now();
        let mut changes = ChangeSet::new(view.tenant.id);
        changes.credentials.push(CredentialChange::UseOneTimeToken { id: token.id, at: now });
        let mut after = user.clone();
        after.account.email_verified = true;
        self.put_password(visit, &view, (&user, after), (password, now), &mut changes).await?;
        forgive(&user, &mut changes);
        self.directory.write_mail(
            &view,
            &user,
            token.email,
            Content::PasswordChanged { at: now },
            &mut changes,
        )?;
        self.directory.provisioning.storage.commit(changes).await?;
        self.directory.authenticator.forget(view.tenant.id).await;
        Ok(())
    }

    /// Gives somebody another password whom signing in asks for one, and goes on.
    ///
    /// # Errors
    /// As [`SignIn::resume`]; 422 naming every rule of the password policy that is broken, the present password's among
    /// them.
    pub async fn choose_password(
        &self,
        visit: &Visit,
        challenge: &str,
        password: &Password,
    ) -> Result<Granted, DirectoryError> {
        self.challenging(challenge, |this, challenged| async move {
            this.expects(&challenged, Step::Reset, challenge).await?;
            let Challenged { view, user, shown, .. } = &challenged;
            let policy = &view.tenant.settings.password_policy;
            this.directory.check_other(policy, &challenged.password, password).await?;
            let (now, mut changes) = (this.directory.now(), ChangeSet::new(view.tenant.id));
            let user = (user, user.clone());
            let after = this.put_password(visit, view, user, (password, now), &mut changes).await?;
            let attempt = Attempt::of_user(visit.ip, view.tenant.id, &after);
            let shown = Shown { password_changed_at: now, ..*shown };
            let granted = this.go_on(visit, view, &after, shown, (&attempt, changes)).await?;
            this.directory.authenticator.forget(view.tenant.id).await;
            Ok(granted)
        })
        .await
    }

    /// Adds to the changes another password of somebody without a session, which the policy is asked about; all sessions
    /// end. Gives the user as it is then.
    async fn put_password(
        &self,
        visit: &Visit,
        view: &TenantView,
        (user, mut after): (&User, User),
        (password, now): (&Password, Timestamp),
        changes: &mut ChangeSet,
    ) -> Result<User, DirectoryError> {
        let policy = &view.tenant.settings.password_policy;
        let set = self.directory.set_password(policy, user, password, now).await?;
        self.directory.check_history(policy, view.tenant.id, user.id, password).await?;
        changes.credentials.push(set);
        changes.credentials.push(CredentialChange::EndSessions { user_id: user.id, except: None, at: now });
        after.account.must_reset_password = false;
        let mut changed = vec!["password"];
        let (was, is) = (&user.account, &after.account);
        changed.extend((was.must_reset_password != is.must_reset_password).then_some("must_reset_password"));
        changed.extend((was.email_verified != is.email_verified).then_some("email_verified"));
        Ok(write_self(visit, view, (user, after), &changed, now, changes))
    }
}
