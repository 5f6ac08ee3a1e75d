//! `POST /auth/register`: somebody makes an account for themselves, with an organization of their own.

use serde_json::{Map, json};
use tokio::time::{Instant, sleep_until};

use super::super::custom::told;
use super::super::users::{Faults, PASSWORD, new_user, taken};
use super::super::{Action, DirectoryError, Problem, RefusalKind, UserDraft, profile};
use super::due::{Step, has_to_enrol};
use super::links::PACE;
use super::{Granted, SignIn, Visit, actor};
use crate::auth::TenantView;
use crate::auth::password::Password;
use crate::mapping::rows::group_row;
use crate::mapping::values::EmailAddress;
use crate::model::audit::{Actor, AuditType, Target};
use crate::model::change::{ChangeSet, GroupChange, UserChange};
use crate::model::{
    Audience, BuiltInRole, Group, GroupId, GroupKind, MemberRole, TenantSettings, TenantStatus, Timestamp,
    User,
};
use crate::scim::fold::fold;
use crate::storage::{StorageError, Taken};

/// What became of a registration.
#[derive(Debug)]
pub enum Registered {
    /// This has to be done before anybody is signed in. Where it is the address that has to be verified nobody learns whether
    /// the account was there already: whoever reads the mail that was sent, if one was, goes on from there.
    Due(Step),
    /// The account is there, and its holder is signed in.
    Made {
        granted: Box<Granted>,
        /// The organization that the user owns, and its name.
        organization: (GroupId, String),
    },
}

impl SignIn {
    /// Makes a user with the role `user` and a personal organization, and sends a mail to verify the address. Where
    /// addresses have to be verified, nobody learns whether a name or an address was taken: neither by the answer nor by
    /// the work that it takes.
    ///
    /// # Errors
    /// The tenant lets nobody register (403); every problem of the draft, with every rule of the password policy that is
    /// broken (422); a taken name or address, where that is told (409).
    pub async fn register(
        &self,
        visit: &Visit,
        tenant: Option<&str>,
        draft: &UserDraft,
        password: &Password,
    ) -> Result<Registered, DirectoryError> {
        let address = draft.email.as_ref().and_then(Option::as_deref).unwrap_or_default();
        let view = self.tenant(visit, tenant, address).await?.filter(|view| {
            view.tenant.status == TenantStatus::Active && view.tenant.settings.self_registration.enabled
        });
        let Some(view) = view else {
            let message =
                "People cannot make accounts for themselves here; ask an administrator to invite you.";
            return Err(DirectoryError::refused(RefusalKind::Forbidden, "registration_disabled", message));
        };
        let settings = &view.tenant.settings;
        let now = self.directory.now();
        let (user, faults) = drafted(draft, &view, now);
        let (policy, chosen) = (&settings.password_policy, (password, now));
        let password = self.directory.set_password_beside(faults, PASSWORD, policy, &user, chosen).await?;
        let organization = organization(&user);
        let mut changes = ChangeSet::new(view.tenant.id);
        self.insert(visit, &view, &user, &organization, &mut changes);
        changes.credentials.push(password);
        self.directory.ask_to_verify(&view, &user, now, &mut changes)?;
        if settings.email_verification_required {
            return self.register_silently(visit, &view, changes).await;
        }
        let storage = &self.directory.provisioning.storage;
        if has_to_enrol(settings, &user) {
            storage.commit(changes).await.map_err(|error| taken(error.into()))?;
            return Ok(Registered::Due(Step::Enrolment));
        }
        let permissions = view.permissions_of(&user.account.roles);
        let begun = self.new_session(visit, &view, (&user, permissions), &["pwd"], now).await?;
        let tokens = begun.write_silently(now, &mut changes);
        storage.commit(changes).await.map_err(|error| taken(error.into()))?;
        let shown = self.directory.view_of(&view, user.id).await?;
        Ok(Registered::Made {
            granted: Box::new(Granted { tokens, user: shown }),
            organization: (organization.id, organization.display_name),
        })
    }

    /// Writes the changes, or as much where they cannot be because a name or an address is taken: neither the answer nor
    /// its time tells which.
    async fn register_silently(
        &self,
        visit: &Visit,
        view: &TenantView,
        changes: ChangeSet,
    ) -> Result<Registered, DirectoryError> {
        let answered = Instant::now() + PACE;
        let storage = &self.directory.provisioning.storage;
        let tenant = view.tenant.id;
        match storage.commit(changes).await {
            Err(StorageError::Taken(taken @ (Taken::UserName | Taken::Email))) => {
                let mut changes = ChangeSet::new(tenant);
                let what = if taken == Taken::Email { "email" } else { "user_name" };
                let (kind, details) = (AuditType::RegistrationRefused, json!({ "taken": what }));
                let at = self.directory.now();
                changes.audit.push(visit.event(at, kind, Actor::System, Target::Tenant(tenant), details));
                storage.commit(changes).await?;
            }
            written => written?,
        }
        sleep_until(answered).await;
        Ok(Registered::Due(Step::Verification))
    }

    fn insert(
        &self,
        visit: &Visit,
        view: &TenantView,
        user: &User,
        organization: &Group,
        changes: &mut ChangeSet,
    ) {
        let schemas = &self.directory.provisioning.schemas;
        let at = user.created_at;
        let details = json!({
            "userName": user.user_name,
            "action": Action::Register.as_str(),
            "self_registration": true,
            "roles": [BuiltInRole::User.name()],
        });
        let target = Target::User(user.id);
        changes.audit.push(visit.event(at, AuditType::UserCreated, actor(user), target, details));
        let details = json!({
            "displayName": organization.display_name,
            "kind": organization.kind.as_str(),
            "members": [user.id],
        });
        let target = Target::Group(organization.id);
        changes.audit.push(visit.event(at, AuditType::GroupCreated, actor(user), target, details));
        changes.settings.extend(view.guard(&[user]));
        changes.users.push(UserChange::Insert {
            row: Box::new(view.user_schema().row(user)),
            index: view.user_schema().index_rows(user),
            external_id: None,
        });
        changes.groups.push(GroupChange::Insert {
            row: Box::new(group_row(schemas.group(), organization)),
            members: Vec::new(),
            external_id: None,
        });
        let owner = vec![(user.id, MemberRole::Owner)];
        changes.groups.push(GroupChange::Enrol { id: organization.id, members: owner });
    }
}

/// The user that a draft describes, and what is wrong with the draft.
fn drafted(draft: &UserDraft, view: &TenantView, now: Timestamp) -> (User, Faults) {
    let settings = &view.tenant.settings;
    let mut user = new_user(now);
    user.account.roles = vec![BuiltInRole::User.id()];
    let mut problems = profile::apply(draft, &mut user, settings);
    if user.user_name.is_empty()
        && let Some(email) = &user.email
    {
        user.user_name.clone_from(email);
    }
    // The defaults, and nothing more: whoever registers is not asked for the tenant's own attributes.
    match view.custom.create(Map::new(), Audience::Scim) {
        Ok(values) => user.custom = values,
        Err(found) => problems.extend(told(found)),
    }
    problems.extend(check(draft, &user, settings));
    let mut faults = Faults::default();
    faults.extend(problems);
    (user, faults)
}

fn check(draft: &UserDraft, user: &User, settings: &TenantSettings) -> Vec<Problem> {
    let mut problems = Vec::new();
    let domains = &settings.self_registration.domains;
    let needs_email = settings.email_verification_required || !domains.is_empty();
    match &user.email {
        Some(email) if !domains.is_empty() && !is_of(email, domains) => {
            let what = format!("has to be an address at {}", domains.join(" or "));
            problems.push(Problem::new("/email", "domain_not_allowed", what));
        }
        None if needs_email && draft.email.as_ref().is_none_or(Option::is_none) => {
            problems.push(Problem::new("/email", "required", "is required by this tenant"));
        }
        None if user.user_name.is_empty() && draft.email.is_none() && draft.user_name.is_none() => {
            let what = "is required, or 'email', which it defaults to";
            problems.push(Problem::new("/user_name", "required", what));
        }
        _ => {}
    }
    // Names come before addresses when somebody signs in: another's address as a name would shut the other out.
    if let Ok(address) = EmailAddress::parse(&user.user_name)
        && user.email.as_deref().map(fold) != Some(fold(address.as_str()))
    {
        let what = "is an e-mail address that is not yours; leave it out, or choose a name";
        problems.push(Problem::new("/user_name", "not_your_address", what));
    }
    let nameless = user.name.given.is_none() && user.name.family.is_none();
    if settings.names_required && nameless {
        problems.push(Problem::new("/name", "required", "is required by this tenant"));
    }
    problems
}

/// Whether an address, in the form that it is stored in, belongs to one of these domains.
fn is_of(email: &str, domains: &[String]) -> bool {
    let domain_of = |address: &str| address.rsplit_once('@').map(|(_, domain)| domain.to_lowercase());
    let stored = |domain: &String| {
        let address = format!("x@{domain}");
        let parsed = EmailAddress::parse(&address).map_or(address, |address| address.as_str().to_owned());
        domain_of(&parsed)
    };
    let own = domain_of(email);
    domains.iter().any(|domain| stored(domain) == own)
}

/// The organization that a user owns from the start.
fn organization(user: &User) -> Group {
    Group {
        id: GroupId::generate(),
        kind: GroupKind::Organization,
        display_name: format!("{}'s Organization", user.user_name),
        external_id: None,
        roles: Vec::new(),
        profile: Map::new(),
        created_at: user.created_at,
        updated_at: user.created_at,
        version: 1,
    }
}
