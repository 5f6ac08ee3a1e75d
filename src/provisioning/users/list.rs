//! `GET /Users` and `POST /Users/.search` (RFC 7644 §3.4.2, §3.4.3).

use super::super::{Answer, Body, Provisioning, ProvisioningError, Request};
use super::RESOURCE_TYPE;
use crate::access::{Changes, Thing};
use crate::model::Permission;
use crate::scim::message::SearchRequest;
use crate::scim::projection::Projection;

impl Provisioning {
    /// A page of users.
    ///
    /// # Errors
    /// A filter, sort or projection that cannot be (400), a missing scope (403).
    pub async fn list_users(
        &self,
        request: &Request,
        search: &SearchRequest,
        projection: &Projection,
    ) -> Result<Answer, ProvisioningError> {
        self.authorize(request, Permission::UsersRead, Thing::Tenant, Changes::default()).await?;
        let page = self.page(request, request.user_schema().scim(), RESOURCE_TYPE, search)?;
        let users = match page.query.limit {
            0 => Vec::new(),
            _ => self.storage.list_users(&page.query).await?,
        };
        let total = match page.total_if_known(users.len()) {
            Some(total) => total,
            None => self.storage.count_users(&page.query).await?,
        };
        let found = users.len();
        let users = self.readable_users(request, users).await?;
        let total = page.total_of_readable(total, found, users.len());
        let groups = self.groups_for(request, &users, projection).await?;
        let mut text = String::with_capacity(200 + users.len() * 1500);
        page.push_head(&mut text, total, users.len());
        for (position, user) in users.iter().enumerate() {
            if position > 0 {
                text.push(',');
            }
            self.push_user(&mut text, request.user_schema(), user, &groups, projection)?;
        }
        text.push_str("]}");
        Ok(Answer { location: None, etag: None, body: Body::Whole(text) })
    }
}
