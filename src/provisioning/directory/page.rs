//! Pages in the order of ids.

/// Which part of a list is meant.
#[derive(Clone, Copy, Debug)]
pub struct Page<Id> {
    /// Behind which id the page begins.
    pub after: Option<Id>,
    /// How many at the most.
    pub limit: i64,
}

impl<Id> Page<Id> {
    /// Cuts a list that may have one element too many down to the page; gives where the next one begins.
    pub fn cut<T>(&self, found: &mut Vec<T>, id: impl Fn(&T) -> Id) -> Option<Id> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        if found.len() <= limit {
            return None;
        }
        found.truncate(limit);
        found.last().map(id)
    }
}
