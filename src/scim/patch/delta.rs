//! What several changes of a Group's members come to.

use std::collections::HashMap;

use super::members::MemberOperation;
use super::reference::MemberReference;

/// The net change of a Group's members: first `clear`, then `remove` and `add`, which have no id in common. Adding a
/// member who is one and removing one who is none change nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberDelta {
    /// Whether all members before the PATCH go; `remove` is empty then.
    pub clear: bool,
    /// Each id once, in the order in which they were added.
    pub add: Vec<MemberReference>,
    /// Each id once, in the order in which they were removed.
    pub remove: Vec<String>,
}

impl MemberDelta {
    /// Folds `operations` in their order.
    ///
    /// A filter cannot be folded without the members it selects from: the caller turns each
    /// [`MemberOperation::RemoveWhere`] into a `Remove` first. One that is left selects nobody.
    pub fn fold(operations: &[MemberOperation]) -> Self {
        let mut fates = Fates::default();
        for operation in operations {
            match operation {
                MemberOperation::Add(members) => fates.add(members),
                MemberOperation::Replace(members) => {
                    fates.clear();
                    fates.add(members);
                }
                MemberOperation::Remove(ids) => fates.remove(ids),
                MemberOperation::RemoveAll => fates.clear(),
                MemberOperation::RemoveWhere(_) => {}
            }
        }
        fates.into_delta()
    }

    /// Whether nothing is to be done.
    pub fn is_empty(&self) -> bool {
        !self.clear && self.add.is_empty() && self.remove.is_empty()
    }
}

/// What the operations so far mean for each id that they name; with the turn, for the order.
#[derive(Default)]
struct Fates<'o> {
    clear: bool,
    turn: usize,
    fates: HashMap<&'o str, (usize, Fate<'o>)>,
}

enum Fate<'o> {
    Added(&'o MemberReference),
    Removed,
}

impl<'o> Fates<'o> {
    fn clear(&mut self) {
        self.clear = true;
        self.fates.clear();
    }

    fn add(&mut self, members: &'o [MemberReference]) {
        for member in members {
            if let Some((_, Fate::Added(first))) = self.fates.get_mut(member.value.as_str()) {
                if first.kind.is_none() {
                    *first = member;
                }
            } else {
                self.set(&member.value, Fate::Added(member));
            }
        }
    }

    fn remove(&mut self, ids: &'o [String]) {
        for id in ids {
            if self.clear {
                self.fates.remove(id.as_str());
            } else if !matches!(self.fates.get(id.as_str()), Some((_, Fate::Removed))) {
                self.set(id, Fate::Removed);
            }
        }
    }

    fn set(&mut self, id: &'o str, fate: Fate<'o>) {
        self.fates.insert(id, (self.turn, fate));
        self.turn += 1;
    }

    fn into_delta(self) -> MemberDelta {
        let mut fates: Vec<(&str, (usize, Fate<'_>))> = self.fates.into_iter().collect();
        fates.sort_unstable_by_key(|(_, (turn, _))| *turn);
        let mut delta = MemberDelta { clear: self.clear, ..MemberDelta::default() };
        for (id, (_, fate)) in fates {
            match fate {
                Fate::Added(member) => delta.add.push(member.clone()),
                Fate::Removed => delta.remove.push(id.to_owned()),
            }
        }
        delta
    }
}
