//! What holds for every filter.

use proptest::prelude::*;
use provost::scim::filter::{AttrExp, CompareOp, CompareValue, Filter, ValuePath};
use provost::scim::schema::validate::Strictness;
use serde_json::Value;

use super::generate::{all, any_filter, any_of, any_user, user_filter};
use super::{document, user};

fn finds(filter: &Filter, attributes: &Value) -> bool {
    let user = user();
    let valid = filter.resolve(&user).unwrap_or_else(|error| panic!("{filter}: {error}"));
    valid.matches(&document(&user, attributes.clone()))
}

fn not(filter: &Filter) -> Filter {
    Filter::Not(Box::new(filter.clone()))
}

/// The same filter with every string in capitals, except where the attribute is caseExact.
fn in_capitals(filter: &Filter) -> Filter {
    let each = |terms: &[Filter]| terms.iter().map(in_capitals).collect();
    match filter {
        Filter::And(terms) => Filter::And(each(terms)),
        Filter::Or(terms) => Filter::Or(each(terms)),
        Filter::Not(inner) => not(&in_capitals(inner)),
        Filter::ValuePath(value_path) => {
            let mut sub = value_path.sub.clone();
            if let Some((_, value)) = sub.as_mut().and_then(|sub| sub.compare.as_mut()) {
                *value = capital(value);
            }
            let filter = Box::new(in_capitals(&value_path.filter));
            Filter::ValuePath(ValuePath { path: value_path.path.clone(), filter, sub })
        }
        Filter::AttrExp(AttrExp::Compare { path, op, value }) if path.attribute != "externalId" => {
            Filter::AttrExp(AttrExp::Compare { path: path.clone(), op: *op, value: capital(value) })
        }
        Filter::AttrExp(other) => Filter::AttrExp(other.clone()),
    }
}

fn capital(value: &CompareValue) -> CompareValue {
    match value {
        CompareValue::String(text) => CompareValue::String(text.to_uppercase()),
        other => other.clone(),
    }
}

proptest! {
    /// RFC 7644 §3.4.2.2, Figure 1: what is written as a filter is read as the same tree.
    #[test]
    fn round_trip(filter in any_filter()) {
        prop_assert_eq!(filter.to_string().parse(), Ok(filter));
    }

    /// Whatever the text, there is an answer; an error's place lies in the text, and what is read can be written.
    #[test]
    fn never_panics(text in prop_oneof![
        "\\PC{0,60}",
        "(a|b\\.c|urn:x:y| |eq|pr|and|or|not|\\(|\\)|\\[|\\]|\\.|\"|\\\\|\\\\u|d83d|\\\\ude00|é|\0|1|-|e5|true|null){0,40}",
    ]) {
        for strictness in [Strictness::Lenient, Strictness::Strict] {
            match Filter::parse(&text, strictness) {
                Ok(filter) => prop_assert_eq!(filter.to_string().parse(), Ok(filter)),
                Err(error) => {
                    prop_assert!(text.is_char_boundary(error.offset));
                    let before = text.chars().count() + 1;
                    prop_assert!((1..=before).contains(&error.character));
                }
            }
        }
    }

    /// A filter cut anywhere gives an answer, too.
    #[test]
    fn never_panics_when_cut(filter in any_filter(), at in any::<prop::sample::Index>()) {
        let text = filter.to_string();
        let cut: String = text.chars().take(at.index(text.chars().count() + 1)).collect();
        let _ = cut.parse::<Filter>();
    }

    /// RFC 7644 §3.4.2.2: the laws of logic.
    #[test]
    fn logic(left in user_filter(), right in user_filter(), user in any_user()) {
        let (l, r) = (finds(&left, &user), finds(&right, &user));
        prop_assert_eq!(finds(&not(&left), &user), !l);
        prop_assert_eq!(finds(&not(&not(&left)), &user), l);
        let both = all(vec![left.clone(), right.clone()]);
        let either = any_of(vec![left.clone(), right.clone()]);
        prop_assert_eq!(finds(&both, &user), l && r);
        prop_assert_eq!(finds(&either, &user), l || r);
        prop_assert_eq!(finds(&not(&both), &user), finds(&any_of(vec![not(&left), not(&right)]), &user));
        prop_assert_eq!(finds(&not(&either), &user), finds(&all(vec![not(&left), not(&right)]), &user));
    }

    /// RFC 7644 §3.4.2.2: `ne` is the opposite of `eq`, and of what can be ordered one of `lt`, `eq`, `gt` holds.
    #[test]
    fn operators(
        attribute in prop::sample::select(vec!["userName", "title", "externalId", "name.familyName"]),
        text in prop::sample::select(vec!["a", "AB", "work", "strasse", "é"]),
        user in any_user(),
    ) {
        let test = |op| {
            let value = CompareValue::String(text.to_owned());
            let compare = AttrExp::Compare { path: attribute.parse().unwrap(), op, value };
            finds(&Filter::AttrExp(compare), &user)
        };
        let present = finds(&Filter::AttrExp(AttrExp::Present(attribute.parse().unwrap())), &user);
        let (lt, eq, gt) = (test(CompareOp::Lt), test(CompareOp::Eq), test(CompareOp::Gt));
        prop_assert_eq!(test(CompareOp::Ne), !eq);
        prop_assert_eq!(usize::from(lt) + usize::from(eq) + usize::from(gt), usize::from(present));
        prop_assert_eq!(test(CompareOp::Le), lt || eq);
        prop_assert_eq!(test(CompareOp::Ge), gt || eq);
        prop_assert!(!eq || test(CompareOp::Sw) && test(CompareOp::Ew));
        prop_assert!(!(test(CompareOp::Sw) || test(CompareOp::Ew)) || test(CompareOp::Co));
    }

    /// RFC 7643 §2.2: the case of a value changes nothing unless the attribute is caseExact.
    #[test]
    fn folding(filter in user_filter(), user in any_user()) {
        prop_assert_eq!(finds(&in_capitals(&filter), &user), finds(&filter, &user));
    }

    /// The canonical text finds what the tree finds.
    #[test]
    fn text_means_the_same(filter in user_filter(), user in any_user()) {
        let read: Filter = filter.to_string().parse().unwrap();
        prop_assert_eq!(finds(&read, &user), finds(&filter, &user));
    }
}
