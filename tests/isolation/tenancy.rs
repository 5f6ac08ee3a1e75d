//! A tenant with one of each thing that has an id, made over the admin API.

use std::collections::BTreeMap;

use provost::model::change::ChangeSet;
use provost::model::{Clock, Subscription, Tenant, TenantId, Timestamp, WebhookEvent, WebhookId};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp, totp, unbounded};

pub const PASSWORD: &str = "seventeen violet lighthouses";

/// What the tenant's things are called by, and their ids.
#[derive(Clone, Debug)]
pub struct Things {
    /// A word that every name in the tenant has in it.
    pub mark: &'static str,
    ids: BTreeMap<&'static str, String>,
}

/// What shows that it is the owner who changes their factors: each once.
const RECOVERY_CODES: [&str; 3] = ["recovery code 1", "recovery code 2", "recovery code 3"];

impl Things {
    /// The id of the thing of this name.
    pub fn id(&self, thing: &str) -> &str {
        self.ids.get(thing).unwrap_or_else(|| panic!("there is no thing called {thing}"))
    }

    /// The same names for what has never been in any tenant.
    pub fn none() -> Self {
        let none = |thing: &&'static str| match *thing {
            "attribute" | "removed attribute" => "never_defined".to_owned(),
            _ => provost::model::random::uuid_v7().to_string(),
        };
        Self { mark: "nowhere", ids: THINGS.iter().map(|thing| (*thing, none(thing))).collect() }
    }

    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.ids.values().map(String::as_str)
    }
}

const THINGS: [&str; 33] = [
    "adoption request",
    "attribute",
    "client",
    "client of program",
    "connection",
    "deleted user",
    "delivery",
    "factor",
    "factor secret",
    "group",
    "invitation",
    "key",
    "organization",
    "policy",
    "program",
    "purged user",
    "removed attribute",
    "resource group",
    "revoked invitation",
    "role",
    "session",
    "tenant",
    "token",
    "user",
    "webhook",
    "owner",
    "own factor",
    "own new factor",
    "own new factor secret",
    "own factor secret",
    "recovery code 1",
    "recovery code 2",
    "recovery code 3",
];

/// A tenant, its things, and those who speak for it.
pub struct Tenancy {
    pub tenant: Tenant,
    /// With a key that may do everything.
    pub key: Client,
    /// With the access token of somebody who owns the tenant.
    pub owner: Client,
    pub things: Things,
    /// The token of the pending invitation's link.
    pub invitation_token: String,
    /// The text of an API key.
    pub key_text: String,
}

impl Tenancy {
    /// A new tenant whose slug is the mark of everything that it holds.
    pub async fn new(app: &TestApp, mark: &'static str) -> Self {
        let (tenant, _) = app.provisioning.create_tenant(mark, mark).await.expect("a tenant is made");
        let key_text = key(app, tenant.id).await;
        let client = Client::new(&app.admin.base_url, &key_text);
        let mut things = Things { mark, ids: BTreeMap::from([("tenant", tenant.id.to_string())]) };
        let mut making = Making { client: &client, things: &mut things };
        making.rights().await;
        making.groups().await;
        making.people().await;
        let invitation_token = making.invitations().await;
        making.doors(app).await;
        making.webhook(app, tenant.id).await;
        let owner = making.sign_in(app).await;
        making.factors(app, &owner).await;
        Self { tenant, key: client, owner, things, invitation_token, key_text }
    }
}

/// What the app with this secret shows.
pub fn code_of(own: &Things, secret: &str) -> String {
    totp::code(own.id(secret), Clock::system().now().0)
}

/// What it shows next.
pub fn next_code_of(own: &Things, secret: &str) -> String {
    totp::code(own.id(secret), Clock::system().now().0 + totp::STEP)
}

/// The text of a key that may do everything in this tenant.
pub async fn key(app: &TestApp, tenant: TenantId) -> String {
    let made = app.directory.create_operator_key(tenant, unbounded("test")).await.expect("a key is made");
    made.text.expose().to_owned()
}

/// A tenant that is being furnished.
struct Making<'m> {
    client: &'m Client,
    things: &'m mut Things,
}

impl Making<'_> {
    /// Makes a thing and gives the answer.
    async fn make(&mut self, thing: &'static str, path: &str, body: Value) -> Value {
        let made = self.client.post(path, &body).await.expect(201);
        self.things.ids.insert(thing, made["id"].as_str().expect("it has an id").to_owned());
        made
    }

    fn id(&self, thing: &str) -> String {
        self.things.id(thing).to_owned()
    }

    async fn rights(&mut self) {
        let mark = self.things.mark;
        for (thing, end) in [("attribute", "badge"), ("removed attribute", "title")] {
            let name = format!("{mark}_{end}");
            self.client.post("/attributes", &json!({ "name": name, "type": "string" })).await.expect(201);
            self.things.ids.insert(thing, name);
        }
        let role = json!({ "name": format!("{mark} keeper"), "permissions": ["users.read"] });
        self.make("role", "/roles", role).await;
        let text = format!("@notice(\"The {mark} law.\")\npermit (principal, action, resource);");
        self.make("policy", "/policies", json!({ "name": format!("{mark} law"), "text": text })).await;
    }

    async fn groups(&mut self) {
        let (mark, role) = (self.things.mark, format!("{} keeper", self.things.mark));
        let circle =
            json!({ "name": format!("{mark} circle"), "roles": [role], "external_id": format!("{mark}-c") });
        self.make("group", "/groups", circle).await;
        for (thing, kind) in [("organization", "organization"), ("resource group", "resource_group")] {
            let name = format!("{mark} {thing}");
            self.make(thing, "/groups", json!({ "name": name, "kind": kind })).await;
        }
    }

    async fn people(&mut self) {
        let mark = self.things.mark;
        let owner = json!({ "user_name": format!("{mark}.owner"), "password": PASSWORD, "roles": ["owner"] });
        self.make("owner", "/users", owner).await;
        let user = json!({
            "user_name": format!("{mark}.ada"),
            "email": format!("{mark}.ada@example.com"),
            "password": PASSWORD,
            "display_name": format!("{mark} Ada"),
            "avatar": "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==",
            "roles": ["user", format!("{mark} keeper")],
            "groups": [self.id("group")],
            "resource_groups": [self.id("resource group")],
            "custom": { format!("{mark}_badge"): format!("{mark} badge"), format!("{mark}_title"): "none" },
        });
        self.make("user", "/users", user).await;
        // What was removed can be restored where somebody has a value of it.
        self.client.delete(&format!("/attributes/{mark}_title?confirm=true")).await.expect(204);
        let members = json!({ "members": [
            { "id": self.id("owner"), "role": "owner" },
            { "id": self.id("user"), "role": "evaluator" },
        ] });
        self.client.post(&format!("/groups/{}/members", self.id("organization")), &members).await.expect(200);
        for (thing, end) in [("deleted user", "gone"), ("purged user", "past")] {
            let user = json!({ "user_name": format!("{mark}.{end}"), "auth_provider": "oidc" });
            self.make(thing, "/users", user).await;
            self.client.delete(&format!("/users/{}", self.id(thing))).await.expect(204);
        }
    }

    /// Gives the token of the invitation that stays.
    async fn invitations(&mut self) -> String {
        let mark = self.things.mark;
        let mut token = String::new();
        for (thing, end) in [("revoked invitation", "stranger"), ("invitation", "guest")] {
            let guest = json!({ "email": format!("{mark}.{end}@example.com"), "action": "invite" });
            let made = self.client.post("/users", &guest).await.expect(201);
            let text =
                |pointer: &str| made.pointer(pointer).and_then(Value::as_str).expect(pointer).to_owned();
            self.things.ids.insert(thing, text("/invitation/id"));
            token = text("/invitation/link").rsplit('=').next().expect("a link ends with a token").to_owned();
        }
        token
    }

    async fn doors(&mut self, app: &TestApp) {
        let mark = self.things.mark;
        let key = json!({ "name": format!("{mark} key"), "user_id": self.id("user") });
        self.make("key", "/api-keys", key).await;
        let connection = json!({ "name": format!("{mark} door"), "on_existing_user": "ask" });
        self.make("connection", "/connections", connection).await;
        let tokens = format!("/connections/{}/tokens", self.id("connection"));
        let token = self.make("token", &tokens, json!({ "name": format!("{mark} token") })).await;
        let clients = format!("/connections/{}/clients", self.id("connection"));
        self.make("client", &clients, json!({ "name": format!("{mark} client") })).await;
        let program =
            json!({ "user_name": format!("{mark}.program"), "action": "create", "service_account": true });
        self.make("program", "/users", program).await;
        let clients = format!("/users/{}/clients", self.id("program"));
        self.make("client of program", &clients, json!({ "name": format!("{mark} job") })).await;
        // It asks for a user whom it did not bring.
        let scim = Client::new(&app.client.base_url, token["token"].as_str().expect("its text"));
        let wanted = json!({ "user_name": format!("{mark}.wanted"), "auth_provider": "oidc" });
        let wanted = self.client.post("/users", &wanted).await.created();
        let put = json!({ "userName": format!("{mark}.wanted"), "displayName": format!("{mark} wanted") });
        assert_eq!(scim.put(&format!("/Users/{wanted}"), &put).await.status, 403);
        let asked = self.client.get("/adoption-requests").await.expect(200);
        let id = asked["adoption_requests"][0]["id"].as_str().expect("it was asked").to_owned();
        self.things.ids.insert("adoption request", id);
    }

    /// One that is switched off, with an event that waits for it: nothing leaves.
    async fn webhook(&mut self, app: &TestApp, tenant: TenantId) {
        let webhook = json!({ "url": "https://example.com/hooks", "enabled": false });
        let made = self.make("webhook", "/webhooks", webhook).await;
        let id = WebhookId(made["id"].as_str().and_then(|id| id.parse().ok()).expect("an id"));
        // Not due yet: what is written of attempts would be a change that nobody made.
        let at = Timestamp(app.provisioning.clock.now().0 + 3_600_000);
        let event = WebhookEvent { event_type: "user.created".to_owned(), at, data: json!({}) };
        let mut changes = ChangeSet::new(tenant);
        changes.outbox = event.outbox_rows(&[Subscription { id, event_types: Vec::new() }]);
        self.things.ids.insert("delivery", changes.outbox[0].id.to_string());
        app.provisioning.storage.commit(changes).await.expect("the event is written");
    }

    /// One of the user's that waits for its first code; of the owner's own one that does, and one that counts.
    async fn factors(&mut self, app: &TestApp, owner: &Client) {
        let mark = self.things.mark;
        let name = json!({ "name": format!("{mark} phone") });
        let made = self.make("factor", &format!("/users/{}/mfa-factors", self.id("user")), name).await;
        self.keep_secret("factor secret", &made);
        let auth = owner.at(owner.base_url.trim_end_matches("/v1"));
        let mut begin = async |thing: &'static str, proof: Value| {
            let mut body = json!({ "name": format!("{mark} own phone") });
            body.as_object_mut().expect("an object").extend(proof.as_object().expect("an object").clone());
            let made = auth.post("/auth/mfa", &body).await.expect(201);
            self.things.ids.insert(thing, made["id"].as_str().expect("it has an id").to_owned());
            made
        };
        let own = begin("own factor", json!({ "password": PASSWORD })).await;
        let code = totp::code(own["secret"].as_str().expect("a secret"), app.provisioning.clock.now().0);
        let path = format!("/auth/mfa/{}/confirm", own["id"].as_str().expect("an id"));
        let confirmed = auth.post(&path, &json!({ "code": code })).await.expect(200);
        let codes = &confirmed["recovery_codes"];
        let new = begin("own new factor", json!({ "code": codes[0] })).await;
        for (place, thing) in RECOVERY_CODES.into_iter().enumerate() {
            self.things.ids.insert(thing, codes[place + 1].as_str().expect("a code").to_owned());
        }
        self.keep_secret("own factor secret", &own);
        self.keep_secret("own new factor secret", &new);
    }

    fn keep_secret(&mut self, thing: &'static str, made: &Value) {
        self.things.ids.insert(thing, made["secret"].as_str().expect("a secret").to_owned());
    }

    /// Signs the user in, and the owner, whose client it gives.
    async fn sign_in(&mut self, app: &TestApp) -> Client {
        let mark = self.things.mark;
        let mut tokens = Vec::new();
        for name in ["ada", "owner"] {
            let body = json!({ "tenant": mark, "user_name": format!("{mark}.{name}"), "password": PASSWORD });
            let granted = public(app, Method::POST, "/auth/login", &body).await.expect(200);
            tokens.push(granted["access_token"].as_str().expect("a token").to_owned());
        }
        let sessions = self.client.get(&format!("/users/{}/sessions", self.id("user"))).await.expect(200);
        let session = sessions["sessions"][0]["id"].as_str().expect("a session").to_owned();
        self.things.ids.insert("session", session);
        Client::new(&app.admin.base_url, &tokens[1])
    }
}

/// Who sends requests.
pub struct Speaker {
    pub who: &'static str,
    client: Client,
    /// What `X-Tenant-ID` says.
    tenant: Option<String>,
}

impl Speaker {
    pub fn is_operator(&self) -> bool {
        self.who == "operator"
    }

    /// The same, who names this tenant.
    pub fn naming(self, tenant: &str) -> Self {
        Self { tenant: Some(tenant.to_owned()), ..self }
    }

    /// The status and the text of the answer. The path begins with `/v1` or `/auth`.
    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, String) {
        let root = self.client.base_url.trim_end_matches("/v1");
        let mut request = self.client.at(root).request(method, path);
        if let Some(tenant) = &self.tenant {
            request = request.header("X-Tenant-ID", tenant);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = request.send().await.expect("the server answers");
        (
            answer.status().as_u16(),
            String::from_utf8_lossy(&answer.bytes().await.expect("it is whole")).into_owned(),
        )
    }
}

impl Tenancy {
    pub fn key_holder(&self) -> Speaker {
        Speaker { who: "key", client: self.key.clone(), tenant: None }
    }

    pub fn owner(&self) -> Speaker {
        Speaker { who: "owner", client: self.owner.clone(), tenant: None }
    }

    /// Everybody who may do everything here: a key, an owner who has signed in, and a key of the instance.
    pub async fn speakers(&self, app: &TestApp) -> [Speaker; 3] {
        let operator = Speaker { who: "operator", client: app.instance().await, tenant: None };
        [self.key_holder(), self.owner(), operator.naming(&self.tenant.id.to_string())]
    }
}

/// The answer to a request without a credential.
pub async fn public(app: &TestApp, method: Method, path: &str, body: &Value) -> Answer {
    let url = format!("{}{path}", app.directory.outgoing.root_url);
    let request = reqwest::Client::new().request(method, url);
    Answer::of(request.header("content-type", "application/json").body(body.to_string())).await
}
