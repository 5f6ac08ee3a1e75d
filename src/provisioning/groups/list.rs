//! `GET /Groups` and `POST /Groups/.search` (RFC 7644 §3.4.2, §3.4.3).

use super::super::answer::streamed;
use super::super::{Answer, Provisioning, ProvisioningError, Request};
use super::RESOURCE_TYPE;
use crate::access::{Changes, Thing};
use crate::model::Permission;
use crate::scim::message::SearchRequest;
use crate::scim::projection::Projection;

impl Provisioning {
    /// A page of groups. Members are read as they are written, and not at all if they are not wanted.
    ///
    /// # Errors
    /// A filter, sort or projection that cannot be (400), a missing scope (403).
    pub async fn list_groups(
        &self,
        request: &Request,
        search: &SearchRequest,
        projection: &Projection,
    ) -> Result<Answer, ProvisioningError> {
        self.authorize(request, Permission::GroupsRead, Thing::Tenant, Changes::default()).await?;
        let page = self.page(request, self.schemas.group(), RESOURCE_TYPE, search)?;
        let groups = match page.query.limit {
            0 => Vec::new(),
            _ => self.storage.list_groups(&page.query).await?,
        };
        let total = match page.total_if_known(groups.len()) {
            Some(total) => total,
            None => self.storage.count_groups(&page.query).await?,
        };
        let found = groups.len();
        let groups = self.readable_groups(request, groups).await?;
        let total = page.total_of_readable(total, found, groups.len());
        let (this, tenant, projection) = (self.clone(), request.caller.tenant_id, projection.clone());
        let body = streamed(&self.slow_readers, move |mut writer| async move {
            page.push_head(writer.text(), total, groups.len());
            for (position, group) in groups.iter().enumerate() {
                if position > 0 {
                    writer.text().push(',');
                }
                this.push_group(&mut writer, tenant, group, &projection).await?;
                writer.flush_if_full().await?;
            }
            writer.text().push_str("]}");
            Ok(writer)
        })
        .await?;
        Ok(Answer { location: None, etag: None, body })
    }
}
