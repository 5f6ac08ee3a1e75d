//! Case folding, in one place, so that the database and the evaluator compare the very same strings.

use std::borrow::Cow;

/// Folds `text` for comparison without case (RFC 7643 §2.2, `caseExact: false`): each character is taken to lower, upper
/// and again to lower case, which also joins `ẞ`, `ß` and `SS`, and both lower-case sigmas. Context-free and idempotent,
/// so a folded prefix is a prefix of the folded text.
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Cow::Owned(text.to_ascii_lowercase());
        }
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .flat_map(char::to_lowercase)
            .flat_map(char::to_uppercase)
            .flat_map(char::to_lowercase)
            .collect(),
    )
}

/// Folds unless the attribute is caseExact.
pub fn fold_unless(case_exact: bool, text: &str) -> Cow<'_, str> {
    if case_exact { Cow::Borrowed(text) } else { fold(text) }
}
