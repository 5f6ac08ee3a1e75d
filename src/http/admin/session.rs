//! Who calls the admin API, and for which tenant.

use std::sync::Arc;

use poem::http::HeaderMap;
use poem::http::header::AUTHORIZATION;
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use uuid::Uuid;

use super::Admin;
use crate::auth::Caller;
use crate::http::caller::{credential_failure, request_of};
use crate::http::error::Failure;
use crate::model::TenantId;
use crate::provisioning;

const BEARER: &str = "bearer";
const API_KEY: &str = "api_key";
const API_KEY_HEADER: &str = "X-API-Key";
const TENANT_HEADER: &str = "X-Tenant-ID";

/// A caller within a tenant: every operation on a tenant's data asks for one.
pub struct Session(pub provisioning::Request);

impl<'a> ApiExtractor<'a> for Session {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        registry.create_security_scheme(
            BEARER,
            MetaSecurityScheme {
                ty: "http",
                description: Some("A user's access token, or an API key."),
                name: None,
                key_in: None,
                scheme: Some("bearer"),
                bearer_format: None,
                flows: None,
                openid_connect_url: None,
            },
        );
        registry.create_security_scheme(
            API_KEY,
            MetaSecurityScheme {
                ty: "apiKey",
                description: Some(
                    "An API key. One of the instance needs X-Tenant-ID beside it, except on the instance's own routes.",
                ),
                name: Some(API_KEY_HEADER),
                key_in: Some("header"),
                scheme: None,
                bearer_format: None,
                flows: None,
                openid_connect_url: None,
            },
        );
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![BEARER, API_KEY]
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        let admin = request.data::<Arc<Admin>>().ok_or_else(|| Failure::internal("no admin API here"))?;
        Ok(Self::of(admin, request).await?)
    }
}

impl Session {
    /// Who sends this request.
    ///
    /// # Errors
    /// 401 without a credential that is good, 400 and 403 where the tenant is not settled.
    pub async fn of(admin: &Admin, request: &Request) -> Result<Self, Failure> {
        let caller = caller(admin, request).await?;
        let caller = within_tenant(admin, caller, request.headers()).await?;
        Ok(Self(request_of(request, caller)))
    }
}

/// A caller who need not have named a tenant: a credential of the instance may speak for the instance itself. Only the
/// instance's own routes ask for one.
pub struct InstanceSession(pub provisioning::Request);

impl<'a> ApiExtractor<'a> for InstanceSession {
    const TYPES: &'static [ApiExtractorType] = Session::TYPES;

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        Session::register(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        Session::security_schemes()
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        let admin = request.data::<Arc<Admin>>().ok_or_else(|| Failure::internal("no admin API here"))?;
        let mut caller = caller(admin, request).await?;
        if !caller.is_instance() || request.headers().contains_key(TENANT_HEADER) {
            caller = within_tenant(admin, caller, request.headers()).await?;
        }
        Ok(Self(request_of(request, caller)))
    }
}

async fn caller(admin: &Admin, request: &Request) -> Result<Arc<Caller>, Failure> {
    let credential = credential(request.headers())?;
    let caller = admin.authenticator.authenticate(credential).await.map_err(credential_failure)?;
    if caller.is_connection() {
        return Err(Failure::forbidden(
            "This is a SCIM token; the admin API takes a user's access token or an API key.",
        )
        .with_code("wrong_credential"));
    }
    Ok(caller)
}

fn credential(headers: &HeaderMap) -> Result<&str, Failure> {
    if let Some(header) = headers.get(AUTHORIZATION) {
        let token = header.to_str().ok().and_then(|text| text.split_once(' '));
        return match token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")) {
            Some((_, token)) => Ok(token.trim()),
            None => Err(Failure::invalid_token("The Authorization header has to be 'Bearer <token>'.")),
        };
    }
    match headers.get(API_KEY_HEADER).map(|key| key.to_str()) {
        Some(Ok(key)) => Ok(key.trim()),
        Some(Err(_)) => Err(Failure::invalid_token("The X-API-Key header holds no API key.")),
        None => Err(Failure::unauthorized(
            "A credential is required: send 'Authorization: Bearer <token>' or 'X-API-Key: <key>'.",
        )),
    }
}

/// The tenant that is meant: the credential's, which `X-Tenant-ID` may repeat, or for a credential of the instance the
/// one that it names.
async fn within_tenant(
    admin: &Admin,
    caller: Arc<Caller>,
    headers: &HeaderMap,
) -> Result<Arc<Caller>, Failure> {
    let Some(header) = headers.get(TENANT_HEADER) else {
        if caller.is_instance() {
            return Err(Failure::new(
                poem::http::StatusCode::BAD_REQUEST,
                "A credential of the instance has to say which tenant is meant: send 'X-Tenant-ID: <id>'.",
            )
            .with_code("tenant_required"));
        }
        return Ok(caller);
    };
    let named = header.to_str().ok().and_then(|text| Uuid::try_parse(text.trim()).ok()).ok_or_else(|| {
        Failure::new(poem::http::StatusCode::BAD_REQUEST, "'X-Tenant-ID' has to be a UUID.")
            .with_code("invalid_tenant_id")
    })?;
    if !caller.is_instance() {
        if caller.tenant_id == TenantId(named) {
            return Ok(caller);
        }
        return Err(Failure::forbidden("'X-Tenant-ID' names another tenant than the credential's.")
            .with_code("tenant_mismatch"));
    }
    let within = admin.authenticator.within(&caller, TenantId(named)).await;
    let within = within.map_err(|error| Failure::from(provisioning::ProvisioningError::Storage(error)))?;
    within.ok_or_else(|| Failure::not_found(format!("Tenant '{named}' was not found.")))
}
