//! What a new element must hold so that a value filter matches it (interop rule `create-by-filter`).

use super::ast::{AttrExp, CompareOp, CompareValue, Filter};

impl Filter {
    /// For a filter made only of `eq` joined by `and`: the attributes' names as written, each with its value. `None` for
    /// every other filter, and where a name is qualified or dotted, a value is null, or a name comes twice.
    pub fn equalities(&self) -> Option<Vec<(&str, &CompareValue)>> {
        let mut equalities = Vec::new();
        self.collect_equalities(&mut equalities)?;
        Some(equalities)
    }

    fn collect_equalities<'f>(&'f self, equalities: &mut Vec<(&'f str, &'f CompareValue)>) -> Option<()> {
        match self {
            Self::And(terms) => terms.iter().try_for_each(|term| term.collect_equalities(equalities)),
            Self::AttrExp(AttrExp::Compare { path, op: CompareOp::Eq, value }) => {
                let plain = path.schema.is_none() && path.sub_attribute.is_none();
                let repeated = equalities.iter().any(|(name, _)| name.eq_ignore_ascii_case(&path.attribute));
                if !plain || repeated || *value == CompareValue::Null {
                    return None;
                }
                equalities.push((&path.attribute, value));
                Some(())
            }
            _ => None,
        }
    }
}
