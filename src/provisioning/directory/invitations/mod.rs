//! Invitations: an administrator asks, a link goes out, and its holder accepts it with a password of their own. The user
//! record exists from the beginning, as `invited`, and can do nothing until then.

mod issue;
mod list;
mod manage;
mod open;
mod reissue;

use std::sync::Arc;

use super::{DirectoryError, UserView};
use crate::access::Thing;
use crate::auth::SecretKey;
use crate::delivery::mail::Link;
use crate::model::Invitation;

pub use list::InvitationFilter;
pub(super) use open::{accepted, outgrown, revoked};

use super::error::Kind;

/// How links reach people.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// What clients call the server, without a slash at the end: `https://example.com`.
    pub root_url: Arc<str>,
    /// What mails are sealed with until they are sent; nothing where none is sent, and links are shown to who asks.
    pub mail_key: Option<SecretKey>,
    /// What webhooks' and second factors' secrets are sealed with, and mails whose links nobody else is ever shown; nothing
    /// at the command line, which has none of them.
    pub secret_key: Option<SecretKey>,
    /// Whether webhooks may lead to private addresses, and be plain `http`.
    pub webhook_allow_private: bool,
}

/// An invitation, and its link where it is shown: only now, for it is nowhere else.
#[derive(Clone, Debug)]
pub struct Issued {
    pub invitation: Invitation,
    pub link: Option<Link>,
}

/// What became of the wish for a user.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub view: UserView,
    /// For one who was invited.
    pub invitation: Option<Issued>,
    /// Whether the user was there already, invited before.
    pub known: bool,
}

/// What an invitation is to policies.
fn of_invitation(invitation: &Invitation) -> Thing {
    Thing::Invitation { id: invitation.id, email: Arc::from(&*invitation.email) }
}

fn conflict(code: &'static str, message: &'static str) -> DirectoryError {
    DirectoryError::refused(Kind::Conflict, code, message)
}
