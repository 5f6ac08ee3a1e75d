//! What is said of a webhook, and what of it will do.

use crate::access::Changes;
use crate::delivery::webhook::Endpoint;
use crate::model::AuditType;
use crate::model::webhook::{Webhook, is_told};
use crate::provisioning::directory::error::{DirectoryError, Problem};
use crate::provisioning::directory::{Directory, Said};

/// What is said of a webhook; `None` says nothing.
#[derive(Clone, Debug, Default)]
pub struct WebhookDraft {
    pub url: Option<String>,
    /// Which events it wants; none listed means all.
    pub event_types: Option<Vec<String>>,
    pub description: Said<String>,
    pub enabled: Option<bool>,
}

impl WebhookDraft {
    /// What policies are told of the change.
    pub(super) fn changes(&self) -> Changes {
        let said = [
            ("url", self.url.is_some()),
            ("event_types", self.event_types.is_some()),
            ("description", self.description.is_some()),
            ("enabled", self.enabled.is_some()),
        ];
        Changes::of(said.into_iter().filter(|(_, is)| *is).map(|(name, _)| name))
    }
}

impl Directory {
    /// The webhook as the draft wants it.
    ///
    /// # Errors
    /// A URL that will not do or an unknown event type (422).
    pub(super) fn applied(
        &self,
        draft: &WebhookDraft,
        mut webhook: Webhook,
    ) -> Result<Webhook, DirectoryError> {
        if let Some(url) = &draft.url {
            webhook.url = self.endpoint(url)?.to_string();
        }
        if let Some(types) = &draft.event_types {
            webhook.event_types = event_types(types.clone())?;
        }
        if let Some(description) = &draft.description {
            webhook.description.clone_from(description);
        }
        webhook.enabled = draft.enabled.unwrap_or(webhook.enabled);
        Ok(webhook)
    }

    pub(super) fn endpoint(&self, url: &str) -> Result<Endpoint, DirectoryError> {
        Endpoint::parse(url, self.outgoing.webhook_allow_private).map_err(|error| {
            DirectoryError::impossible(vec![Problem::saying("/url", "invalid_url", error.to_string())])
        })
    }
}

/// These event types, each once.
///
/// # Errors
/// 422, naming every one that webhooks are not told of.
pub(super) fn event_types(mut names: Vec<String>) -> Result<Vec<String>, DirectoryError> {
    let problems: Vec<Problem> = names
        .iter()
        .enumerate()
        .filter(|(_, name)| !AuditType::of_name(name).is_some_and(is_told))
        .map(|(position, _)| {
            let what = "is not an event that webhooks are told of; GET /v1/webhook-event-types lists them";
            Problem::new(&format!("/event_types/{position}"), "unknown_event_type", what)
        })
        .collect();
    if !problems.is_empty() {
        return Err(DirectoryError::impossible(problems));
    }
    names.sort_unstable();
    names.dedup();
    Ok(names)
}
