//! Single resources: create, read, replace, patch, delete (RFC 7644 §3.3, §3.4.1, §3.5, §3.6).

use poem::http::StatusCode;
use poem::{Request, Response};
use serde_json::Value;

use super::answer::{preconditions, respond};
use super::{Scim, question};
use crate::http::caller::identify;
use crate::http::error::Failure;
use crate::http::payload::read_json;
use crate::provisioning;
use crate::scim::message::PatchRequest;
use crate::scim::projection::Projection;
use crate::scim::schema::ResourceSchema;

/// Which resource type a route is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    User,
    Group,
}

impl Kind {
    /// The resource type as the caller's tenant has it.
    pub(super) fn schema(self, caller: &provisioning::Request) -> &ResourceSchema {
        let schemas = caller.user_schema().schemas;
        match self {
            Self::User => schemas.user(),
            Self::Group => schemas.group(),
        }
    }

    fn projection(self, caller: &provisioning::Request, request: &Request) -> Result<Projection, Failure> {
        question::projection(&question::search(request)?, self.schema(caller))
    }
}

fn id(request: &Request) -> String {
    request.path_params::<String>().unwrap_or_default()
}

/// `POST`: 201 with the resource and its location.
pub async fn create(scim: &Scim, kind: Kind, mut request: Request) -> Result<Response, Failure> {
    let caller = identify(&scim.authenticator, &request).await?;
    let projection = kind.projection(&caller, &request)?;
    let body = read_json(&mut request).await?;
    let answer = match kind {
        Kind::User => scim.provisioning.create_user(&caller, body, &projection).await,
        Kind::Group => scim.provisioning.create_group(&caller, body, &projection).await,
    };
    respond(StatusCode::CREATED, answer)
}

/// `GET`: 200 with the resource, or 304.
pub async fn read(scim: &Scim, kind: Kind, request: Request) -> Result<Response, Failure> {
    let caller = identify(&scim.authenticator, &request).await?;
    let projection = kind.projection(&caller, &request)?;
    let (id, conditions) = (id(&request), preconditions(&request));
    let answer = match kind {
        Kind::User => scim.provisioning.read_user(&caller, &id, &conditions, &projection).await,
        Kind::Group => scim.provisioning.read_group(&caller, &id, &conditions, &projection).await,
    };
    respond(StatusCode::OK, answer)
}

/// `PUT`: 200 with the resource.
pub async fn replace(scim: &Scim, kind: Kind, mut request: Request) -> Result<Response, Failure> {
    let caller = identify(&scim.authenticator, &request).await?;
    let projection = kind.projection(&caller, &request)?;
    let (id, conditions) = (id(&request), preconditions(&request));
    let body = read_json(&mut request).await?;
    let answer = match kind {
        Kind::User => scim.provisioning.replace_user(&caller, &id, body, &conditions, &projection).await,
        Kind::Group => scim.provisioning.replace_group(&caller, &id, body, &conditions, &projection).await,
    };
    respond(StatusCode::OK, answer)
}

/// `PATCH`: 200 with the user; 204 for a group unless attributes are asked for.
pub async fn patch(scim: &Scim, kind: Kind, mut request: Request) -> Result<Response, Failure> {
    let caller = identify(&scim.authenticator, &request).await?;
    let projection = kind.projection(&caller, &request)?;
    let (id, conditions) = (id(&request), preconditions(&request));
    let body = Value::Object(read_json(&mut request).await?);
    let operations = PatchRequest::parse(body, caller.strictness())?.operations;
    let answer = match kind {
        Kind::User => scim.provisioning.patch_user(&caller, &id, &operations, &conditions, &projection).await,
        Kind::Group => {
            scim.provisioning.patch_group(&caller, &id, operations, &conditions, &projection).await
        }
    };
    respond(StatusCode::OK, answer)
}

/// `DELETE`: 204.
pub async fn delete(scim: &Scim, kind: Kind, request: Request) -> Result<Response, Failure> {
    let caller = identify(&scim.authenticator, &request).await?;
    let (id, conditions) = (id(&request), preconditions(&request));
    match kind {
        Kind::User => scim.provisioning.delete_user(&caller, &id, &conditions).await?,
        Kind::Group => scim.provisioning.delete_group(&caller, &id, &conditions).await?,
    }
    Ok(Response::from(StatusCode::NO_CONTENT))
}
