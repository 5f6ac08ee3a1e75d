//! What people hear who sign in or register.

use poem_openapi::{Object, Union};
use serde_json::Value;
use uuid::Uuid;

use crate::auth::mfa::RecoveryCode;
use crate::http::admin::users::User;
use crate::http::admin::values::{names, time};
use crate::model::{GroupId, NamePart};
use crate::provisioning::directory::{Granted, Joined, Step, Tokens, UserView};

/// Where nothing has to be done before.
const SIGN_IN: &str = "sign_in";

/// An access token, and whose it is.
#[derive(Object)]
pub(super) struct SignedIn {
    /// A JWT (RFC 7519); send it as `Authorization: Bearer`.
    access_token: String,
    /// `Bearer`
    token_type: String,
    /// For how many seconds it works.
    expires_in: i64,
    /// For another access token, once, at `/auth/refresh`.
    refresh_token: String,
    /// For how many seconds the refresh token works.
    refresh_expires_in: i64,
    user: User,
}

/// An access token, whose it is, and the organization that was made.
#[derive(Object)]
pub(super) struct RegisteredUser {
    #[oai(flatten)]
    signed_in: SignedIn,
    organization: PersonalOrganization,
}

/// An access token, and the recovery codes of the second factor that was just set up.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(super) struct EnrolledUser {
    #[oai(flatten)]
    signed_in: SignedIn,
    /// Codes that stand in for a lost device, each once; shown only now.
    recovery_codes: Option<Vec<String>>,
}

/// The organization that a user owns from the start.
#[derive(Object)]
struct PersonalOrganization {
    id: Uuid,
    name: String,
}

/// What comes after an invitation was accepted.
#[allow(clippy::large_enum_variant, reason = "an answer is made once and sent")]
#[derive(Union)]
#[oai(one_of = true)]
pub(super) enum JoinedUser {
    SignedIn(SignedIn),
    Waiting(WaitingUser),
}

/// Somebody who has something to do before they are signed in.
#[derive(Object)]
pub(super) struct WaitingUser {
    user: User,
    /// `email_verification_required`: a link was mailed to the address. `mfa_enrolment_required`: sign in to set a second
    /// factor up. `sign_in`: nothing else.
    next: String,
}

/// That something has to be done before signing in.
#[derive(Object)]
pub(super) struct RegistrationPending {
    /// `email_verification_required`, or `mfa_enrolment_required`: sign in to set a second factor up.
    next: String,
    message: String,
}

/// Who is signed in: claims of OpenID Connect Core §5.1, and what the tenant says.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(super) struct UserInfo {
    /// The user's id.
    sub: Uuid,
    tenant_id: Uuid,
    preferred_username: String,
    name: Option<String>,
    given_name: Option<String>,
    middle_name: Option<String>,
    family_name: Option<String>,
    email: Option<String>,
    email_verified: bool,
    phone_number: Option<String>,
    locale: Option<String>,
    zoneinfo: Option<String>,
    updated_at: String,
    /// The names of the roles given directly.
    roles: Vec<String>,
    /// What all roles together allow, those through groups included.
    permissions: Vec<String>,
}

impl From<Granted> for SignedIn {
    fn from(granted: Granted) -> Self {
        let Tokens { access, refresh, refresh_expires_at } = granted.tokens;
        let claims = &access.claims;
        Self {
            expires_in: claims.exp - claims.iat,
            refresh_expires_in: refresh_expires_at.0.div_euclid(1000) - claims.iat,
            refresh_token: refresh.expose().to_owned(),
            access_token: access.text,
            token_type: "Bearer".to_owned(),
            user: granted.user.into(),
        }
    }
}

impl From<(Granted, Vec<RecoveryCode>)> for EnrolledUser {
    fn from((granted, codes): (Granted, Vec<RecoveryCode>)) -> Self {
        let codes: Vec<String> = codes.iter().map(RecoveryCode::text).collect();
        Self { signed_in: granted.into(), recovery_codes: (!codes.is_empty()).then_some(codes) }
    }
}

impl RegisteredUser {
    pub(super) fn new(granted: Granted, (id, name): (GroupId, String)) -> Self {
        Self { signed_in: granted.into(), organization: PersonalOrganization { id: id.0, name } }
    }
}

impl From<Joined> for JoinedUser {
    fn from(joined: Joined) -> Self {
        match joined {
            Joined::SignedIn(granted) => Self::SignedIn((*granted).into()),
            Joined::Due(step, user) => {
                Self::Waiting(WaitingUser { user: (*user).into(), next: step.code().to_owned() })
            }
            Joined::Ready(user) => {
                Self::Waiting(WaitingUser { user: (*user).into(), next: SIGN_IN.to_owned() })
            }
        }
    }
}

impl From<Step> for RegistrationPending {
    fn from(step: Step) -> Self {
        let message = match step {
            Step::Verification => {
                "A mail was sent to the address, if nobody has it here yet; follow its link, then sign in."
            }
            Step::Factor | Step::Enrolment | Step::Reset => {
                "The account is there. Sign in to do what is asked for first."
            }
        };
        Self { next: step.code().to_owned(), message: message.to_owned() }
    }
}

impl From<UserView> for UserInfo {
    fn from(view: UserView) -> Self {
        let user = view.user;
        let text = |part: Option<NamePart>| part.map(|part| part.text);
        let profile = |name: &str| user.profile.get(name).and_then(Value::as_str).map(str::to_owned);
        Self {
            sub: user.id.0,
            tenant_id: view.tenant_id.0,
            locale: profile("locale"),
            zoneinfo: profile("timezone"),
            preferred_username: user.user_name,
            name: user.name.formatted.or(user.display_name),
            given_name: text(user.name.given),
            middle_name: text(user.name.middle),
            family_name: text(user.name.family),
            email: user.email,
            email_verified: user.account.email_verified,
            phone_number: user.phone,
            updated_at: time(user.updated_at),
            roles: view.roles,
            permissions: names(view.permissions),
        }
    }
}
