//! `POST /Users` (RFC 7644 §3.3).

use serde_json::{Map, Value};

use super::super::role_mappings::map_roles;
use super::super::{Answer, Provisioning, ProvisioningError, Request};
use crate::mapping::user::{Occasion, to_model};
use crate::model::{Account, AuthProvider, Permission, UserId};
use crate::scim::error::ScimError;
use crate::scim::projection::Projection;
use crate::scim::schema::validate;

impl Provisioning {
    /// Makes a user.
    ///
    /// # Errors
    /// What validation refuses (400), a taken userName (409), a missing scope (403), the database's failure.
    pub async fn create_user(
        &self,
        request: &Request,
        body: Map<String, Value>,
        projection: &Projection,
    ) -> Result<Answer, ProvisioningError> {
        self.admit(request, Permission::UsersCreate).await?;
        let schema = request.user_schema();
        let validated = validate::create(schema.scim(), body, request.strictness())?;
        let (attributes, custom) = schema
            .take_extension(None, validated.attributes)
            .map_err(|problems| ScimError::from(&problems))?;
        let (now, order) = (self.clock.now(), request.name_order());
        let mut user = to_model(attributes, UserId::generate(), now, Occasion::Create, order)?;
        user.custom = custom;
        user.account = match request.caller.is_connection() {
            true => Account::provisioned(request.caller.connection_id()),
            false => Account::new(AuthProvider::Scim),
        };
        let said = validated.password.as_ref().filter(|_| request.accepts_passwords());
        if said.is_some() {
            // Who has a password here signs in here.
            user.account.auth_provider = AuthProvider::Local;
        }
        let mapped = map_roles(&request.caller, None, &mut user);
        self.authorize_new_user(request, &user).await?;
        let password = self.first_password(request, &user, said).await?;
        let document = self
            .commit_user(request, &mut user, |user| {
                let mut changes = self.insertion(request, user, &validated.ignored, &mapped);
                changes.credentials.extend(password.clone());
                changes
            })
            .await?;
        self.written(request, &user, document, false, projection).await
    }
}
