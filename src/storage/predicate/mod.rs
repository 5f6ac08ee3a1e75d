//! Predicates become SQL here. Every test is true or false, never NULL, so that NOT means what it says.

mod indexed;

use std::fmt::Write as _;

use uuid::Uuid;

use super::engine::Engine;
use super::statement::Arg;
use crate::model::query::{AccountField, Elements, Field, Operand, Predicate, SortKey, Test};
use indexed::Indexed;

/// Which table is asked. Its rows go by `r`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Users,
    Groups,
}

impl Kind {
    pub fn table(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Groups => "groups",
        }
    }

    /// The word in `resource_kind` columns.
    pub fn word(self) -> &'static str {
        match self {
            Self::Users => "user",
            Self::Groups => "group",
        }
    }

    pub fn name_key(self) -> &'static str {
        match self {
            Self::Users => "r.user_name_key",
            Self::Groups => "r.display_name_key",
        }
    }
}

/// SQL under construction. `$1` is the tenant's id.
pub struct Compiler {
    engine: Engine,
    kind: Kind,
    pub args: Vec<Arg<'static>>,
}

/// Where [`Field::Part`]s of the current element are found.
#[derive(Clone, Copy)]
enum Scope<'e> {
    Resource,
    /// An element of the search document, `e.value`.
    Json,
    Related(&'e Elements),
}

/// A value to test: its SQL, and how that SQL is to be handled.
enum Operandum {
    /// Text; may be NULL.
    Text(String),
    /// Text that is never NULL and has an index in its own order.
    Ordered(String),
    /// An id, which has to be compared as such to use its index.
    Id(String),
    Integer(String),
    /// A value of a JSON document, whose type only the operand tells.
    Json {
        document: String,
        path: String,
    },
}

impl Compiler {
    /// A compiler whose statement already has these arguments, the tenant's id first.
    pub fn new(engine: Engine, kind: Kind, args: Vec<Arg<'static>>) -> Self {
        Self { engine, kind, args }
    }

    fn bind(&mut self, arg: Arg<'static>) -> String {
        self.args.push(arg);
        format!("${}", self.args.len())
    }

    /// The SQL of a predicate over `r`.
    pub fn predicate(&mut self, predicate: &Predicate) -> String {
        self.within(predicate, Scope::Resource)
    }

    fn within(&mut self, predicate: &Predicate, scope: Scope<'_>) -> String {
        match predicate {
            Predicate::All(terms) if terms.is_empty() => "true".to_owned(),
            Predicate::Any(terms) if terms.is_empty() => "false".to_owned(),
            Predicate::All(terms) => self.joined(terms, " AND ", scope),
            Predicate::Any(terms) => self.joined(terms, " OR ", scope),
            Predicate::Not(inner) => format!("NOT {}", self.within(inner, scope)),
            Predicate::Test { field, test } => {
                let operandum = self.field(field, scope);
                self.test(operandum, test)
            }
            Predicate::Exists { of, that } => self.exists(of, that),
        }
    }

    fn joined(&mut self, terms: &[Predicate], separator: &str, scope: Scope<'_>) -> String {
        let terms: Vec<String> = terms.iter().map(|term| self.within(term, scope)).collect();
        format!("({})", terms.join(separator))
    }

    fn field(&mut self, field: &Field, scope: Scope<'_>) -> Operandum {
        match field {
            Field::Id => Operandum::Id("r.id".to_owned()),
            Field::NameKey => Operandum::Ordered(self.kind.name_key().to_owned()),
            Field::CreatedAt => Operandum::Integer("r.created_at".to_owned()),
            Field::UpdatedAt => Operandum::Integer("r.updated_at".to_owned()),
            Field::Version => Operandum::Text("('W/\"' || r.version || '\"')".to_owned()),
            Field::Location { prefix } => {
                let prefix = self.bind(Arg::text(prefix.clone()));
                Operandum::Text(format!("({prefix} || {})", self.engine.id_text("r.id")))
            }
            Field::Document(path) => {
                let path = self.bind(Arg::JsonPath(path.clone()));
                Operandum::Json { document: "r.search".to_owned(), path }
            }
            Field::Part(name) => self.part(name, scope),
            Field::Account(field) => Operandum::Text(match field {
                AccountField::Active => "CASE WHEN r.active THEN 'true' ELSE 'false' END".to_owned(),
                AccountField::Standing => "r.standing".to_owned(),
                AccountField::AuthProvider => "r.auth_provider".to_owned(),
                AccountField::Connection => self.engine.id_text("r.connection_id"),
                AccountField::Roles => "r.roles".to_owned(),
            }),
        }
    }

    fn part(&mut self, name: &str, scope: Scope<'_>) -> Operandum {
        match scope {
            Scope::Related(Elements::Index(_)) => Operandum::Ordered("i.value".to_owned()),
            Scope::Related(Elements::ExternalId(_)) => Operandum::Ordered("x.external_id".to_owned()),
            Scope::Related(Elements::Members { base_url }) => self.member_part(name, base_url),
            Scope::Related(Elements::Groups { base_url, .. }) => self.group_part(name, base_url),
            Scope::Related(Elements::Manager { base_url }) => self.manager_part(name, base_url),
            Scope::Resource | Scope::Json | Scope::Related(Elements::Document(_)) if name.is_empty() => {
                Operandum::Text(self.engine.json_scalar("e.value"))
            }
            Scope::Resource | Scope::Json | Scope::Related(Elements::Document(_)) => {
                let path = self.bind(Arg::JsonPath(vec![name.to_owned()]));
                Operandum::Json { document: "e.value".to_owned(), path }
            }
        }
    }

    fn member_part(&mut self, name: &str, base_url: &str) -> Operandum {
        match name {
            "value" => Operandum::Id("m.member_id".to_owned()),
            "type" => Operandum::Text("CASE WHEN m.user_id IS NULL THEN 'group' ELSE 'user' END".to_owned()),
            "display" => {
                let path = self.bind(Arg::JsonPath(vec!["displayName".to_owned()]));
                let user = self.engine.json_text("mu.search", &path);
                Operandum::Text(format!("coalesce({user}, mg.display_name_key)"))
            }
            _ => {
                let users = self.bind(Arg::text(format!("{base_url}/Users/")));
                let groups = self.bind(Arg::text(format!("{base_url}/Groups/")));
                let id = self.engine.id_text("m.member_id");
                Operandum::Text(format!(
                    "(CASE WHEN m.user_id IS NULL THEN {groups} ELSE {users} END || {id})"
                ))
            }
        }
    }

    fn group_part(&mut self, name: &str, base_url: &str) -> Operandum {
        match name {
            "value" => Operandum::Id("c.root".to_owned()),
            "type" => {
                Operandum::Text("CASE WHEN c.indirect = 0 THEN 'direct' ELSE 'indirect' END".to_owned())
            }
            "display" => Operandum::Text("g.display_name_key".to_owned()),
            _ => {
                let groups = self.bind(Arg::text(format!("{base_url}/Groups/")));
                Operandum::Text(format!("({groups} || {})", self.engine.id_text("c.root")))
            }
        }
    }

    fn manager_part(&mut self, name: &str, base_url: &str) -> Operandum {
        match name {
            "displayName" => {
                let path = self.bind(Arg::JsonPath(vec!["displayName".to_owned()]));
                Operandum::Json { document: "mu.search".to_owned(), path }
            }
            _ => {
                let users = self.bind(Arg::text(format!("{base_url}/Users/")));
                Operandum::Text(format!("({users} || {})", self.engine.id_text("mu.id")))
            }
        }
    }

    fn exists(&mut self, of: &Elements, that: &Predicate) -> String {
        let scope = match of {
            Elements::Document(_) => Scope::Json,
            related => Scope::Related(related),
        };
        match of {
            Elements::Document(path) => {
                let path = self.bind(Arg::JsonPath(path.clone()));
                let elements = self.engine.json_elements("r.search", &path);
                let inner = self.within(that, scope);
                format!("EXISTS (SELECT 1 FROM {elements} WHERE {inner})")
            }
            Elements::Index(_) | Elements::ExternalId(_) => {
                let among = |found: Indexed| {
                    format!("r.id IN (SELECT {} FROM {} WHERE {})", found.id, found.table, found.condition)
                };
                self.indexed(of, that).map_or_else(|| "false".to_owned(), among)
            }
            Elements::Members { .. } => {
                let inner = self.within(that, scope);
                format!(
                    "r.id IN (SELECT m.group_id FROM memberships m \
                     LEFT JOIN users mu ON mu.tenant_id = m.tenant_id AND mu.id = m.user_id \
                     LEFT JOIN groups mg ON mg.tenant_id = m.tenant_id AND mg.id = m.subgroup_id \
                     WHERE m.tenant_id = $1 AND {inner})"
                )
            }
            Elements::Groups { every_kind, .. } => self.in_group(that, scope, *every_kind),
            Elements::Manager { .. } => {
                let inner = self.within(that, scope);
                format!(
                    "(r.manager_id IS NOT NULL AND r.manager_id IN (SELECT mu.id FROM users mu WHERE mu.tenant_id = $1 AND {inner}))"
                )
            }
        }
    }

    /// From the groups that pass down through their subgroups to users. A group in a cycle is met once (UNION).
    /// `c.indirect` is 0 where the user itself is a member of the root.
    fn in_group(&mut self, that: &Predicate, scope: Scope<'_>, every_kind: bool) -> String {
        let inner = self.within(that, scope);
        // Only a test of `type` has to see a user's direct and indirect ways together; others narrow the roots first.
        let seed = if mentions_type(that) { "true".to_owned() } else { inner.replace("c.root", "g.id") };
        let kind = if every_kind { "" } else { " AND g.kind = 'group'" };
        format!(
            "r.id IN (WITH RECURSIVE down(root, group_id) AS (\
             SELECT g.id, g.id FROM groups g WHERE g.tenant_id = $1{kind} AND {seed} \
             UNION SELECT d.root, m.subgroup_id FROM down d JOIN memberships m \
             ON m.tenant_id = $1 AND m.group_id = d.group_id AND m.subgroup_id IS NOT NULL) \
             SELECT c.user_id FROM (SELECT m.user_id, d.root, min(CASE WHEN d.group_id = d.root THEN 0 ELSE 1 END) AS indirect \
             FROM down d JOIN memberships m ON m.tenant_id = $1 AND m.group_id = d.group_id \
             WHERE m.user_id IS NOT NULL GROUP BY m.user_id, d.root) AS c \
             JOIN groups g ON g.tenant_id = $1 AND g.id = c.root WHERE {inner})"
        )
    }

    fn test(&mut self, operandum: Operandum, test: &Test) -> String {
        match operandum {
            Operandum::Text(sql) => self.text(&sql, test),
            Operandum::Ordered(sql) => self.ordered(&sql, test),
            Operandum::Id(sql) => self.id(&sql, test),
            Operandum::Integer(sql) => self.number(&sql, test),
            Operandum::Json { document, path } => self.json(&document, &path, test),
        }
    }

    fn json(&mut self, document: &str, path: &str, test: &Test) -> String {
        match test {
            Test::Present => self.engine.json_present(document, path),
            Test::Eq(Operand::Boolean(truth)) => {
                format!("coalesce({}, false)", self.engine.json_is(document, path, *truth))
            }
            Test::Eq(operand)
            | Test::Gt(operand)
            | Test::Ge(operand)
            | Test::Lt(operand)
            | Test::Le(operand)
                if matches!(operand, Operand::Integer(_) | Operand::Real(_)) =>
            {
                let sql = self.engine.json_number(document, path);
                self.number(&sql, test)
            }
            _ => {
                let sql = self.engine.json_text(document, path);
                self.text(&sql, test)
            }
        }
    }

    fn text(&mut self, sql: &str, test: &Test) -> String {
        let condition = match test {
            Test::Present => format!("{sql} <> ''"),
            Test::Contains(text) | Test::StartsWith(text) | Test::EndsWith(text) if text.is_empty() => {
                return format!("({sql} IS NOT NULL)");
            }
            Test::Contains(text) => {
                let text = self.bind(Arg::text(text.clone()));
                self.engine.contains(sql, &text)
            }
            Test::StartsWith(text) => {
                let text = self.bind(Arg::text(text.clone()));
                self.engine.starts_with(sql, &text)
            }
            Test::EndsWith(text) => {
                let text = self.bind(Arg::text(text.clone()));
                self.engine.ends_with(sql, &text)
            }
            Test::Eq(operand)
            | Test::Gt(operand)
            | Test::Ge(operand)
            | Test::Lt(operand)
            | Test::Le(operand) => {
                let Operand::Text(text) = operand else { return "false".to_owned() };
                let text = self.bind(Arg::text(text.clone()));
                format!("{} {} {text}", self.engine.by_code_point(sql), comparison(test))
            }
        };
        format!("coalesce({condition}, false)")
    }

    /// Like [`Compiler::text`], but plain enough for the column's index to serve it.
    fn ordered(&mut self, sql: &str, test: &Test) -> String {
        match test {
            Test::Present => format!("{sql} <> ''"),
            Test::StartsWith(prefix) if !prefix.is_empty() => {
                let from = self.bind(Arg::text(prefix.clone()));
                let mut range = format!("({sql} >= {from}");
                if let Some(end) = after_prefix(prefix) {
                    let end = self.bind(Arg::text(end));
                    let _ = write!(range, " AND {sql} < {end}");
                }
                range.push(')');
                range
            }
            Test::Eq(Operand::Text(text)) => {
                let text = self.bind(Arg::text(text.clone()));
                format!("{sql} = {text}")
            }
            _ => self.text(sql, test),
        }
    }

    fn id(&mut self, sql: &str, test: &Test) -> String {
        match test {
            Test::Present => "true".to_owned(),
            Test::Eq(Operand::Text(text)) => match canonical_id(text) {
                Some(id) => {
                    let id = self.bind(Arg::id(id));
                    format!("{sql} = {id}")
                }
                None => "false".to_owned(),
            },
            _ => {
                let text = self.engine.id_text(sql);
                self.text(&text, test)
            }
        }
    }

    fn number(&mut self, sql: &str, test: &Test) -> String {
        let (Test::Eq(operand)
        | Test::Gt(operand)
        | Test::Ge(operand)
        | Test::Lt(operand)
        | Test::Le(operand)) = test
        else {
            return if matches!(test, Test::Present) {
                format!("({sql} IS NOT NULL)")
            } else {
                "false".to_owned()
            };
        };
        let number = match operand {
            Operand::Integer(number) => self.bind(Arg::integer(*number)),
            Operand::Real(number) => self.bind(Arg::Real(*number)),
            Operand::Text(_) | Operand::Boolean(_) => return "false".to_owned(),
        };
        format!("coalesce({sql} {} {number}, false)", comparison(test))
    }

    /// The SQL of a sort key: a value, NULL where the resource has none.
    pub fn sort_key(&mut self, key: &SortKey) -> String {
        match key {
            SortKey::ExternalId(connection) => {
                let connection = self.bind(Arg::id(connection.0));
                let kind = self.kind.word();
                format!(
                    "(SELECT s.external_id FROM external_ids s WHERE s.tenant_id = $1 AND s.resource_kind = '{kind}' AND s.resource_id = r.id AND s.connection_id = {connection})"
                )
            }
            SortKey::Element { path, part } => {
                let elements = self.bind(Arg::JsonPath(path.clone()));
                let rows = self.engine.json_elements("r.search", &elements);
                if part.is_empty() {
                    // Simple values have no `primary`: the first one counts.
                    let value = self.engine.by_code_point(&self.engine.json_scalar("e.value"));
                    return format!("(SELECT {value} FROM {rows} ORDER BY e.place LIMIT 1)");
                }
                let primary = self.bind(Arg::JsonPath(vec!["primary".to_owned()]));
                let is_primary = self.engine.json_is("e.value", &primary, true);
                let part = self.bind(Arg::JsonPath(vec![part.clone()]));
                let value = self.engine.by_code_point(&self.engine.json_text("e.value", &part));
                format!(
                    "(SELECT {value} FROM {rows} ORDER BY coalesce({is_primary}, false) DESC, e.place LIMIT 1)"
                )
            }
            SortKey::Constant(text) => {
                let text = self.bind(Arg::text(*text));
                self.engine.by_code_point(&format!("CAST({text} AS text)"))
            }
            SortKey::Number(path) => {
                let path = self.bind(Arg::JsonPath(path.clone()));
                self.engine.json_number("r.search", &path)
            }
            SortKey::Field(field) => match self.field(field, Scope::Resource) {
                Operandum::Text(sql) => self.engine.by_code_point(&sql),
                Operandum::Ordered(sql) | Operandum::Id(sql) | Operandum::Integer(sql) => sql,
                Operandum::Json { document, path } => {
                    let text = self.engine.json_text(&document, &path);
                    self.engine.by_code_point(&text)
                }
            },
        }
    }
}

fn comparison(test: &Test) -> &'static str {
    match test {
        Test::Gt(_) => ">",
        Test::Ge(_) => ">=",
        Test::Lt(_) => "<",
        Test::Le(_) => "<=",
        _ => "=",
    }
}

/// Ids are caseExact: only their one textual form is equal to them.
fn canonical_id(text: &str) -> Option<Uuid> {
    let id = Uuid::try_parse(text).ok()?;
    (id.hyphenated().encode_lower(&mut Uuid::encode_buffer()) == text).then_some(id)
}

/// The least text that is greater than everything that begins with `prefix`; none if there is no such text.
fn after_prefix(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        let next = match last {
            char::MAX => None,
            '\u{d7ff}' => Some('\u{e000}'),
            other => char::from_u32(u32::from(other) + 1),
        };
        if let Some(next) = next {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

fn mentions_type(predicate: &Predicate) -> bool {
    match predicate {
        Predicate::All(terms) | Predicate::Any(terms) => terms.iter().any(mentions_type),
        Predicate::Not(inner) => mentions_type(inner),
        Predicate::Test { field, .. } => matches!(field, Field::Part(name) if name == "type"),
        Predicate::Exists { .. } => false,
    }
}
