//! Writing into a multi-valued attribute (RFC 7644 §3.5.2.1, §3.5.2.3; RFC 7643 §2.4).

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::Write;
use super::element::{PRIMARY, change_element, identity, is_primary, join, one_primary};
use super::object;
use super::target::{AttributeTarget, Selection};
use crate::scim::error::ScimError;
use crate::scim::filter::ast::CompareValue;
use crate::scim::schema::{Attribute, AttributeType, ResourceSchema, validate};

/// From this many elements on, validation is asked at once whether the attribute takes so many, not only at the end.
const MANY: usize = 1000;

/// What `add` or `replace` makes of the elements of a multi-valued attribute.
pub(super) fn write(
    schema: &ResourceSchema,
    target: &AttributeTarget<'_>,
    elements: Vec<Value>,
    value: Value,
    write: Write,
) -> Result<Vec<Value>, ScimError> {
    let mut values = Values { schema, target, elements, primary: Vec::new() };
    match (&target.selection, target.resolved.sub_attribute) {
        (None, None) => values.write_all(value, write)?,
        (None, Some(sub_attribute)) if values.elements.is_empty() => {
            values.create(Map::new(), sub_attribute, value)?;
        }
        (None, Some(sub_attribute)) => {
            let every = (0..values.elements.len()).collect();
            values.set_in(every, sub_attribute, value, write)?;
        }
        (Some(selection), None) => values.write_matched(selection, value, write)?,
        (Some(selection), Some(sub_attribute)) => match values.matched(selection) {
            matched if matched.is_empty() => values.create_matching(selection, sub_attribute, value)?,
            matched => values.set_in(matched, sub_attribute, value, write)?,
        },
    }
    let Values { mut elements, primary, .. } = values;
    one_primary(target.resolved.attribute, &mut elements, primary)?;
    elements.retain(|element| !element.is_null());
    Ok(elements)
}

/// The indices of the elements that a filter selects.
pub(super) fn matched(attribute: &Attribute, elements: &[Value], selection: &Selection) -> Vec<usize> {
    let matches = |(index, element): (usize, &Value)| {
        selection.valid.matches_element(attribute, element).then_some(index)
    };
    elements.iter().enumerate().filter_map(matches).collect()
}

/// The elements while an operation writes them. An element that goes becomes null, so that indices stay.
struct Values<'a, 's> {
    schema: &'s ResourceSchema,
    target: &'a AttributeTarget<'s>,
    elements: Vec<Value>,
    /// The indices of the elements that the operation makes primary.
    primary: Vec<usize>,
}

impl Values<'_, '_> {
    fn attribute(&self) -> &Attribute {
        self.target.resolved.attribute
    }

    fn matched(&self, selection: &Selection) -> Vec<usize> {
        matched(self.attribute(), &self.elements, selection)
    }

    fn write_all(&mut self, value: Value, write: Write) -> Result<(), ScimError> {
        if value.is_null() || write == Write::Replace {
            self.elements.clear();
        }
        if let Some(Value::Array(added)) = validate::value(self.schema, self.target.resolved, value)? {
            self.append(added)?;
        }
        Ok(())
    }

    /// Adds the elements that are not there (RFC 7644 §3.5.2.1); see [`super`] for what counts as being there.
    /// Returns where the last one is.
    fn append(&mut self, added: Vec<Value>) -> Result<Option<usize>, ScimError> {
        let attribute = self.target.resolved.attribute;
        let identities = self.elements.iter().enumerate();
        let mut places: HashMap<String, usize> =
            identities.rev().map(|(index, element)| (identity(attribute, element), index)).collect();
        let mut last = None;
        for element in added {
            let end = self.elements.len();
            let index = *places.entry(identity(attribute, &element)).or_insert(end);
            last = Some(index);
            if is_primary(&element) {
                self.primary.push(index);
            }
            match (self.elements.get_mut(index), element) {
                (Some(Value::Object(present)), Value::Object(element)) => {
                    join(attribute, present, element)?;
                }
                (Some(_), _) => {}
                (None, element) => self.elements.push(element),
            }
        }
        if self.elements.len() > MANY {
            let all = Value::Array(self.elements.clone());
            validate::value(self.schema, self.target.resolved, all)?;
        }
        Ok(last)
    }

    /// Sets a sub-attribute of the elements at `indices`.
    fn set_in(
        &mut self,
        indices: Vec<usize>,
        sub_attribute: &Attribute,
        value: Value,
        write: Write,
    ) -> Result<(), ScimError> {
        let resolved = self.target.resolved;
        let value = validate::value(self.schema, resolved, value)?;
        for &index in &indices {
            if let Some(element) = self.elements.get_mut(index) {
                change_element(element, |element| {
                    object::put(resolved.attribute, sub_attribute, element, value.clone(), write)
                })?;
            }
        }
        if sub_attribute.name == PRIMARY && value == Some(Value::Bool(true)) {
            self.primary = indices;
        }
        Ok(())
    }

    /// The path ends with the filter: `add` sets what is given in the selected elements, `replace` puts the value in
    /// their place (RFC 7644 §3.5.2.3, fourth and fifth case).
    fn write_matched(&mut self, selection: &Selection, value: Value, write: Write) -> Result<(), ScimError> {
        let indices = self.matched(selection);
        if indices.is_empty() {
            return Err(self.no_target());
        }
        let value = self.one_value(value)?;
        if write == Write::Add && self.attribute().kind == AttributeType::Complex {
            self.merge_into(indices, value)
        } else {
            self.replace_at(indices, value)
        }
    }

    fn merge_into(&mut self, indices: Vec<usize>, value: Value) -> Result<(), ScimError> {
        let resolved = self.target.resolved;
        let given = object::sub_values(resolved.attribute, value)?;
        for &index in &indices {
            match (&given, self.elements.get_mut(index)) {
                (Some(given), Some(element)) => change_element(element, |element| {
                    object::merge(self.schema, resolved, element, given.clone(), Write::Add)
                })?,
                (None, Some(element)) => *element = Value::Null,
                (_, None) => {}
            }
        }
        if given.is_some_and(|given| given.keys().any(|name| name.eq_ignore_ascii_case(PRIMARY))) {
            self.primary = indices;
        }
        Ok(())
    }

    /// Elements replaced by one value would all be the same, so the first takes it and the others go.
    fn replace_at(&mut self, indices: Vec<usize>, value: Value) -> Result<(), ScimError> {
        let attribute = self.target.resolved.attribute;
        let mut next = validate::element(attribute, value)?;
        for &index in &indices {
            if let Some(current) = self.elements.get_mut(index) {
                for sub_attribute in &attribute.sub_attributes {
                    let after = next.as_ref().and_then(|next| next.get(&sub_attribute.name));
                    if next.is_some() {
                        object::keep_immutable(
                            attribute,
                            sub_attribute,
                            current.get(&sub_attribute.name),
                            after,
                        )?;
                    }
                }
                *current = Value::Null;
            }
        }
        if let (Some(next), Some(&first)) = (next.take(), indices.first())
            && let Some(place) = self.elements.get_mut(first)
        {
            if is_primary(&next) {
                self.primary.push(first);
            }
            *place = next;
        }
        Ok(())
    }

    /// No element matches: one is made that does, from the filter's equalities and the value.
    fn create_matching(
        &mut self,
        selection: &Selection,
        sub_attribute: &Attribute,
        value: Value,
    ) -> Result<(), ScimError> {
        let Some(start) = self.described_by(selection) else {
            return Err(self.no_target());
        };
        let created = self.create(start, sub_attribute, value)?;
        match created.and_then(|index| self.elements.get(index)) {
            Some(created) if !selection.valid.matches_element(self.attribute(), created) => {
                Err(self.no_target())
            }
            _ => Ok(()),
        }
    }

    /// Adds the element that consists of `start` and the value, and returns where it is; none if there is no value.
    fn create(
        &mut self,
        mut start: Map<String, Value>,
        sub_attribute: &Attribute,
        value: Value,
    ) -> Result<Option<usize>, ScimError> {
        let resolved = self.target.resolved;
        let Some(value) = validate::value(self.schema, resolved, value)? else {
            return Ok(None);
        };
        start.insert(sub_attribute.name.clone(), value);
        match validate::element(resolved.attribute, Value::Object(start))? {
            Some(element) => self.append(vec![element]),
            None => Ok(None),
        }
    }

    /// The sub-attributes that a filter made of `eq` joined by `and` asks for.
    fn described_by(&self, selection: &Selection) -> Option<Map<String, Value>> {
        let mut start = Map::new();
        for (name, value) in selection.written.equalities()? {
            let sub_attribute = self.attribute().sub_attribute(name)?;
            if let Some(value) = literal(sub_attribute, value) {
                start.insert(sub_attribute.name.clone(), value);
            }
        }
        Some(start)
    }

    fn one_value(&self, value: Value) -> Result<Value, ScimError> {
        match value {
            Value::Array(mut values) if values.len() == 1 => Ok(values.remove(0)),
            Value::Array(_) => {
                Err(ScimError::invalid_value(format!("'{}' needs one value, not an array.", self.target)))
            }
            single => Ok(single),
        }
    }

    fn no_target(&self) -> ScimError {
        ScimError::no_target(format!("nothing matches '{}'.", self.target))
    }
}

/// A filter's literal as a value of the sub-attribute. Booleans also come as strings.
fn literal(sub_attribute: &Attribute, value: &CompareValue) -> Option<Value> {
    match value {
        CompareValue::Null => None,
        CompareValue::Boolean(value) => Some(Value::Bool(*value)),
        CompareValue::Number(number) => Some(Value::Number(number.clone())),
        CompareValue::String(text) if sub_attribute.kind == AttributeType::Boolean => {
            Some(Value::Bool(text.eq_ignore_ascii_case("true")))
        }
        CompareValue::String(text) => Some(Value::String(text.clone())),
    }
}
