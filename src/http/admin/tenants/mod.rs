//! `/v1/tenants`.

mod input;
mod output;

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::ToJSON as _;
use poem_openapi::{ApiResponse, OpenApi};
use uuid::Uuid;

use super::answer::{Created, Found};
use super::body::Body;
use super::failure::Answer;
use super::session::InstanceSession;
use super::values::{cursor, if_matches, page};
use super::{Admin, Part};
use crate::auth::TenantView;
use crate::model::{TenantId, TenantStatus};
use input::{NewTenant, TenantPatch};
use output::{NewTenantAnswer, Tenant, TenantList};

/// What a client reads and may send back unchanged.
const COMPUTED: [&str; 6] = ["id", "slug", "status", "created_at", "updated_at", "version"];

pub(super) struct Tenants;

/// A removal that was begun.
#[derive(ApiResponse)]
enum Removal {
    /// The tenant is being removed.
    #[oai(status = 202, content_type = "application/json; charset=utf-8")]
    Begun(Json<Tenant>),
}

#[OpenApi(tag = "Part::Tenants")]
impl Tenants {
    /// Create a tenant
    ///
    /// With its first connection and its first owner, whose password is shown once where none is given. For credentials
    /// of the instance.
    #[oai(path = "/tenants", method = "post")]
    async fn create_tenant(
        &self,
        admin: Data<&Arc<Admin>>,
        session: InstanceSession,
        body: Body<NewTenant>,
    ) -> Answer<Created<NewTenantAnswer>> {
        let made = admin.directory.create_tenant(&session.0, body.check()?.into_draft()).await?;
        let location = format!("{}/tenants/{}", admin.base_url, made.view.tenant.id);
        Ok(Created { version: Some(made.view.tenant.version), value: made.into(), location })
    }

    /// List tenants
    ///
    /// The oldest first. For credentials of the instance.
    #[oai(path = "/tenants", method = "get")]
    async fn list_tenants(
        &self,
        admin: Data<&Arc<Admin>>,
        session: InstanceSession,
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))] limit: Query<Option<i64>>,
        /// `next_cursor` of the page before.
        #[oai(name = "cursor")]
        after: Query<Option<String>>,
    ) -> Answer<Found<TenantList>> {
        let page = page(limit.0, after.0.as_deref(), TenantId)?;
        let (tenants, next) = admin.directory.list_tenants(&session.0, page).await?;
        let tenants = tenants.iter().map(Tenant::from).collect();
        Ok(Found::plain(TenantList { tenants, next_cursor: cursor(next.map(|id| id.0)) }))
    }

    /// Read a tenant
    ///
    /// A tenant's own credentials read their own tenant.
    #[oai(path = "/tenants/:id", method = "get")]
    async fn read_tenant(
        &self,
        admin: Data<&Arc<Admin>>,
        session: InstanceSession,
        id: Path<Uuid>,
    ) -> Answer<Found<Tenant>> {
        Ok(found(&admin.directory.read_tenant(&session.0, TenantId(id.0)).await?))
    }

    /// Change a tenant
    ///
    /// Its name and its settings (RFC 7396: what is left out stays). A tenant's own credentials change their own tenant.
    #[oai(path = "/tenants/:id", method = "patch")]
    async fn patch_tenant(
        &self,
        admin: Data<&Arc<Admin>>,
        session: InstanceSession,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
        mut body: Body<TenantPatch>,
    ) -> Answer<Found<Tenant>> {
        if body.says_any(&COMPUTED) {
            let current = admin.directory.read_tenant(&session.0, TenantId(id.0)).await?;
            body.take_unchanged(&Tenant::from(&current).to_json().unwrap_or_default(), &COMPUTED)?;
        }
        let patch = body.check()?.into_patch();
        let preconditions = if_matches(if_match.0);
        let view = admin.directory.update_tenant(&session.0, TenantId(id.0), &patch, &preconditions).await?;
        Ok(found(&view))
    }

    /// Suspend a tenant
    ///
    /// None of its credentials works any more, everywhere within a second. For credentials of the instance, which still
    /// work in it.
    #[oai(path = "/tenants/:id/suspend", method = "post")]
    async fn suspend_tenant(
        &self,
        admin: Data<&Arc<Admin>>,
        session: InstanceSession,
        id: Path<Uuid>,
    ) -> Answer<Found<Tenant>> {
        turn(&admin, &session, id.0, TenantStatus::Suspended).await
    }

    /// End a tenant's suspension
    ///
    /// For credentials of the instance.
    #[oai(path = "/tenants/:id/unsuspend", method = "post")]
    async fn unsuspend_tenant(
        &self,
        admin: Data<&Arc<Admin>>,
        session: InstanceSession,
        id: Path<Uuid>,
    ) -> Answer<Found<Tenant>> {
        turn(&admin, &session, id.0, TenantStatus::Active).await
    }

    /// Delete a tenant
    ///
    /// Only a suspended one. It cannot be reached from this moment on, and everything of it is removed in the background,
    /// its audit log included; until then it is listed with the status `deleting`, and its slug is taken. There is no way
    /// back. For credentials of the instance.
    #[oai(path = "/tenants/:id", method = "delete")]
    async fn delete_tenant(
        &self,
        admin: Data<&Arc<Admin>>,
        session: InstanceSession,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
    ) -> Answer<Removal> {
        let preconditions = if_matches(if_match.0);
        let view = admin.directory.delete_tenant(&session.0, TenantId(id.0), &preconditions).await?;
        Ok(Removal::Begun(Json(Tenant::from(&view))))
    }
}

async fn turn(admin: &Admin, session: &InstanceSession, id: Uuid, to: TenantStatus) -> Answer<Found<Tenant>> {
    Ok(found(&admin.directory.turn_tenant(&session.0, TenantId(id), to).await?))
}

fn found(view: &TenantView) -> Found<Tenant> {
    Found { version: Some(view.tenant.version), value: view.into() }
}
