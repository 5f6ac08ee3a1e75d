//! A request's path as the log may show it.

use std::fmt;

/// Shows a path without what a client may have put there by mistake, such as an e-mail address in place of an id:
/// identifiers and plain words stay, everything else is a dash. The query string never comes here.
pub(super) struct ShownPath<'a>(pub &'a str);

/// Beyond this many segments nothing is served.
const MAX_SEGMENTS: usize = 8;
const MAX_SEGMENT: usize = 64;

impl fmt::Display for ShownPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut segments = self.0.split('/').skip(1);
        for segment in segments.by_ref().take(MAX_SEGMENTS) {
            f.write_str("/")?;
            f.write_str(if is_plain(segment) { segment } else { "-" })?;
        }
        if segments.next().is_some() { f.write_str("/-") } else { Ok(()) }
    }
}

fn is_plain(segment: &str) -> bool {
    let is_id = uuid::Uuid::try_parse(segment).is_ok();
    let is_word = segment.len() <= MAX_SEGMENT
        && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    is_id || is_word
}

#[cfg(test)]
mod tests {
    use super::ShownPath;

    #[test]
    fn ids_and_words_are_shown_and_nothing_else() {
        let shown = |path| ShownPath(path).to_string();
        assert_eq!(shown("/scim/v2/Users/.search"), "/scim/v2/Users/.search");
        let by_id = "/scim/v2/Users/0190a0a0-0000-7000-8000-000000000001";
        assert_eq!(shown(by_id), by_id);
        assert_eq!(shown("/scim/v2/Users/anna@example.com"), "/scim/v2/Users/-");
        assert_eq!(shown("/scim/v2/Users/anna%20b"), "/scim/v2/Users/-");
        assert_eq!(shown("/a/b/c/d/e/f/g/h/i/j"), "/a/b/c/d/e/f/g/h/-");
        assert_eq!(shown("/"), "/");
    }
}
