//! What else somebody has to do who gave the right password, before they are signed in.

use super::verify_email::has_to_verify;
use crate::model::{TenantSettings, Timestamp, User};

const DAY: i64 = 24 * 60 * 60 * 1000;

/// One thing that has to be done first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A code of a second factor.
    Factor,
    /// A second factor, where there has to be one.
    Enrolment,
    /// An address to be shown as one's own.
    Verification,
    /// Another password.
    Reset,
}

impl Step {
    /// The word for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Factor => "mfa_required",
            Self::Enrolment => "mfa_enrolment_required",
            Self::Verification => "email_verification_required",
            Self::Reset => "password_reset_required",
        }
    }

    /// The sentence for people.
    pub fn message(self) -> &'static str {
        match self {
            Self::Factor => "Give a code of your second factor, or a recovery code.",
            Self::Enrolment => "A second factor has to be set up before you can sign in.",
            Self::Verification => {
                "Your e-mail address has to be verified first; follow the link in the mail that was sent to it."
            }
            Self::Reset => "Your password has to be changed before you can sign in.",
        }
    }
}

/// What is known of the second factor of somebody who signs in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Factors {
    /// Whether there is one that counts.
    pub enrolled: bool,
    /// Whether a code of it was given, or it was just enrolled.
    pub shown: bool,
}

/// The first thing that is due of a user whose password was set then: the second factor, then the address, then the
/// password. A user without an address has none to verify.
pub(super) fn due(
    settings: &TenantSettings,
    user: &User,
    factors: Factors,
    password_changed_at: Timestamp,
    now: Timestamp,
) -> Option<Step> {
    match factors {
        // What an administrator wants gone does not count any more.
        _ if user.account.must_reset_mfa => return Some(Step::Enrolment),
        Factors { shown: true, .. } => {}
        Factors { enrolled: true, .. } => return Some(Step::Factor),
        Factors { enrolled: false, .. } if has_to_enrol(settings, user) => return Some(Step::Enrolment),
        Factors { .. } => {}
    }
    if has_to_verify(settings, user) {
        return Some(Step::Verification);
    }
    let longest = settings.password_policy.max_age_days.map(|days| i64::from(days) * DAY);
    let is_old = longest.is_some_and(|longest| now.0 - password_changed_at.0 >= longest);
    (user.account.must_reset_password || is_old).then_some(Step::Reset)
}

/// Whether somebody cannot sign in without a second factor.
pub(super) fn has_to_enrol(settings: &TenantSettings, user: &User) -> bool {
    settings.mfa_required || user.account.must_enrol_mfa || user.account.must_reset_mfa
}
