//! From the `Authorization` header to the caller (RFC 7644 §2, RFC 6750 §2.1).

use std::sync::Arc;

use poem::http::header::{AUTHORIZATION, HOST, USER_AGENT};

use super::edge::RequestContext;
use super::error::Failure;
use super::notice;
use crate::access::question::Channel;
use crate::auth::{AuthError, Authenticator, Caller};
use crate::mapping::values::HostName;
use crate::model::{Actor, Origin};
use crate::provisioning;
use crate::provisioning::directory::Visit;

/// How much of a `User-Agent` an audit event keeps.
const USER_AGENT_CHARS: usize = 256;

/// Finds out who calls.
///
/// # Errors
/// 401 without a bearer token or with one that is not valid; 503 when the database cannot say.
pub async fn identify(
    authenticator: &Authenticator,
    request: &poem::Request,
) -> Result<provisioning::Request, Failure> {
    let header = request.headers().get(AUTHORIZATION);
    let Some(header) = header else {
        return Err(Failure::unauthorized(
            "A bearer token is required: send 'Authorization: Bearer <token>'.",
        ));
    };
    let token = header.to_str().ok().and_then(|text| text.split_once(' '));
    let Some((_, token)) = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")) else {
        return Err(Failure::invalid_token("The Authorization header has to be 'Bearer <token>'."));
    };
    let caller = authenticator.authenticate(token.trim()).await.map_err(credential_failure)?;
    if caller.tenant.is_none() {
        return Err(Failure::forbidden("A key of the instance opens no tenant's SCIM endpoints."));
    }
    Ok(provisioning::Request { channel: Channel::Scim, ..request_of(request, caller) })
}

/// What a caller who is not let in is told.
pub fn credential_failure(error: AuthError) -> Failure {
    match error {
        AuthError::Invalid => Failure::invalid_token(error.to_string()),
        AuthError::Suspended => Failure::forbidden(error.to_string()).with_code("tenant_suspended"),
        AuthError::Storage(error) => provisioning::ProvisioningError::Storage(error).into(),
    }
}

/// The request as use cases know it: who calls, and from where.
pub fn request_of(request: &poem::Request, caller: Arc<Caller>) -> provisioning::Request {
    let Origin { request_id, ip, user_agent, .. } = origin_of(request);
    let (channel, notices) = (Channel::Api, notice::of(request));
    provisioning::Request { caller, request_id, ip, user_agent, channel, notices }
}

/// Where a request comes from whose caller is nobody yet.
pub fn origin_of(request: &poem::Request) -> Origin {
    let Visit { request_id, ip, user_agent, .. } = visit_of(request);
    Origin { actor: Actor::System, request_id, ip, user_agent }
}

/// The request as use cases know it where nobody has shown yet who calls.
pub fn visit_of(request: &poem::Request) -> Visit {
    let context = RequestContext::of(request);
    Visit {
        request_id: context.map(|context| Arc::from(context.id.as_str())),
        ip: context.map(|context| context.client.ip),
        user_agent: user_agent(request),
        host: host(request),
    }
}

/// RFC 9113 §8.3.1: HTTP/2 has the host in the URL's authority.
fn host(request: &poem::Request) -> Option<HostName> {
    let header = || request.headers().get(HOST).and_then(|value| value.to_str().ok());
    HostName::of_authority(request.uri().authority().map(|authority| authority.as_str()).or_else(header)?)
}

fn user_agent(request: &poem::Request) -> Option<Arc<str>> {
    let header = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok());
    header.map(|text| Arc::from(beginning(text)))
}

fn beginning(text: &str) -> &str {
    text.char_indices().nth(USER_AGENT_CHARS).map_or(text, |(end, _)| text.get(..end).unwrap_or(text))
}
