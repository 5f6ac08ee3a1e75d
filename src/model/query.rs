//! What may be asked of stored resources: predicates, orders and pages. Storage turns them into SQL.

use std::borrow::Cow;

use uuid::Uuid;

use super::account::Account;
use super::group::{GroupKind, MemberRole};
use super::ids::{ConnectionId, GroupId, RoleId, TenantId};

/// Which resources are meant. Every predicate is true or false, never unknown.
#[derive(Clone, Debug, PartialEq)]
pub enum Predicate {
    /// All of these; of none, true.
    All(Vec<Predicate>),
    /// One of these; of none, false.
    Any(Vec<Predicate>),
    Not(Box<Predicate>),
    /// The resource's own value passes.
    Test {
        field: Field,
        test: Test,
    },
    /// One and the same element passes the whole inner predicate, whose fields are [`Field::Part`]s.
    Exists {
        of: Elements,
        that: Box<Predicate>,
    },
}

impl Predicate {
    /// True of everything.
    pub const ALWAYS: Self = Self::All(Vec::new());
    /// True of nothing.
    pub const NEVER: Self = Self::Any(Vec::new());
}

/// A value of a resource, or of an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// The resource's id in its textual form.
    Id,
    /// The column of folded user names (users) or display names (groups).
    NameKey,
    CreatedAt,
    UpdatedAt,
    /// The ETag: `W/"3"`.
    Version,
    /// This prefix and the id.
    Location {
        prefix: String,
    },
    /// A value of the search document, by the names on the way to it.
    Document(Vec<String>),
    /// A part of the element that is looked at; the empty name is the element itself.
    Part(String),
    /// What an account is besides a person's data; as text, whatever it is. Users have it, groups have not.
    Account(AccountField),
}

/// A column of a user's account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountField {
    /// `true` or `false`.
    Active,
    Standing,
    AuthProvider,
    /// The id of the connection that brought the user.
    Connection,
    /// Ids of roles without hyphens, joined by spaces; missing for those who have the role `user` alone.
    Roles,
}

/// Where elements come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Elements {
    /// A multi-valued attribute of the search document.
    Document(Vec<String>),
    /// The attribute index under this path; the element itself is the (folded, cut) value.
    Index(Cow<'static, str>),
    /// The id that a connection gave; the element itself is that id.
    ExternalId(ConnectionId),
    /// A group's direct members: `value`, `type`, `display`, `$ref` under this base URL.
    Members { base_url: String },
    /// A user's direct and indirect groups: `value`, `type`, `display`, `$ref` under this base URL. Of the kind `group`,
    /// unless every kind is meant.
    Groups { base_url: String, every_kind: bool },
    /// A user's manager, if that is a user of the tenant: `displayName`, `$ref` under this base URL.
    Manager { base_url: String },
}

/// What is asked of a value. A value that is not there fails every test.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// Neither missing nor empty.
    Present,
    Eq(Operand),
    Contains(String),
    StartsWith(String),
    EndsWith(String),
    Gt(Operand),
    Ge(Operand),
    Lt(Operand),
    Le(Operand),
}

/// What a value is compared with, in the search document's own form.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    Text(String),
    Integer(i64),
    Real(f64),
    Boolean(bool),
}

/// By what resources are ordered; ties, and no order at all, go by id.
#[derive(Clone, Debug, PartialEq)]
pub struct Sort {
    pub by: SortKey,
    pub descending: bool,
}

/// The value to order by. Resources without one come last when ascending, first when descending (RFC 7644 §3.4.2.3).
#[derive(Clone, Debug, PartialEq)]
pub enum SortKey {
    Field(Field),
    /// A number of the search document, by the names on the way to it.
    Number(Vec<String>),
    /// Of a multi-valued attribute the primary element's part, else the first element's.
    Element {
        path: Vec<String>,
        part: String,
    },
    ExternalId(ConnectionId),
    /// The same for every resource of the type; it orders types.
    Constant(&'static str),
}

/// The order of a list that goes on from page to page: no page misses or repeats what stands still meanwhile.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListOrder {
    pub by: OrderKey,
    pub descending: bool,
    /// Behind which the page begins.
    pub after: Option<Position>,
}

/// What such a list is ordered by; ties go by id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OrderKey {
    #[default]
    Id,
    /// A user's user name or a group's name, without regard to case.
    Name,
    CreatedAt,
    UpdatedAt,
}

/// A place in such a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Position {
    /// What it is ordered by has this value; nothing where that is the id.
    pub key: Option<Operand>,
    pub id: Uuid,
}

/// A page of a tenant's users or groups, as one connection sees them.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    pub tenant_id: TenantId,
    pub connection_id: ConnectionId,
    pub predicate: Option<Predicate>,
    pub sort: Option<Sort>,
    /// The order where `sort` says none, and where to begin in it.
    pub order: ListOrder,
    /// How many to pass over.
    pub offset: i64,
    /// How many to give at the most.
    pub limit: i64,
}

/// A page of a tenant's users and groups as one list, in the order of one attribute; ties go by type, users first, and
/// then by id.
#[derive(Clone, Debug, PartialEq)]
pub struct JointQuery {
    pub tenant_id: TenantId,
    pub users: Part,
    pub groups: Part,
    pub descending: bool,
    /// How many to pass over.
    pub offset: i64,
    /// How many to give at the most.
    pub limit: i64,
}

/// What a joint query asks of one type.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub predicate: Option<Predicate>,
    /// `None` where the type lacks the attribute: then none of its resources has a value.
    pub sort: Option<SortKey>,
}

/// A page of a tenant's groups of every kind.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupQuery {
    pub tenant_id: TenantId,
    pub kind: Option<GroupKind>,
    /// Part of the folded name.
    pub name_part: Option<String>,
    /// The group that they lie in directly.
    pub parent: Option<GroupId>,
    pub order: ListOrder,
    /// How many to give at the most.
    pub limit: i64,
}

/// A user as it is stored, for answering and for changing.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredUser {
    pub id: Uuid,
    pub version: i64,
    pub created_at: i64,
    pub updated_at: i64,
    pub document: String,
    pub name_origins: String,
    pub email: Option<String>,
    pub external_id: Option<String>,
    /// The manager's id where that is a user of the tenant.
    pub manager_id: Option<Uuid>,
    pub manager_display_name: Option<String>,
    /// Whether the user is a member of any group.
    pub in_groups: bool,
    pub account: Account,
    /// The values of the tenant's own attributes, a JSON object; `None` for none.
    pub custom: Option<String>,
}

/// A group as it is stored, without its members.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredGroup {
    pub id: Uuid,
    pub version: i64,
    pub created_at: i64,
    pub updated_at: i64,
    pub document: String,
    pub external_id: Option<String>,
    pub kind: GroupKind,
    pub roles: Vec<RoleId>,
}

/// One of a user's groups (RFC 7643 §4.1.2, `groups`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupOfUser {
    pub user_id: Uuid,
    pub group_id: Uuid,
    pub display_name: String,
    /// Whether the user itself is a member, rather than a group that it is in.
    pub direct: bool,
    pub kind: GroupKind,
    pub roles: Vec<RoleId>,
    /// The user's role in an organization.
    pub role: Option<MemberRole>,
}
