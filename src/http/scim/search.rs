//! Lists and searches (RFC 7644 §3.4.2, §3.4.3).

use poem::http::StatusCode;
use poem::{Request, Response};
use serde_json::Value;

use super::answer::respond;
use super::resources::Kind;
use super::{Scim, question};
use crate::http::caller::identify;
use crate::http::error::Failure;
use crate::http::payload::read_json;
use crate::provisioning;
use crate::scim::message::SearchRequest;

/// `GET` with a query.
pub async fn by_query(scim: &Scim, kind: Kind, request: Request) -> Result<Response, Failure> {
    let caller = identify(&scim.authenticator, &request).await?;
    let search = question::search(&request)?;
    list(scim, kind, &caller, &search).await
}

/// `POST …/.search` with the query as its body.
pub async fn by_body(scim: &Scim, kind: Kind, mut request: Request) -> Result<Response, Failure> {
    let caller = identify(&scim.authenticator, &request).await?;
    let search = SearchRequest::parse(Value::Object(read_json(&mut request).await?))?;
    list(scim, kind, &caller, &search).await
}

/// `POST /.search`: users and groups together (RFC 7644 §3.4.2.1).
pub async fn of_all(scim: &Scim, mut request: Request) -> Result<Response, Failure> {
    let caller = identify(&scim.authenticator, &request).await?;
    let search = SearchRequest::parse(Value::Object(read_json(&mut request).await?))?;
    let users = question::projection(&search, Kind::User.schema(&caller))?;
    let groups = question::projection(&search, Kind::Group.schema(&caller))?;
    respond(StatusCode::OK, scim.provisioning.search_all(&caller, &search, &users, &groups).await)
}

async fn list(
    scim: &Scim,
    kind: Kind,
    caller: &provisioning::Request,
    search: &SearchRequest,
) -> Result<Response, Failure> {
    let projection = question::projection(search, kind.schema(caller))?;
    let answer = match kind {
        Kind::User => scim.provisioning.list_users(caller, search, &projection).await,
        Kind::Group => scim.provisioning.list_groups(caller, search, &projection).await,
    };
    respond(StatusCode::OK, answer)
}
