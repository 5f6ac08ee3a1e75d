//! `/v1/password-policy`.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::types::ToJSON as _;
use poem_openapi::{Enum, Object, OpenApi};

use super::answer::Found;
use super::body::Body;
use super::failure::Answer;
use super::session::Session;
use super::{Admin, Part};
use crate::auth::password::Password;
use crate::model::{self, PolicyPreset};
use crate::provisioning::directory::{DirectoryError, Problem};

pub(super) struct PasswordPolicies;

/// A policy that has a name: `nist` asks for 15 characters or more and none of the common passwords, `classic` for 12 to
/// 50 with one of each class, `minimal` for 5 or more; the last two forbid whitespace.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "PasswordPolicyPreset", rename_all = "snake_case")]
pub(super) enum Preset {
    Nist,
    Classic,
    Minimal,
}

/// What a tenant asks of passwords. Lengths are in Unicode scalar values after NFKC.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
struct PasswordPolicy {
    /// The preset that says the same, where one does.
    preset: Option<Preset>,
    min_length: u32,
    max_length: Option<u32>,
    /// One of A to Z.
    require_upper: bool,
    /// One of a to z.
    require_lower: bool,
    /// One of 0 to 9.
    require_digit: bool,
    /// One of `special_characters`.
    require_special: bool,
    special_characters: String,
    forbid_whitespace: bool,
    /// No part of the user's own names and addresses.
    forbid_own_data: bool,
    /// None of the passwords that many people use.
    forbid_common: bool,
    /// Words that no password may hold, in whatever case.
    denied_words: Vec<String>,
    /// The least score that zxcvbn gives, 0 to 4.
    min_strength: Option<u8>,
    /// How many former passwords cannot be used again.
    history: u32,
    /// After how many days a password has to be changed.
    max_age_days: Option<u32>,
}

/// A policy in the place of one: a preset, or the rules. A rule that is left out is not asked for.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct NewPasswordPolicy {
    preset: Option<Preset>,
    /// 1 to 128; required without a preset.
    #[oai(validator(minimum(value = "1"), maximum(value = "128")))]
    min_length: Option<u32>,
    #[oai(validator(minimum(value = "1"), maximum(value = "1024")))]
    max_length: Option<u32>,
    require_upper: Option<bool>,
    require_lower: Option<bool>,
    require_digit: Option<bool>,
    require_special: Option<bool>,
    forbid_whitespace: Option<bool>,
    forbid_own_data: Option<bool>,
    forbid_common: Option<bool>,
    /// Words that no password may hold, in whatever case: 3 to 64 characters each. They may stand beside a preset.
    #[oai(validator(max_items = 500))]
    denied_words: Option<Vec<String>>,
    #[oai(validator(minimum(value = "0"), maximum(value = "4")))]
    min_strength: Option<u8>,
    #[oai(validator(minimum(value = "0"), maximum(value = "24")))]
    history: Option<u32>,
    #[oai(validator(minimum(value = "1"), maximum(value = "36500")))]
    max_age_days: Option<u32>,
}

/// A password to be held against the policy, and what is known of its owner.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct PasswordToCheck {
    #[oai(write_only, validator(min_length = 1, max_length = 1024))]
    password: String,
    #[oai(validator(max_length = 255))]
    user_name: Option<String>,
    #[oai(validator(max_length = 320))]
    email: Option<String>,
    #[oai(validator(max_length = 512))]
    name: Option<String>,
}

/// Whether a password would do.
#[derive(Debug, Object)]
struct PasswordVerdict {
    ok: bool,
    /// Every rule that it breaks.
    rules: Vec<BrokenRule>,
}

/// A rule that a password breaks.
#[derive(Debug, Object)]
struct BrokenRule {
    /// `length`, `upper`, `lower`, `digit`, `special`, `whitespace`, `own_data`, `common`, `denied` or `strength`.
    rule: String,
    /// What would be accepted, in a sentence.
    message: String,
}

#[OpenApi(tag = "Part::PasswordPolicy")]
impl PasswordPolicies {
    /// Read the password policy
    #[oai(path = "/password-policy", method = "get")]
    async fn read_password_policy(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
    ) -> Answer<Found<PasswordPolicy>> {
        Ok(Found::plain(admin.directory.read_password_policy(&session.0).await?.into()))
    }

    /// Replace the password policy
    ///
    /// It holds for passwords that are set from now on.
    #[oai(path = "/password-policy", method = "put")]
    async fn put_password_policy(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        body: Body<NewPasswordPolicy>,
    ) -> Answer<Found<PasswordPolicy>> {
        let policy = match body.says_any(&["special_characters"]) {
            // What was read is sent back, with the preset's name beside its rules.
            true => {
                let current = admin.directory.read_password_policy(&session.0).await?;
                let shown = PasswordPolicy::from(current.clone()).to_json().unwrap_or_default();
                if shown.as_object() == Some(body.object()) {
                    current
                } else {
                    body.check()?.into_policy()?
                }
            }
            false => body.check()?.into_policy()?,
        };
        Ok(Found::plain(admin.directory.write_password_policy(&session.0, &policy).await?.into()))
    }

    /// Check a password
    ///
    /// Says which rules of the policy it would break; nothing is changed. Who is signed in is known by that.
    #[oai(path = "/password-policy/check", method = "post")]
    async fn check_password(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        body: Body<PasswordToCheck>,
    ) -> Answer<Found<PasswordVerdict>> {
        let PasswordToCheck { password, user_name, email, name } = body.check()?;
        let known: Vec<String> = [user_name, email, name].into_iter().flatten().collect();
        let broken = admin.directory.check_password(&session.0, &Password::new(&password), &known).await?;
        let rule = |violation: &crate::auth::password::Violation| BrokenRule {
            rule: violation.rule.as_str().to_owned(),
            message: violation.message.clone(),
        };
        let rules: Vec<BrokenRule> = broken.iter().flat_map(|broken| broken.iter()).map(rule).collect();
        Ok(Found::plain(PasswordVerdict { ok: rules.is_empty(), rules }))
    }
}

impl NewPasswordPolicy {
    fn into_policy(self) -> Result<model::PasswordPolicy, DirectoryError> {
        let rules = [
            ("/min_length", self.min_length.is_some()),
            ("/max_length", self.max_length.is_some()),
            ("/require_upper", self.require_upper.is_some()),
            ("/require_lower", self.require_lower.is_some()),
            ("/require_digit", self.require_digit.is_some()),
            ("/require_special", self.require_special.is_some()),
            ("/forbid_whitespace", self.forbid_whitespace.is_some()),
            ("/forbid_own_data", self.forbid_own_data.is_some()),
            ("/forbid_common", self.forbid_common.is_some()),
            ("/min_strength", self.min_strength.is_some()),
            ("/history", self.history.is_some()),
            ("/max_age_days", self.max_age_days.is_some()),
        ];
        if let Some(preset) = self.preset {
            let beside = rules.into_iter().filter(|(_, said)| *said);
            let what = "cannot stand beside 'preset'";
            let problems: Vec<Problem> =
                beside.map(|(pointer, _)| Problem::new(pointer, "not_accepted", what)).collect();
            if !problems.is_empty() {
                return Err(DirectoryError::malformed(problems));
            }
            let denied_words = self.denied_words.unwrap_or_default();
            return Ok(model::PasswordPolicy {
                denied_words,
                ..model::PasswordPolicy::preset(preset.into())
            });
        }
        let Some(min_length) = self.min_length else {
            let what = "is required, or 'preset'";
            return Err(DirectoryError::malformed(vec![Problem::new("/min_length", "required", what)]));
        };
        let asked = |said: Option<bool>| said.unwrap_or(false);
        Ok(model::PasswordPolicy {
            min_length,
            max_length: self.max_length,
            require_upper: asked(self.require_upper),
            require_lower: asked(self.require_lower),
            require_digit: asked(self.require_digit),
            require_special: asked(self.require_special),
            forbid_whitespace: asked(self.forbid_whitespace),
            forbid_own_data: asked(self.forbid_own_data),
            forbid_common: asked(self.forbid_common),
            denied_words: self.denied_words.unwrap_or_default(),
            min_strength: self.min_strength,
            history: self.history.unwrap_or(0),
            max_age_days: self.max_age_days,
        })
    }
}

impl From<PolicyPreset> for Preset {
    fn from(preset: PolicyPreset) -> Self {
        match preset {
            PolicyPreset::Nist => Self::Nist,
            PolicyPreset::Classic => Self::Classic,
            PolicyPreset::Minimal => Self::Minimal,
        }
    }
}

impl From<Preset> for PolicyPreset {
    fn from(preset: Preset) -> Self {
        match preset {
            Preset::Nist => Self::Nist,
            Preset::Classic => Self::Classic,
            Preset::Minimal => Self::Minimal,
        }
    }
}

impl From<model::PasswordPolicy> for PasswordPolicy {
    fn from(policy: model::PasswordPolicy) -> Self {
        Self {
            preset: policy.named().map(Preset::from),
            min_length: policy.min_length,
            max_length: policy.max_length,
            require_upper: policy.require_upper,
            require_lower: policy.require_lower,
            require_digit: policy.require_digit,
            require_special: policy.require_special,
            special_characters: model::PasswordPolicy::SPECIAL.to_owned(),
            forbid_whitespace: policy.forbid_whitespace,
            forbid_own_data: policy.forbid_own_data,
            forbid_common: policy.forbid_common,
            denied_words: policy.denied_words,
            min_strength: policy.min_strength,
            history: policy.history,
            max_age_days: policy.max_age_days,
        }
    }
}
