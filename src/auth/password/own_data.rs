//! What is known of a user, and so should not be in the user's password.

use unicode_normalization::UnicodeNormalization as _;

use crate::scim::fold::fold;

/// Shorter parts are in too many words.
const SHORTEST_PART: usize = 3;

/// The names and addresses of a user, in parts, folded. `ada.lovelace@example.com` has the parts `ada`, `lovelace`,
/// `ada.lovelace`, `example` and the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnData {
    parts: Vec<String>,
}

impl OwnData {
    /// The parts of these texts: user name, e-mail address, names, phone number and the like.
    pub fn new<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut parts: Vec<String> = texts.into_iter().flat_map(parts_of).collect();
        parts.retain(|part| part.chars().count() >= SHORTEST_PART);
        parts.sort_unstable();
        parts.dedup();
        Self { parts }
    }

    /// The parts, folded.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(String::as_str)
    }

    /// Whether a text that is folded has one of the parts in it.
    pub(super) fn is_in(&self, folded: &str) -> bool {
        self.parts.iter().any(|part| folded.contains(part.as_str()))
    }
}

fn parts_of(text: &str) -> Vec<String> {
    let normalised: String = text.trim().nfkc().collect();
    let whole = fold(&normalised);
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect()
    };
    let mut parts = match whole.rsplit_once('@') {
        Some((local, domain)) => {
            // The public suffix says nothing of the user: `com` is in `company`.
            let suffix = psl::suffix_str(domain).unwrap_or_default();
            let named = domain.strip_suffix(suffix).unwrap_or(domain);
            let mut parts = words(local);
            parts.extend(words(named));
            parts.push(local.to_owned());
            parts
        }
        None => words(&whole),
    };
    parts.push(whole.into_owned());
    parts
}
