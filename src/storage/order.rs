//! Lists that go on from page to page, in SQL.

use super::predicate::Kind;
use super::statement::Arg;
use crate::model::query::{ListOrder, Operand, OrderKey, Position};

/// The condition that passes over the pages before (with ` AND ` in front, or nothing), and the order. `id` is the column
/// of ids.
pub fn keyset(kind: Kind, order: &ListOrder, id: &str, args: &mut Vec<Arg<'_>>) -> (String, String) {
    let column = match order.by {
        OrderKey::Id => None,
        OrderKey::Name => Some(kind.name_key()),
        OrderKey::CreatedAt => Some("r.created_at"),
        OrderKey::UpdatedAt => Some("r.updated_at"),
    };
    let (beyond, direction) = if order.descending { ("<", " DESC") } else { (">", "") };
    let condition = match &order.after {
        None => String::new(),
        Some(Position { key, id: after }) => {
            let key = key.as_ref().and_then(bound);
            match (column, key) {
                (Some(column), Some(key)) => {
                    args.push(key);
                    let key = args.len();
                    args.push(Arg::id(*after));
                    format!(" AND ({column}, {id}) {beyond} (${key}, ${})", args.len())
                }
                _ => {
                    args.push(Arg::id(*after));
                    format!(" AND {id} {beyond} ${}", args.len())
                }
            }
        }
    };
    let ordered = match column {
        Some(column) => format!("{column}{direction}, {id}{direction}"),
        None => format!("{id}{direction}"),
    };
    (condition, ordered)
}

fn bound(key: &Operand) -> Option<Arg<'static>> {
    match key {
        Operand::Text(text) => Some(Arg::text(text.clone())),
        Operand::Integer(number) => Some(Arg::integer(*number)),
        Operand::Real(_) | Operand::Boolean(_) => None,
    }
}
