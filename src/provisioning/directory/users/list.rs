//! `GET /v1/users`: pages by cursor.

use uuid::Uuid;

use super::super::error::{DirectoryError, Problem};
use super::super::{Directory, Page, UserView};
use crate::access::Thing;
use crate::model::query::{
    AccountField, Elements, Field, ListOrder, Operand, OrderKey, Position, Predicate, Query, Test,
};
use crate::model::{AuthProvider, BuiltInRole, ConnectionId, Permission, Standing, Status, User};
use crate::provisioning::Request;
use crate::scim::filter::Filter;
use crate::scim::fold::fold;

/// Which users are meant; what is not said does not matter.
#[derive(Clone, Debug)]
pub struct UserFilter {
    /// Part of the user name, e-mail address, or given, family or display name.
    pub search: Option<String>,
    pub email: Option<String>,
    pub user_name: Option<String>,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub status: Option<Status>,
    /// A role's name, given directly.
    pub role: Option<String>,
    /// Groups, of whichever kind, that the user is in, directly or through others: all of them.
    pub groups: Vec<Uuid>,
    pub auth_provider: Option<AuthProvider>,
    pub connection: Option<Uuid>,
    /// A SCIM filter (RFC 7644 §3.4.2.2).
    pub filter: Option<String>,
    pub order: ListOrder,
    /// How many at the most.
    pub limit: i64,
}

impl Directory {
    /// A page of users. Where policies have a say in reading users, each is decided; a page may then hold fewer than are
    /// asked for, or none, and still not be the last.
    ///
    /// # Errors
    /// A filter that cannot be (400), a missing permission (403).
    pub async fn list_users(
        &self,
        request: &Request,
        filter: &UserFilter,
    ) -> Result<(Vec<UserView>, Option<Position>), DirectoryError> {
        self.authorize(request, Permission::UsersRead, Thing::Tenant).await?;
        let view = Self::tenant(request)?;
        let predicate = self.predicate(request, filter)?;
        let query = Query {
            tenant_id: view.tenant.id,
            connection_id: ConnectionId::NONE,
            predicate: (predicate != Predicate::ALWAYS).then_some(predicate),
            sort: None,
            order: filter.order.clone(),
            offset: 0,
            limit: filter.limit + 1,
        };
        let mut stored = self.provisioning.storage.list_users(&query).await?;
        let page = Page::<()> { after: None, limit: filter.limit };
        let more = page.cut(&mut stored, |_| ()).is_some();
        let mut users = self.views(view, &stored).await?;
        let next = users.last().filter(|_| more).map(|last| position(&last.user, filter.order.by));
        let thing = |user: &UserView| Thing::User(user.facts(view));
        self.keep_readable(request, Permission::UsersRead, &mut users, thing).await?;
        Ok((users, next))
    }

    fn predicate(&self, request: &Request, filter: &UserFilter) -> Result<Predicate, DirectoryError> {
        let mut all = Vec::new();
        let name = |part: &str| document(&["name", part]);
        if let Some(search) = &filter.search {
            let part = fold(search).into_owned();
            let fields = [Field::NameKey, name("givenName"), name("familyName"), document(&["displayName"])];
            let mut any: Vec<Predicate> = fields
                .into_iter()
                .map(|field| Predicate::Test { field, test: Test::Contains(part.clone()) })
                .collect();
            let email = Predicate::Test { field: Field::Part(String::new()), test: Test::Contains(part) };
            any.push(Predicate::Exists { of: Elements::Index("emails.value".into()), that: Box::new(email) });
            all.push(Predicate::Any(any));
        }
        if let Some(email) = &filter.email {
            all.push(indexed("emails.value", fold(email).into_owned()));
        }
        let exact = [
            (&filter.user_name, Field::NameKey),
            (&filter.given_name, name("givenName")),
            (&filter.family_name, name("familyName")),
        ];
        for (said, field) in exact {
            if let Some(said) = said {
                let test = Test::Eq(Operand::Text(fold(said).into_owned()));
                all.push(Predicate::Test { field, test });
            }
        }
        all.extend(filter.status.map(of_status));
        if let Some(provider) = filter.auth_provider {
            all.push(account(AccountField::AuthProvider, provider.as_str()));
        }
        if let Some(role) = &filter.role {
            all.push(of_role(Self::tenant(request)?, role)?);
        }
        for group in &filter.groups {
            let that = Predicate::Test {
                field: Field::Part("value".to_owned()),
                test: Test::Eq(Operand::Text(group.to_string())),
            };
            let base_url = self.provisioning.base_url.to_string();
            all.push(Predicate::Exists {
                of: Elements::Groups { base_url, every_kind: true },
                that: Box::new(that),
            });
        }
        if let Some(connection) = filter.connection {
            all.push(Predicate::Test {
                field: Field::Account(AccountField::Connection),
                test: Test::Eq(Operand::Text(connection.to_string())),
            });
        }
        if let Some(text) = &filter.filter {
            let malformed = |message: String| {
                DirectoryError::malformed(vec![Problem::saying("/filter", "invalid_filter", message)])
            };
            let parsed: Filter =
                Filter::parse(text, request.strictness()).map_err(|error| malformed(error.to_string()))?;
            let valid =
                parsed.resolve(request.user_schema().scim()).map_err(|error| malformed(error.to_string()))?;
            all.push(self.provisioning.perspective(request, "User").predicate(&valid));
        }
        Ok(match all.len() {
            1 => all.pop().unwrap_or(Predicate::ALWAYS),
            _ => Predicate::All(all),
        })
    }
}

/// Where this user stands in such an order.
fn position(user: &User, by: OrderKey) -> Position {
    let key = match by {
        OrderKey::Id => None,
        OrderKey::Name => Some(Operand::Text(fold(&user.user_name).into_owned())),
        OrderKey::CreatedAt => Some(Operand::Integer(user.created_at.0)),
        OrderKey::UpdatedAt => Some(Operand::Integer(user.updated_at.0)),
    };
    Position { key, id: user.id.0 }
}

fn document(path: &[&str]) -> Field {
    Field::Document(path.iter().map(|name| (*name).to_owned()).collect())
}

fn account(field: AccountField, word: &str) -> Predicate {
    Predicate::Test { field: Field::Account(field), test: Test::Eq(Operand::Text(word.to_owned())) }
}

fn indexed(path: &'static str, value: String) -> Predicate {
    let that = Predicate::Test { field: Field::Part(String::new()), test: Test::Eq(Operand::Text(value)) };
    Predicate::Exists { of: Elements::Index(path.into()), that: Box::new(that) }
}

fn of_status(status: Status) -> Predicate {
    let standing = |standing: Standing| account(AccountField::Standing, standing.as_str());
    let active = |truth: &str| account(AccountField::Active, truth);
    match status {
        Status::Suspended => standing(Standing::Suspended),
        Status::Invited => Predicate::All(vec![standing(Standing::Invited), active("true")]),
        Status::Active => Predicate::All(vec![standing(Standing::Normal), active("true")]),
        Status::Deactivated => {
            Predicate::All(vec![Predicate::Not(Box::new(standing(Standing::Suspended))), active("false")])
        }
    }
}

/// Everybody is indexed by the roles given directly, but for the role `user`, which those have of whom nothing else is said.
fn of_role(view: &crate::auth::TenantView, name: &str) -> Result<Predicate, DirectoryError> {
    let Some(role) = view.role_named(name) else { return Ok(Predicate::NEVER) };
    let id = role.id.0.simple().to_string();
    if role.id != BuiltInRole::User.id() {
        return Ok(indexed("roles", id));
    }
    let field = Field::Account(AccountField::Roles);
    let some = Predicate::Test { field: field.clone(), test: Test::Present };
    let this = Predicate::Test { field, test: Test::Contains(id) };
    Ok(Predicate::Any(vec![Predicate::Not(Box::new(some)), this]))
}
