//! What else somebody has to do who gave the right password, before they are signed in.

use super::verify_email::has_to_verify;
use crate::model::{TenantSettings, Timestamp, User};

const DAY: i64 = 24 * 60 * 60 * 1000;

/// One thing that has to be done first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Another address to be shown as one's own.
    Verification,
    /// Another password.
    Reset,
}

impl Step {
    /// The word for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Verification => "email_verification_required",
            Self::Reset => "password_reset_required",
        }
    }

    /// The sentence for people.
    pub fn message(self) -> &'static str {
        match self {
            Self::Verification => {
                "Your e-mail address has to be verified first; follow the link in the mail that was sent to it."
            }
            Self::Reset => "Your password has to be changed before you can sign in.",
        }
    }
}

/// The first thing that is due of a user whose password was set then. A user without an address has none to verify.
pub(super) fn due(
    settings: &TenantSettings,
    user: &User,
    password_changed_at: Timestamp,
    now: Timestamp,
) -> Option<Step> {
    if has_to_verify(settings, user) {
        return Some(Step::Verification);
    }
    let longest = settings.password_policy.max_age_days.map(|days| i64::from(days) * DAY);
    let is_old = longest.is_some_and(|longest| now.0 - password_changed_at.0 >= longest);
    (user.account.must_reset_password || is_old).then_some(Step::Reset)
}
