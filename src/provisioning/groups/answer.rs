//! A group as the client is told of it.

use futures_util::TryStreamExt;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::answer::{Writer, behind_schemas, push_json, push_meta, streamed};
use super::super::preconditions::etag;
use super::super::{Answer, Provisioning, ProvisioningError, Request};
use super::RESOURCE_TYPE;
use crate::model::group::MemberRow;
use crate::model::query::StoredGroup;
use crate::model::{GroupId, TenantId};
use crate::scim::projection::Projection;
use crate::scim::schema::datetime::format_datetime;

impl Provisioning {
    /// The URL of a group.
    pub(in crate::provisioning) fn group_location(&self, id: Uuid) -> String {
        format!("{}/Groups/{id}", self.base_url)
    }

    /// The answer about a stored group. Its members are read after the group was, so they are never older than its
    /// entity tag says: a client that changes what it read is told by 412, not by lost members.
    pub(super) async fn group_answer(
        &self,
        request: &Request,
        stored: StoredGroup,
        projection: &Projection,
    ) -> Result<Answer, ProvisioningError> {
        let location = self.group_location(stored.id);
        let etag = etag(stored.version);
        let (this, tenant, projection) = (self.clone(), request.caller.tenant_id, projection.clone());
        let body = streamed(&self.slow_readers, move |mut writer| async move {
            this.push_group(&mut writer, tenant, &stored, &projection).await?;
            Ok(writer)
        })
        .await?;
        Ok(Answer { location: Some(location), etag: Some(etag), body })
    }

    /// Writes one group and, unless they are not wanted, its members as they are read.
    pub(in crate::provisioning) async fn push_group(
        &self,
        writer: &mut Writer,
        tenant: TenantId,
        group: &StoredGroup,
        projection: &Projection,
    ) -> Result<(), ProvisioningError> {
        self.push_head(writer.text(), group, projection)?;
        if projection.wants("members") {
            let mut members = self.storage.members(tenant, GroupId(group.id))?;
            let mut opening = ",\"members\":[";
            let mut any = false;
            while let Some(row) = members.try_next().await? {
                writer.text().push_str(opening);
                self.push_member(writer.text(), &row, projection);
                (opening, any) = (",", true);
                writer.flush_if_full().await?;
            }
            if any {
                writer.text().push(']');
            }
        }
        writer.text().push('}');
        Ok(())
    }

    /// Everything but the members, left open at the end.
    fn push_head(
        &self,
        out: &mut String,
        group: &StoredGroup,
        projection: &Projection,
    ) -> Result<(), ProvisioningError> {
        if projection.is_default() {
            let document = &group.document;
            let (schemas, rest) = document.split_at(behind_schemas(document));
            out.push_str(schemas);
            out.push_str(",\"id\":\"");
            out.push_str(group.id.hyphenated().encode_lower(&mut Uuid::encode_buffer()));
            out.push('"');
            if let Some(external_id) = &group.external_id {
                out.push_str(",\"externalId\":");
                push_json(out, external_id);
            }
            out.push_str(rest.strip_suffix('}').unwrap_or(rest));
            out.push(',');
            let location = self.group_location(group.id);
            push_meta(out, RESOURCE_TYPE, group.created_at, group.updated_at, group.version, &location);
            return Ok(());
        }
        let shown = projection.apply(self.schemas.group(), self.group_document(group)?);
        let text = Value::Object(shown).to_string();
        out.push_str(text.strip_suffix('}').unwrap_or(&text));
        Ok(())
    }

    fn group_document(&self, group: &StoredGroup) -> Result<Map<String, Value>, ProvisioningError> {
        let mut document: Map<String, Value> = serde_json::from_str(&group.document)
            .map_err(|error| ProvisioningError::broken(group.id, &error))?;
        document.insert("id".to_owned(), json!(group.id));
        if let Some(external_id) = &group.external_id {
            document.insert("externalId".to_owned(), json!(external_id));
        }
        document.insert(
            "meta".to_owned(),
            json!({
                "resourceType": RESOURCE_TYPE,
                "created": format_datetime(group.created_at),
                "lastModified": format_datetime(group.updated_at),
                "version": etag(group.version),
                "location": self.group_location(group.id),
            }),
        );
        Ok(document)
    }

    fn push_member(&self, out: &mut String, row: &MemberRow, projection: &Projection) {
        let (kind, location) = self.member_kind(row.member);
        let id = row.member.id().to_string();
        let parts = [
            ("value", &*id),
            ("$ref", &*location),
            ("type", kind),
            ("display", row.display.as_deref().unwrap_or_default()),
        ];
        let mut opening = '{';
        for (name, value) in parts {
            if !value.is_empty() && projection.wants_sub("members", name) {
                out.push(opening);
                push_json(out, name);
                out.push(':');
                push_json(out, value);
                opening = ',';
            }
        }
        out.push_str(if opening == '{' { "{}" } else { "}" });
    }
}
