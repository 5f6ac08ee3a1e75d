//! What of a list the caller may see: where policies have a say, each element is decided by itself.

use std::collections::{BTreeSet, HashMap};

use super::{Directory, DirectoryError};
use crate::access::question::UserFacts;
use crate::access::{Changes, Thing};
use crate::auth::TenantView;
use crate::mapping::deleted::{Departed, departed};
use crate::model::{ConnectionId, Permission, UserId};
use crate::provisioning::{ProvisioningError, Request};

impl Directory {
    /// Leaves of a list what the caller may read by this permission. `thing` says what an element is to policies.
    ///
    /// # Errors
    /// A caller who may read nothing at all (403).
    pub(super) async fn keep_readable<T>(
        &self,
        request: &Request,
        permission: Permission,
        list: &mut Vec<T>,
        thing: impl Fn(&T) -> Thing,
    ) -> Result<(), DirectoryError> {
        let mut asking = self.asking(request, permission).await?;
        if asking.wants_facts() {
            list.retain(|element| match asking.about(thing(element), Changes::default()) {
                Ok(notices) => {
                    request.notices.add(notices);
                    true
                }
                Err(_) => false,
            });
        }
        Ok(())
    }

    /// What policies may want to know of these users: of those who are there, and of those who were deleted and can still
    /// be restored. Of somebody who is gone for good nothing is left but the id.
    ///
    /// # Errors
    /// The database's.
    pub(super) async fn facts_of_users(
        &self,
        view: &TenantView,
        ids: BTreeSet<UserId>,
    ) -> Result<HashMap<UserId, UserFacts>, DirectoryError> {
        let (storage, tenant) = (&self.provisioning.storage, view.tenant.id);
        let wanted = ids.iter().map(|id| id.0).collect();
        let stored = storage.lookup_users(tenant, ConnectionId::NONE, wanted).await?;
        let present = self.views(view, &stored).await?;
        let mut facts: HashMap<UserId, UserFacts> =
            present.iter().map(|user| (user.user.id, user.facts(view))).collect();
        let gone: Vec<UserId> = ids.into_iter().filter(|id| !facts.contains_key(id)).collect();
        for id in gone {
            let known = match storage.lookup_deleted_user(tenant, id, self.now()).await? {
                Some(deleted) => facts_of_departed(
                    view,
                    &departed(&deleted).map_err(|error| ProvisioningError::broken(id.0, &error))?,
                ),
                None => UserFacts::plain(id, false),
            };
            facts.insert(id, known);
        }
        Ok(facts)
    }
}

/// What policies may want to know of a user who was deleted: as it was then, in the groups that it was in directly.
pub(super) fn facts_of_departed(view: &TenantView, departed: &Departed) -> UserFacts {
    let groups = departed.memberships.iter().map(|(group, _)| *group).collect();
    UserFacts { groups, ..UserFacts::of(view, &departed.user, &[]) }
}
