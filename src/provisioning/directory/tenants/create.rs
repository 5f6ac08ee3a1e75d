//! A new tenant: its first connection and its first owner come with it, in one commit.

use std::fmt;

use super::settings::SettingsDraft;
use super::{name_of, require_instance};
use crate::auth::TenantView;
use crate::auth::password::Password;
use crate::mapping::custom::CustomAttributes;
use crate::model::audit::Origin;
use crate::model::{Connection, Permission, Tenant, TenantId, TenantSettings, TenantStatus, User};
use crate::provisioning::Request;
use crate::provisioning::directory::error::{DirectoryError, Kind, Problem};
use crate::provisioning::directory::users::Faults;
use crate::provisioning::directory::{Directory, UserDraft, profile};
use crate::provisioning::tenants::TenantError;
use crate::storage::{StorageError, Taken};

/// Who is to own a new tenant.
#[derive(Clone, Debug)]
pub struct OwnerDraft {
    pub user_name: String,
    pub email: Option<String>,
    /// One is made where none is given.
    pub password: Option<Password>,
}

/// What a new tenant is to be.
#[derive(Clone, Debug)]
pub struct TenantDraft {
    pub slug: String,
    pub name: String,
    pub owner: OwnerDraft,
    pub settings: SettingsDraft,
}

/// A tenant that was just made.
pub struct FoundedTenant {
    pub view: TenantView,
    pub connection: Connection,
    pub owner: User,
    /// The owner's password, where it was made here: it is nowhere else.
    pub password: Option<String>,
}

impl fmt::Debug for FoundedTenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FoundedTenant").field("view", &self.view).finish_non_exhaustive()
    }
}

impl Directory {
    /// Makes a tenant, with an owner, at the word of a credential of the instance.
    ///
    /// # Errors
    /// Another credential (403); every problem of the draft at once (422); a taken slug, host or e-mail domain (409).
    pub async fn create_tenant(
        &self,
        request: &Request,
        draft: TenantDraft,
    ) -> Result<FoundedTenant, DirectoryError> {
        require_instance(request, Permission::TenantUpdate)?;
        Self::require(request, Permission::OwnersWrite)?;
        // The tenant has no roles yet but those that every tenant has.
        let view = TenantView::new(blank(self.now()), Vec::new(), CustomAttributes::default(), false);
        let settings = Self::settle_settings(request, &view, &draft.settings)?;
        if settings.default_roles != view.tenant.settings.default_roles {
            Self::require(request, Permission::RolesAssign)?;
        }
        self.found_tenant(request.origin(), draft, settings).await
    }

    /// The same at the word of the operator, with the settings that every tenant begins with.
    ///
    /// # Errors
    /// Every problem of the draft at once (422); a taken slug (409).
    pub async fn create_operator_tenant(
        &self,
        slug: &str,
        name: &str,
        owner: OwnerDraft,
    ) -> Result<FoundedTenant, DirectoryError> {
        let settings = SettingsDraft::default();
        let draft = TenantDraft { slug: slug.to_owned(), name: name.to_owned(), owner, settings };
        self.found_tenant(Origin::system(), draft, TenantSettings::default()).await
    }

    async fn found_tenant(
        &self,
        origin: Origin,
        draft: TenantDraft,
        settings: TenantSettings,
    ) -> Result<FoundedTenant, DirectoryError> {
        let mut problems = Vec::new();
        let name = name_of(&draft.name).map_err(|problem| problems.push(problem)).unwrap_or_default();
        let mut owner = self.new_owner();
        let fields = UserDraft {
            user_name: Some(Some(draft.owner.user_name)),
            email: draft.owner.email.map(Some),
            ..UserDraft::default()
        };
        let of_owner = profile::apply(&fields, &mut owner, &settings);
        problems.extend(
            of_owner
                .into_iter()
                .map(|problem| Problem { pointer: format!("/owner{}", problem.pointer), ..problem }),
        );
        let policy = settings.password_policy.clone();
        let founding = self
            .provisioning
            .founding(&draft.slug, &name, settings, &origin)
            .map_err(|error| Problem::saying("/slug", "invalid_slug", error.to_string()));
        problems.extend(founding.as_ref().err().cloned());
        let mut faults = Faults::default();
        faults.extend(problems);
        let at = owner.created_at;
        let (password, change) = match &draft.owner.password {
            Some(password) => {
                let chosen = (password, at);
                (None, self.set_password_beside(faults, "/owner/password", &policy, &owner, chosen).await?)
            }
            None => {
                faults.settle()?;
                let (password, change) = self.generated_password(&owner).await?;
                (Some(password), change)
            }
        };
        let (tenant, connection, mut changes) =
            founding.map_err(|problem| DirectoryError::impossible(vec![problem]))?;
        self.add_owner(&owner, change, origin, &mut changes);
        match self.provisioning.storage.commit(changes).await {
            Ok(()) => {}
            Err(StorageError::Taken(Taken::TenantSlug)) => return Err(slug_taken(&draft.slug)),
            Err(error) => return Err(self.sign_in_name_taken(&tenant, error).await),
        }
        Ok(FoundedTenant {
            view: TenantView::new(tenant, Vec::new(), CustomAttributes::default(), false),
            connection,
            owner,
            password,
        })
    }
}

fn slug_taken(slug: &str) -> DirectoryError {
    let message = TenantError::SlugTaken(slug.to_owned()).to_string();
    DirectoryError::refused(Kind::Conflict, "tenant_exists", message)
}

/// A tenant before anything is said of it.
fn blank(now: crate::model::Timestamp) -> Tenant {
    Tenant {
        id: TenantId::INSTANCE,
        slug: String::new(),
        name: String::new(),
        status: TenantStatus::Active,
        settings: TenantSettings::default(),
        generation: 1,
        guard: 0,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}
