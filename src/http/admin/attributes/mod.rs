//! `/v1/attributes`.

mod input;
mod values;

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::types::ToJSON as _;
use poem_openapi::{Object, OpenApi};
use serde_json::Value;

use self::input::{AttributeChange, NewAttribute};
use self::values::{AttributeMutability, AttributeType, Audience};
use super::answer::{Created, Done, Found};
use super::body::Body;
use super::failure::Answer;
use super::session::Session;
use super::values::{if_matches, time};
use super::{Admin, Part};
use crate::mapping::custom::AttributeDraft;
use crate::model::AttributeDefinition;
use crate::provisioning::directory::Values;

/// What a client reads and may send back unchanged.
const COMPUTED: [&str; 8] =
    ["name", "type", "multi_valued", "indexing", "created_at", "updated_at", "removed_at", "version"];

pub(super) struct Attributes;

/// One of the tenant's own attributes of users.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
struct Attribute {
    name: String,
    display_name: String,
    description: String,
    #[oai(rename = "type")]
    kind: AttributeType,
    required: bool,
    default: Value,
    unique: bool,
    allowed_values: Vec<Value>,
    pattern: Option<String>,
    min: Option<f64>,
    max: Option<f64>,
    multi_valued: bool,
    searchable: bool,
    mutability: AttributeMutability,
    visible_to: Vec<Audience>,
    editable_by: Vec<Audience>,
    in_tokens: bool,
    /// Whether values that users have are still being brought into the index.
    indexing: bool,
    created_at: String,
    updated_at: String,
    /// When it was removed; its values are kept for the tenant's retention time after that.
    removed_at: Option<String>,
    version: i64,
}

/// The tenant's attributes, by name.
#[derive(Debug, Object)]
struct AttributeList {
    attributes: Vec<Attribute>,
}

#[OpenApi(tag = "Part::Attributes")]
impl Attributes {
    /// List attributes
    #[oai(path = "/attributes", method = "get")]
    async fn list_attributes(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        /// Whether those are listed too that were removed and whose values are still kept.
        removed: Query<Option<bool>>,
    ) -> Answer<Found<AttributeList>> {
        let found = admin.directory.list_attributes(&session.0, removed.0.unwrap_or(false)).await?;
        let attributes = found.into_iter().map(Attribute::from).collect();
        Ok(Found::plain(AttributeList { attributes }))
    }

    /// Define an attribute
    ///
    /// It is at once part of users here and over SCIM, as the tenant's extension of User.
    #[oai(path = "/attributes", method = "post")]
    async fn create_attribute(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        body: Body<NewAttribute>,
    ) -> Answer<Created<Attribute>> {
        let draft = AttributeDraft::from(body.check()?);
        let made = admin.directory.create_attribute(&session.0, draft).await?;
        let location = format!("{}/attributes/{}", admin.base_url, made.name);
        Ok(Created { version: Some(made.version), value: made.into(), location })
    }

    /// Read an attribute
    #[oai(path = "/attributes/:name", method = "get")]
    async fn read_attribute(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        name: Path<String>,
    ) -> Answer<Found<Attribute>> {
        Ok(found(admin.directory.read_attribute(&session.0, &name.0).await?))
    }

    /// Change an attribute
    ///
    /// A JSON merge patch (RFC 7396). Name, type and whether there are several values stay; so do the values that users
    /// have, whether they match what is accepted from now on or not.
    #[oai(path = "/attributes/:name", method = "patch")]
    async fn patch_attribute(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        name: Path<String>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
        mut body: Body<AttributeChange>,
    ) -> Answer<Found<Attribute>> {
        let current = admin.directory.read_attribute(&session.0, &name.0).await?;
        let current = Attribute::from(current).to_json().unwrap_or(Value::Null);
        body.take_unchanged(&current, &COMPUTED)?;
        let patch = body.check()?.into();
        let preconditions = if_matches(if_match.0);
        Ok(found(admin.directory.update_attribute(&session.0, &name.0, patch, &preconditions).await?))
    }

    /// Remove an attribute
    ///
    /// Where users have values of it, that has to be confirmed. The values are kept for the tenant's retention time.
    #[oai(path = "/attributes/:name", method = "delete")]
    async fn delete_attribute(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        name: Path<String>,
        /// Whether it is to go although users have values of it.
        confirm: Query<Option<bool>>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
    ) -> Answer<Done> {
        let values = if confirm.0 == Some(true) { Values::Confirmed } else { Values::Unasked };
        let preconditions = if_matches(if_match.0);
        admin.directory.remove_attribute(&session.0, &name.0, values, &preconditions).await?;
        Ok(Done)
    }

    /// Restore a removed attribute
    ///
    /// With the values that are still kept.
    #[oai(path = "/attributes/:name/restore", method = "post")]
    async fn restore_attribute(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        name: Path<String>,
    ) -> Answer<Found<Attribute>> {
        Ok(found(admin.directory.restore_attribute(&session.0, &name.0).await?))
    }
}

fn found(definition: AttributeDefinition) -> Found<Attribute> {
    Found { version: Some(definition.version), value: definition.into() }
}

impl From<AttributeDefinition> for Attribute {
    fn from(definition: AttributeDefinition) -> Self {
        let audiences = |named: &std::collections::BTreeSet<crate::model::Audience>| {
            named.iter().copied().map(Audience::from).collect()
        };
        Self {
            visible_to: audiences(&definition.visible_to),
            editable_by: audiences(&definition.editable_by),
            name: definition.name,
            display_name: definition.display_name,
            description: definition.description,
            kind: definition.kind.into(),
            required: definition.required,
            default: definition.default.unwrap_or(Value::Null),
            unique: definition.unique,
            allowed_values: definition.allowed_values,
            pattern: definition.pattern,
            min: definition.min.and_then(|number| number.as_f64()),
            max: definition.max.and_then(|number| number.as_f64()),
            multi_valued: definition.multi_valued,
            searchable: definition.searchable,
            mutability: definition.mutability.into(),
            in_tokens: definition.in_tokens,
            indexing: definition.indexing,
            created_at: time(definition.created_at),
            updated_at: time(definition.updated_at),
            removed_at: definition.removed_at.map(time),
            version: definition.version,
        }
    }
}
