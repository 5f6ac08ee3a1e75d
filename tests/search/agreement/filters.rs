//! Filters that a schema accepts, over the values that resources have.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use provost::scim::filter::{AttrExp, CompareOp, CompareValue, Filter, SubExp, ValuePath};
use provost::scim::path::AttributePath;
use provost::scim::schema::{Attribute, AttributeType, ResourceSchema, Returned};
use serde_json::Value;

use super::resources::{Resource, WORDS};
use crate::scim::filter::generate::{all, any_of};

/// An attribute that may be asked about.
#[derive(Clone, Debug)]
struct Leaf {
    path: AttributePath,
    kind: AttributeType,
    /// Some of what resources have there, as it is shown.
    values: Vec<String>,
}

/// The paths of everything that may be asked about in one schema: attributes and sub-attributes.
pub fn paths(schema: &ResourceSchema) -> Vec<String> {
    let common = schema.common.attributes.iter().map(|attribute| (None, attribute));
    let visible =
        common.chain(schema.attributes()).filter(|(_, attribute)| attribute.returned != Returned::Never);
    visible
        .flat_map(|(urn, attribute)| {
            let whole = urn.map_or_else(|| attribute.name.clone(), |urn| format!("{urn}:{}", attribute.name));
            let parts: Vec<String> =
                attribute.sub_attributes.iter().map(|sub| format!("{whole}.{}", sub.name)).collect();
            [whole].into_iter().chain(parts)
        })
        .collect()
}

/// Filters over one type's resources, or over several types' at once.
pub fn over(types: &[(&ResourceSchema, &[Resource])]) -> BoxedStrategy<Filter> {
    let mut leaves = Vec::new();
    let mut holders = Vec::new();
    for (schema, resources) in types {
        for text in paths(schema) {
            let path: AttributePath = text.parse().unwrap();
            let resolved = schema.resolve(&path).unwrap();
            let values =
                |sub: Option<&str>| values(resources, resolved.extension, &resolved.attribute.name, sub);
            let leaf = leaf_of(resolved.leaf(), &values, path.sub_attribute.as_deref());
            if resolved.leaf().kind == AttributeType::Complex {
                let parts = resolved.attribute.sub_attributes.iter();
                let parts = parts.map(|sub| Leaf {
                    path: sub.name.parse().unwrap(),
                    kind: sub.kind,
                    values: values(Some(&sub.name)),
                });
                holders.push((path.clone(), parts.collect::<Vec<_>>()));
            }
            leaves.push(Leaf { path, ..leaf });
        }
    }
    let value_path = select(holders).prop_flat_map(|(path, parts)| {
        let sub = option::of(select(parts.clone()).prop_flat_map(|part| {
            let name = part.path.attribute.clone();
            option::weighted(0.8, comparison(part))
                .prop_map(move |compare| SubExp { sub_attribute: name.clone(), compare })
        }));
        (combined(select(parts).prop_flat_map(expression).boxed(), 2), sub).prop_map(move |(filter, sub)| {
            Filter::ValuePath(ValuePath { path: path.clone(), filter: Box::new(filter), sub })
        })
    });
    combined(prop_oneof![3 => select(leaves).prop_flat_map(expression), 1 => value_path].boxed(), 3)
}

/// A complex attribute is compared by its `value`, or by nothing.
fn leaf_of(attribute: &Attribute, values: &dyn Fn(Option<&str>) -> Vec<String>, own: Option<&str>) -> Leaf {
    let path: AttributePath = attribute.name.parse().unwrap();
    match attribute.sub_attribute("value") {
        Some(value) if attribute.kind == AttributeType::Complex => {
            Leaf { path, kind: value.kind, values: values(Some("value")) }
        }
        _ => Leaf { path, kind: attribute.kind, values: values(own) },
    }
}

/// Some of the strings that resources show there.
fn values(resources: &[Resource], urn: Option<&str>, attribute: &str, sub: Option<&str>) -> Vec<String> {
    let mut found = Vec::new();
    for resource in resources {
        let holder = urn.map_or(Some(&resource.shown), |urn| resource.shown.get(urn)?.as_object());
        let Some(value) = holder.and_then(|holder| holder.get(attribute)) else { continue };
        for element in value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice) {
            let part = sub.map_or(Some(element), |sub| element.get(sub));
            found.extend(part.and_then(Value::as_str).map(str::to_owned));
        }
    }
    found.sort();
    found.dedup();
    found.truncate(40);
    found
}

fn expression(leaf: Leaf) -> BoxedStrategy<Filter> {
    let path = leaf.path.clone();
    option::weighted(0.85, comparison(leaf))
        .prop_map(move |compare| {
            let path = path.clone();
            Filter::AttrExp(match compare {
                None => AttrExp::Present(path),
                Some((op, value)) => AttrExp::Compare { path, op, value },
            })
        })
        .boxed()
}

/// An operator that the type has, and a value that it takes (RFC 7644 §3.4.2.2, Table 3).
fn comparison(leaf: Leaf) -> BoxedStrategy<(CompareOp, CompareValue)> {
    use CompareOp::{Eq, Ge, Gt, Le, Lt, Ne};
    let null = (select(vec![Eq, Ne]), Just(CompareValue::Null));
    let ops = match leaf.kind {
        AttributeType::String | AttributeType::Reference => CompareOp::ALL.to_vec(),
        AttributeType::Binary => vec![Eq, Ne, CompareOp::Co, CompareOp::Sw, CompareOp::Ew],
        AttributeType::Boolean | AttributeType::Complex => vec![Eq, Ne],
        AttributeType::DateTime | AttributeType::Integer | AttributeType::Decimal => {
            vec![Eq, Ne, Gt, Ge, Lt, Le]
        }
    };
    let value = match leaf.kind {
        AttributeType::Complex => Just(CompareValue::Null).boxed(),
        AttributeType::Boolean => any::<bool>().prop_map(CompareValue::Boolean).boxed(),
        AttributeType::DateTime => {
            let known = leaf
                .values
                .into_iter()
                .chain(["2011-05-13T04:42:34+02:00".to_owned(), "2999-12-31T23:59:59.999Z".to_owned()]);
            select(known.collect::<Vec<_>>()).prop_map(CompareValue::String).boxed()
        }
        _ => text(leaf.values).prop_map(CompareValue::String).boxed(),
    };
    prop_oneof![1 => null, 12 => (select(ops), value)].boxed()
}

/// A value that some resource has, or a word, or a piece of it, in any case.
fn text(values: Vec<String>) -> BoxedStrategy<String> {
    let words = select(WORDS.map(str::to_owned).to_vec());
    let whole =
        if values.is_empty() { words.boxed() } else { prop_oneof![3 => select(values), 1 => words].boxed() };
    (whole, 0..8_u8, 0..12_usize)
        .prop_map(|(text, change, length)| match change {
            0 => text.to_uppercase(),
            1 => text.to_lowercase(),
            2 | 3 => text.chars().take(length).collect(),
            4 => text.chars().skip(length).collect(),
            _ => text,
        })
        .boxed()
}

fn combined(leaf: BoxedStrategy<Filter>, depth: u32) -> BoxedStrategy<Filter> {
    leaf.prop_recursive(depth, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(all),
            vec(inner.clone(), 2..4).prop_map(any_of),
            inner.prop_map(|filter| Filter::Not(Box::new(filter))),
        ]
    })
    .boxed()
}
