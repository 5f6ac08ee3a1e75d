//! Filters and users for property tests.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use provost::scim::filter::{AttrExp, CompareOp, CompareValue, Filter, SubExp, ValuePath};
use provost::scim::path::AttributePath;
use serde_json::{Map, Value, json};

use super::ENTERPRISE;

/// Any tree that a text can give: And and Or flat, no value path in a value path.
pub fn any_filter() -> BoxedStrategy<Filter> {
    let inner = combined(expression(any_path(), any_value()));
    let value_path = (any_path(), inner, option::of(sub_expression(any_value())))
        .prop_map(|(path, filter, sub)| Filter::ValuePath(ValuePath { path, filter: Box::new(filter), sub }));
    combined(prop_oneof![3 => expression(any_path(), any_value()), 1 => value_path].boxed())
}

/// Filters that the user schema accepts, over names and values that [`any_user`] has, too.
pub fn user_filter() -> BoxedStrategy<Filter> {
    let paths = select(vec!["userName", "name.familyName", "title", "emails", "emails.type", "externalId"]);
    let plain = expression(paths.prop_map(path).boxed(), word());
    let extension = expression(Just(path(&format!("{ENTERPRISE}:department"))).boxed(), word());
    let active = (select(vec![CompareOp::Eq, CompareOp::Ne]), any::<bool>())
        .prop_map(|(op, value)| compare(path("active"), op, CompareValue::Boolean(value)));
    let part = expression(select(vec!["type", "value", "display"]).prop_map(path).boxed(), word());
    let value_path = (combined(part), option::of(sub_expression(word()))).prop_map(|(filter, sub)| {
        Filter::ValuePath(ValuePath { path: path("emails"), filter: Box::new(filter), sub })
    });
    combined(prop_oneof![4 => plain, 1 => extension, 1 => active, 2 => value_path].boxed())
}

/// A user with few different values, so that filters do find some.
pub fn any_user() -> BoxedStrategy<Value> {
    let text = || option::of(select(WORDS.to_vec()));
    let email = (text(), text(), text()).prop_map(|(value, kind, display)| {
        object([
            ("value", value.map(Value::from)),
            ("type", kind.map(Value::from)),
            ("display", display.map(Value::from)),
        ])
    });
    let emails = vec(email.prop_filter("an element is not empty", |email| *email != json!({})), 0..3);
    (text(), text(), text(), text(), text(), emails, option::of(any::<bool>()))
        .prop_map(|(user_name, family, title, external, department, emails, active)| {
            let nested = |name: &str, text: Option<&str>| text.map(|text| json!({ name: text }));
            object([
                ("userName", user_name.map(Value::from)),
                ("name", nested("familyName", family)),
                ("title", title.map(Value::from)),
                ("externalId", external.map(Value::from)),
                (ENTERPRISE, nested("department", department)),
                ("emails", (!emails.is_empty()).then(|| Value::from(emails))),
                ("active", active.map(Value::from)),
            ])
        })
        .boxed()
}

const WORDS: [&str; 8] = ["a", "A", "ab", "B", "work", "Straße", "STRASSE", "é"];

fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let members = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(members.collect::<Map<_, _>>())
}

fn path(text: &str) -> AttributePath {
    text.parse().unwrap()
}

fn compare(path: AttributePath, op: CompareOp, value: CompareValue) -> Filter {
    Filter::AttrExp(AttrExp::Compare { path, op, value })
}

fn any_path() -> BoxedStrategy<AttributePath> {
    let schema = option::of("urn:[a-z0-9]{1,6}(:[a-zA-Z0-9._-]{1,6}){0,2}");
    // 'not' is the one keyword that no attribute can be called.
    let attribute =
        "[a-zA-Z$][a-zA-Z0-9$_-]{0,6}".prop_filter("not", |name| !name.eq_ignore_ascii_case("not"));
    let sub_attribute = option::of("[a-zA-Z$][a-zA-Z0-9$_-]{0,6}");
    (schema, attribute, sub_attribute)
        .prop_map(|(schema, attribute, sub_attribute)| AttributePath { schema, attribute, sub_attribute })
        .boxed()
}

fn any_value() -> BoxedStrategy<CompareValue> {
    prop_oneof![
        Just(CompareValue::Null),
        any::<bool>().prop_map(CompareValue::Boolean),
        any::<i64>().prop_map(|number| CompareValue::Number(number.into())),
        any::<f64>().prop_filter_map("finite", |number| Some(CompareValue::Number(
            serde_json::Number::from_f64(number)?
        ))),
        any::<String>().prop_map(|text| CompareValue::String(text.replace('\0', ""))),
    ]
    .boxed()
}

fn word() -> BoxedStrategy<CompareValue> {
    prop_oneof![
        9 => select(WORDS.to_vec()).prop_map(|word| CompareValue::String(word.to_owned())),
        1 => Just(CompareValue::String(String::new())),
    ]
    .boxed()
}

fn op() -> impl Strategy<Value = CompareOp> {
    select(CompareOp::ALL.to_vec())
}

fn expression(
    paths: BoxedStrategy<AttributePath>,
    values: BoxedStrategy<CompareValue>,
) -> BoxedStrategy<Filter> {
    prop_oneof![
        1 => paths.clone().prop_map(|path| Filter::AttrExp(AttrExp::Present(path))),
        4 => (paths, op(), values).prop_map(|(path, op, value)| compare(path, op, value)),
    ]
    .boxed()
}

fn sub_expression(values: BoxedStrategy<CompareValue>) -> impl Strategy<Value = SubExp> {
    let names = select(vec!["value", "type", "display"]);
    (names, option::of((op(), values)))
        .prop_map(|(name, compare)| SubExp { sub_attribute: name.to_owned(), compare })
}

fn combined(leaf: BoxedStrategy<Filter>) -> BoxedStrategy<Filter> {
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(all),
            vec(inner.clone(), 2..4).prop_map(any_of),
            inner.prop_map(|filter| Filter::Not(Box::new(filter))),
        ]
    })
    .boxed()
}

/// As the parser joins them.
pub fn all(terms: Vec<Filter>) -> Filter {
    let flat = terms.into_iter().flat_map(|term| match term {
        Filter::And(inner) => inner,
        other => vec![other],
    });
    Filter::And(flat.collect())
}

/// As the parser joins them.
pub fn any_of(terms: Vec<Filter>) -> Filter {
    let flat = terms.into_iter().flat_map(|term| match term {
        Filter::Or(inner) => inner,
        other => vec![other],
    });
    Filter::Or(flat.collect())
}
