//! Everything that is wrong with what is said of a user, told together.

use super::super::custom::refused;
use super::super::error::{DirectoryError, Problem, Refusal};
use super::super::{Directory, UserDraft};
use crate::auth::TenantView;
use crate::model::RoleId;

/// What was found so far.
#[derive(Debug, Default)]
pub(in crate::provisioning::directory) struct Faults {
    fields: Vec<Problem>,
    /// Refusals that have a code of their own, each with where in the body it comes from.
    refusals: Vec<(Refusal, Vec<Problem>)>,
}

impl Faults {
    /// Adds problems of single fields.
    pub fn extend(&mut self, problems: impl IntoIterator<Item = Problem>) {
        self.fields.extend(problems);
    }

    /// Adds what was refused for these problems.
    ///
    /// # Errors
    /// What is no refusal.
    pub fn add(&mut self, error: DirectoryError, problems: Vec<Problem>) -> Result<(), DirectoryError> {
        match error {
            DirectoryError::Refused(refusal) => self.refusals.push((*refusal, problems)),
            failed @ DirectoryError::Failed(_) => return Err(failed),
        }
        Ok(())
    }

    /// Whether the field at `pointer` is at fault already.
    pub fn is_at(&self, pointer: &str) -> bool {
        self.fields.iter().any(|problem| problem.pointer == pointer)
    }

    /// Refuses what is at fault: with the code of the refusal where there is nothing else, and with every detail.
    ///
    /// # Errors
    /// 422, or 400 where a field is not known.
    pub fn settle(self) -> Result<(), DirectoryError> {
        let mut problems = self.fields;
        let alone = problems.is_empty() && self.refusals.len() == 1;
        problems.extend(self.refusals.iter().flat_map(|(_, problems)| problems.iter().cloned()));
        if problems.is_empty() && self.refusals.is_empty() {
            return Ok(());
        }
        let mut error = refused(problems);
        for (refusal, _) in self.refusals {
            if let DirectoryError::Refused(told) = &mut error {
                if alone {
                    (told.kind, told.code, told.message) = (refusal.kind, refusal.code, refusal.message);
                }
                told.details.extend(refusal.details);
            }
        }
        Err(error)
    }
}

impl Directory {
    /// The roles that a draft names, if it names any. What is wrong with them is among the faults.
    ///
    /// # Errors
    /// What is no refusal.
    pub(super) fn roles_said(
        view: &TenantView,
        draft: &UserDraft,
        faults: &mut Faults,
    ) -> Result<Option<Vec<RoleId>>, DirectoryError> {
        let Some(names) = &draft.roles else { return Ok(None) };
        let error = match Self::roles_named(view, names) {
            Ok(roles) => return Ok(Some(roles)),
            Err(error) => error,
        };
        let unknown = names.iter().enumerate().filter(|(_, name)| view.role_named(name).is_none());
        let problem = |(position, _)| Problem::unknown_role(&format!("/roles/{position}"));
        let mut problems: Vec<Problem> = unknown.map(problem).collect();
        if names.is_empty() {
            problems.push(Problem::new("/roles", "required", "has to name at least one role"));
        }
        faults.add(error, problems)?;
        Ok(None)
    }
}
