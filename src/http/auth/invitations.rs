//! `/auth/invitations`: the token in the link is the credential.

use std::sync::Arc;

use poem::Request;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};

use super::NO_STORE;
use super::output::JoinedUser;
use crate::auth::password::Password;
use crate::http::admin::answer::Found;
use crate::http::admin::body::Body;
use crate::http::admin::failure::Answer;
use crate::http::admin::values::time;
use crate::http::admin::{Admin, Part};
use crate::http::caller::visit_of;
use crate::provisioning::directory::{Acceptance, Said, UserDraft};

pub(in crate::http) struct Invitations;

/// What a form for accepting an invitation shows.
#[derive(Debug, Object)]
struct OpenInvitation {
    /// The tenant's name.
    tenant: String,
    /// The address that was invited.
    email: String,
    expires_at: String,
}

/// The acceptance of an invitation.
#[derive(Object)]
#[oai(deny_unknown_fields)]
pub(super) struct AcceptedInvitation {
    /// The token in the link.
    #[oai(write_only, validator(min_length = 1, max_length = 128))]
    pub(super) token: String,
    /// Held against the tenant's password policy; never shown.
    #[oai(write_only, validator(min_length = 1, max_length = 1024))]
    password: String,
    /// Where it is given, it has to be the address that was invited.
    #[oai(validator(max_length = 320))]
    email: Option<String>,
    /// The whole name, which is split into the parts that are not given.
    #[oai(validator(min_length = 1, max_length = 512))]
    name: Option<String>,
    #[oai(validator(min_length = 1, max_length = 255))]
    given_name: Option<String>,
    #[oai(validator(min_length = 1, max_length = 255))]
    middle_name: Option<String>,
    #[oai(validator(min_length = 1, max_length = 255))]
    family_name: Option<String>,
    #[oai(validator(min_length = 1, max_length = 64))]
    honorific_prefix: Option<String>,
    #[oai(validator(min_length = 1, max_length = 64))]
    honorific_suffix: Option<String>,
    #[oai(validator(min_length = 1, max_length = 255))]
    display_name: Option<String>,
    /// A language tag (BCP 47), such as `de-CH`.
    #[oai(validator(max_length = 64))]
    locale: Option<String>,
    /// A name of the IANA time zone database, such as `Europe/Zurich`.
    #[oai(validator(max_length = 64))]
    timezone: Option<String>,
}

/// Somebody has joined.
#[derive(ApiResponse)]
enum AcceptAnswer {
    /// They are signed in, or are told what comes first.
    #[oai(status = 200)]
    Joined(Json<JoinedUser>, #[oai(header = "Cache-Control")] String),
}

#[OpenApi(prefix_path = "/auth", tag = "Part::Authentication")]
impl Invitations {
    /// Read the invitation of a link
    #[oai(path = "/invitations/:token", method = "get")]
    async fn open_invitation(
        &self,
        admin: Data<&Arc<Admin>>,
        token: Path<String>,
    ) -> Answer<Found<OpenInvitation>> {
        let (invitation, view) = admin.directory.open_invitation(&token.0).await?;
        Ok(Found::plain(OpenInvitation {
            tenant: view.tenant.name.clone(),
            email: invitation.email,
            expires_at: time(invitation.expires_at),
        }))
    }

    /// Accept an invitation
    ///
    /// The link works once. Its holder sets a password, may set their name, and is signed in: the answer is that of
    /// `/auth/login`. Where the tenant wants addresses verified and the link was not mailed to this one, a mail is sent,
    /// and the answer has no token but `next`: `email_verification_required`. A link that was shown to whoever invited ends
    /// where the user may do more by now than they may: `invitation_outgrown`.
    #[oai(path = "/invitations/accept", method = "post")]
    async fn accept_invitation(
        &self,
        request: &Request,
        admin: Data<&Arc<Admin>>,
        body: Body<AcceptedInvitation>,
    ) -> Answer<AcceptAnswer> {
        let accepted = body.check()?;
        let token = accepted.token.clone();
        let joined = admin.sign_in.accept_invitation(&visit_of(request), &token, &accepted.into()).await?;
        Ok(AcceptAnswer::Joined(Json(joined.into()), NO_STORE.to_owned()))
    }
}

impl From<AcceptedInvitation> for Acceptance {
    fn from(accepted: AcceptedInvitation) -> Self {
        fn said<T>(value: Option<T>) -> Said<T> {
            value.map(Some)
        }
        Self {
            email: accepted.email,
            password: Password::new(&accepted.password),
            session: true,
            profile: UserDraft {
                name: said(accepted.name),
                given_name: said(accepted.given_name),
                middle_name: said(accepted.middle_name),
                family_name: said(accepted.family_name),
                honorific_prefix: said(accepted.honorific_prefix),
                honorific_suffix: said(accepted.honorific_suffix),
                display_name: said(accepted.display_name),
                locale: said(accepted.locale),
                timezone: said(accepted.timezone),
                ..UserDraft::default()
            },
        }
    }
}
