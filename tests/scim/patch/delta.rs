//! The net change of a Group's members (RFC 7644 §3.5.2: operations apply in their order).

use std::collections::BTreeSet;

use proptest::prelude::*;
use provost::scim::patch::{MemberDelta, MemberOperation, MemberReference};

fn member(id: &str, kind: Option<&str>) -> MemberReference {
    MemberReference { value: id.to_owned(), kind: kind.map(str::to_owned) }
}

fn add(ids: &[&str]) -> MemberOperation {
    MemberOperation::Add(ids.iter().map(|id| member(id, None)).collect())
}

fn remove(ids: &[&str]) -> MemberOperation {
    MemberOperation::Remove(ids.iter().map(|&id| id.to_owned()).collect())
}

/// Each id once, in the order of its last word; the first mention of an added member counts, unless a later one knows
/// its type.
#[test]
fn folds_in_order() {
    let delta = MemberDelta::fold(&[
        add(&["a", "b", "a"]),
        remove(&["c", "b", "c"]),
        MemberOperation::Add(vec![member("d", None), member("a", Some("User")), member("a", Some("Group"))]),
        add(&["c"]),
    ]);
    assert_eq!(
        delta,
        MemberDelta {
            clear: false,
            add: vec![member("a", Some("User")), member("d", None), member("c", None)],
            remove: vec!["b".to_owned()],
        }
    );
}

/// After everybody was removed there is nobody left to remove.
#[test]
fn clearing_forgets_what_came_before() {
    let delta = MemberDelta::fold(&[
        add(&["a"]),
        remove(&["b"]),
        MemberOperation::RemoveAll,
        add(&["c", "d"]),
        remove(&["c", "e"]),
    ]);
    assert_eq!(delta, MemberDelta { clear: true, add: vec![member("d", None)], remove: vec![] });
    let replaced = MemberDelta::fold(&[add(&["a"]), MemberOperation::Replace(vec![member("b", None)])]);
    assert_eq!(replaced, MemberDelta { clear: true, add: vec![member("b", None)], remove: vec![] });
}

#[test]
fn tells_whether_there_is_anything_to_do() {
    assert!(MemberDelta::fold(&[]).is_empty());
    assert!(MemberDelta::fold(&[remove(&[])]).is_empty());
    assert!(!MemberDelta::fold(&[remove(&["a"])]).is_empty());
    assert!(!MemberDelta::fold(&[add(&["a"])]).is_empty());
    assert!(!MemberDelta::fold(&[MemberOperation::RemoveAll]).is_empty());
}

fn any_ids() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[a-f]", 0..4)
}

fn any_operation() -> impl Strategy<Value = MemberOperation> {
    let members = || any_ids().prop_map(|ids| ids.iter().map(|id| member(id, None)).collect::<Vec<_>>());
    prop_oneof![
        4 => members().prop_map(MemberOperation::Add),
        4 => any_ids().prop_map(MemberOperation::Remove),
        1 => members().prop_map(MemberOperation::Replace),
        1 => Just(MemberOperation::RemoveAll),
    ]
}

/// One operation after the other on a plain set.
fn simulate(mut members: BTreeSet<String>, operations: &[MemberOperation]) -> BTreeSet<String> {
    for operation in operations {
        match operation {
            MemberOperation::Add(added) => members.extend(added.iter().map(|member| member.value.clone())),
            MemberOperation::Replace(added) => {
                members = added.iter().map(|member| member.value.clone()).collect()
            }
            MemberOperation::Remove(ids) => members.retain(|member| !ids.contains(member)),
            MemberOperation::RemoveAll => members.clear(),
            MemberOperation::RemoveWhere(_) => unreachable!("not generated"),
        }
    }
    members
}

proptest! {
    /// The delta does in one step what the operations do one by one, whoever is a member before.
    #[test]
    fn does_what_the_operations_do(
        before in prop::collection::btree_set("[a-f]", 0..6),
        operations in prop::collection::vec(any_operation(), 0..8),
    ) {
        let delta = MemberDelta::fold(&operations);
        let added: BTreeSet<String> = delta.add.iter().map(|member| member.value.clone()).collect();
        let removed: BTreeSet<String> = delta.remove.iter().cloned().collect();
        prop_assert_eq!(added.len(), delta.add.len(), "an id is added twice");
        prop_assert_eq!(removed.len(), delta.remove.len(), "an id is removed twice");
        prop_assert!(added.is_disjoint(&removed));
        prop_assert!(!delta.clear || removed.is_empty());

        let mut after = if delta.clear { BTreeSet::new() } else { before.clone() };
        after.retain(|member| !removed.contains(member));
        after.extend(added);
        prop_assert_eq!(after, simulate(before, &operations));
    }
}
