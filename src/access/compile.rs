//! A tenant's own policies: parsed, held against the schema, and taken apart into statements.

use std::collections::HashSet;
use std::str::FromStr;
use std::sync::Arc;

use cedar_policy::ffi::DetailedError;
use cedar_policy::{EntityUid, Policy, PolicyId, PolicySet, ValidationMode, ValidationWarning};

use super::policy::{PolicyMistake, PolicyRef, Statement, TenantPolicy};
use super::scan::{self, MAX_STATEMENTS, Scan};
use super::vocabulary::Vocabulary;
use crate::model::Role;
use crate::scim::fold::fold;

/// The most policies of a tenant.
pub const MAX_POLICIES: usize = 200;

/// The most octets of all of a tenant's policies together. Holding policies against the schema takes milliseconds a kilobyte.
pub const MAX_TOTAL_BYTES: usize = 256 * 1024;

/// The most characters of a notice, which becomes a header.
pub const MAX_NOTICE: usize = 500;

/// The most mistakes that are told of one policy.
const MAX_MISTAKES: usize = 20;

/// How far a policy may follow references: to the attributes of who asks and of what it is about, no further, because
/// nothing else is known when a question is asked.
const MAX_DEREFERENCES: u32 = 1;

/// Reads a tenant's policies. With `roles` strictly: they have to be as the schema says, and the roles that they name have
/// to be among these.
///
/// # Errors
/// What is wrong with them, policy by policy.
pub(super) fn read(
    policies: &[TenantPolicy],
    roles: Option<&[Role]>,
) -> Result<Vec<Statement>, Vec<PolicyMistake>> {
    if let Some(first_too_many) = policies.get(MAX_POLICIES) {
        let message = format!("A tenant has at most {MAX_POLICIES} policies.");
        return Err(vec![Text(first_too_many).mistake(0, message)]);
    }
    let names: Option<HashSet<_>> =
        roles.map(|roles| roles.iter().map(|role| fold(&role.name).into_owned()).collect());
    let (mut statements, mut mistakes, mut seen, mut octets) = (Vec::new(), Vec::new(), 0, 0);
    for policy in policies {
        octets += policy.text.len();
        if octets > MAX_TOTAL_BYTES {
            let message = format!("A tenant's policies have at most {MAX_TOTAL_BYTES} octets in all.");
            mistakes.push(Text(policy).mistake(0, message));
            break;
        }
        match Text(policy).read(names.as_ref()) {
            Ok(found) => {
                seen += found.len();
                if seen > MAX_STATEMENTS {
                    let message =
                        format!("A tenant's policies have at most {MAX_STATEMENTS} statements in all.");
                    mistakes.push(Text(policy).mistake(0, message));
                    break;
                }
                statements.extend(found.into_iter().filter(|_| policy.enabled));
            }
            Err(found) => mistakes.extend(found.into_iter().take(MAX_MISTAKES)),
        }
    }
    if mistakes.is_empty() { Ok(statements) } else { Err(mistakes) }
}

/// A policy and its text.
struct Text<'a>(&'a TenantPolicy);

impl Text<'_> {
    fn read(&self, roles: Option<&HashSet<String>>) -> Result<Vec<Statement>, Vec<PolicyMistake>> {
        let scan = scan::scan(&self.0.text).map_err(|(at, message)| vec![self.mistake(at, message)])?;
        let set = PolicySet::from_str(&self.0.text).map_err(|errors| {
            errors.iter().map(|error| self.cedar(error.into(), &scan)).collect::<Vec<_>>()
        })?;
        let mut statements = Vec::with_capacity(scan.statements.len());
        let mut mistakes = Vec::new();
        for (number, start) in scan.statements.iter().enumerate() {
            match set.policy(&PolicyId::new(format!("policy{number}"))) {
                Some(policy) => match self.statement(policy, number + 1) {
                    Ok(statement) => statements.push(statement),
                    Err(message) => mistakes.push(self.mistake(*start, message)),
                },
                None => mistakes
                    .push(self.mistake(*start, "This is not a statement that Cedar knows.".to_owned())),
            }
        }
        if statements.is_empty() && mistakes.is_empty() {
            mistakes.push(
                self.mistake(0, "A policy has at least one statement: permit (…); or forbid (…);".to_owned()),
            );
        }
        if let Some(roles) = roles {
            mistakes.extend(self.against_schema(&set, &scan));
            mistakes.extend(self.unknown_roles(&scan, roles));
        }
        mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
        // Cedar checks a statement for each kind of principal and resource, and tells a mistake each time.
        mistakes.dedup_by_key(|mistake| (mistake.line, mistake.column));
        if mistakes.is_empty() { Ok(statements) } else { Err(mistakes) }
    }

    fn statement(&self, policy: &Policy, number: usize) -> Result<Statement, String> {
        let notice = policy.annotation("notice").map(notice).transpose()?;
        let cedar = policy.new_id(PolicyId::new(format!("{}/{number}", self.0.id)));
        let policy_ref = PolicyRef {
            id: Arc::from(self.0.id.to_string()),
            name: Arc::clone(&self.0.name),
            statement: number,
            effect: policy.effect().into(),
            built_in: false,
        };
        Ok(Statement { policy: policy_ref, text: Arc::from(policy.to_string().trim()), notice, cedar })
    }

    fn against_schema(&self, set: &PolicySet, scan: &Scan) -> Vec<PolicyMistake> {
        let validator = &Vocabulary::get().validator;
        let result = validator.validate_with_level(set, ValidationMode::Strict, MAX_DEREFERENCES);
        let errors: Vec<_> =
            result.validation_errors().map(|error| (error.policy_id(), DetailedError::from(error))).collect();
        // A statement that can never apply is a mistake, and so is a text that does not read as it looks. A name in
        // another script is neither.
        let warnings = result
            .validation_warnings()
            .filter(|warning| !matches!(warning, ValidationWarning::MixedScriptString(_)))
            .map(|warning| (warning.policy_id(), DetailedError::from(warning)));
        let found = if errors.is_empty() { warnings.collect() } else { errors };
        found
            .into_iter()
            .map(|(id, mut error)| {
                // Cedar names the statement by its place in the text. Our mistakes say line and column.
                error.message = error.message.replace(&format!("for policy `{id}`, "), "");
                self.cedar(error, scan)
            })
            .collect()
    }

    fn unknown_roles(&self, scan: &Scan, roles: &HashSet<String>) -> Vec<PolicyMistake> {
        let unknown = |at: &std::ops::Range<usize>| {
            let literal = self.0.text.get(at.clone())?;
            let uid = EntityUid::from_str(&format!("Provost::Role::{literal}")).ok()?;
            let name = uid.id().unescaped();
            let message = if roles.contains(name) {
                return None;
            } else if roles.contains(&*fold(name)) {
                format!("Policies name roles in lower case: \"{}\".", fold(name))
            } else {
                format!("There is no role {literal} in this tenant.")
            };
            Some(self.mistake(at.start, message))
        };
        scan.roles.iter().filter_map(unknown).collect()
    }

    /// What Cedar found.
    fn cedar(&self, error: DetailedError, scan: &Scan) -> PolicyMistake {
        let place = error.source_locations.iter().map(|label| label.loc.start).min();
        let at = place.or(scan.statements.first().copied()).unwrap_or(0);
        let mut message = error.message;
        if let Some(help) = error.help {
            message = format!("{message} ({help})");
        }
        self.mistake(at, message)
    }

    fn mistake(&self, offset: usize, message: String) -> PolicyMistake {
        let (line, column) = scan::position(&self.0.text, offset);
        PolicyMistake { policy: self.0.name.to_string(), line, column, message }
    }
}

fn notice(text: &str) -> Result<Arc<str>, String> {
    if text.trim().is_empty() {
        return Err("A @notice says something: @notice(\"Changes are frozen until Monday.\").".to_owned());
    }
    if text.chars().count() > MAX_NOTICE {
        return Err(format!("A @notice has at most {MAX_NOTICE} characters."));
    }
    if text.chars().any(char::is_control) {
        return Err("A @notice is one line without control characters.".to_owned());
    }
    Ok(Arc::from(text))
}
