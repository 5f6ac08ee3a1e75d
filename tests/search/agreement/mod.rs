//! The database and the evaluator must agree: generated filters and sort keys over generated users and groups, asked over
//! HTTP and worked out in memory (RFC 7644 §3.4.2.2, §3.4.2.3).
//!
//! `PROVOST_PROPERTY_CASES` says how many filters are tried on each database, `PROVOST_PROPERTY_SEED` repeats a run.

mod filters;
mod resources;

use std::collections::BTreeSet;

use proptest::strategy::{BoxedStrategy, Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use provost::scim::filter::{Filter, ValidFilter, resolve_sort, sort_key};
use provost::scim::schema::{ResourceSchema, SchemaSet};
use serde_json::{Map, Value, json};

use super::directory::search;
use crate::support::{Client, TestApp, on_both};
use resources::{Resource, read, seed};

const CASES: usize = 1500;

/// How many steps are taken to make a failing filter smaller.
const STEPS: usize = 300;

fn number(variable: &str) -> Option<u64> {
    Some(std::env::var(variable).ok()?.parse().unwrap_or_else(|_| panic!("{variable} has to be a number")))
}

/// Where generated things come from, and how to come by them again.
struct Chance {
    runner: TestRunner,
    seed: u64,
}

impl Chance {
    fn new() -> Self {
        let by_chance = || provost::model::random::uuid_v7().as_u128() as u64;
        let seed = number("PROVOST_PROPERTY_SEED").unwrap_or_else(by_chance);
        let bytes: Vec<u8> = seed.to_le_bytes().into_iter().cycle().take(32).collect();
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        Self { runner: TestRunner::new_with_rng(Config::default(), rng), seed }
    }

    fn draw<S: Strategy>(&mut self, strategy: &S) -> S::Tree {
        strategy.new_tree(&mut self.runner).expect("the strategy rejects nothing")
    }
}

/// A list of resources, how it is asked for filtered, and what its filters mean.
struct Side<'a> {
    client: &'a Client,
    /// `/Users`, `/Groups`, or empty for the root.
    path: &'static str,
    /// What may be found, each with the schema that it goes by.
    resources: Vec<(&'a ResourceSchema, &'a Resource)>,
    schemas: Vec<&'a ResourceSchema>,
}

impl Side<'_> {
    /// What is wrong with the answer to a filter, if anything is.
    async fn disagreement(&self, filter: &Filter) -> Option<String> {
        let text = filter.to_string();
        let expected: BTreeSet<&str> = self
            .resources
            .iter()
            .filter(|(schema, resource)| self.valid(filter, schema).matches(&resource.search))
            .map(|(_, resource)| &*resource.id)
            .collect();
        let answer = match self.path {
            "" => {
                search(
                    self.client,
                    "/.search",
                    &json!({ "filter": text, "attributes": ["id"], "count": 1000 }),
                )
                .await
            }
            path => {
                self.client.query(path, &[("filter", &text), ("attributes", "id"), ("count", "1000")]).await
            }
        };
        if answer.status != 200 {
            return Some(format!("{}/{text}\n{}", self.path, answer.body));
        }
        let resources = answer.body["Resources"].as_array().into_iter().flatten();
        let found: BTreeSet<&str> = resources.filter_map(|resource| resource["id"].as_str()).collect();
        if found == expected && answer.body["totalResults"] == expected.len() {
            return None;
        }
        let show = |ids: Vec<&&str>| {
            let shown = self.resources.iter().filter(|(_, resource)| ids.contains(&&&*resource.id)).take(2);
            shown
                .map(|(_, resource)| Value::from(resource.search.clone()).to_string())
                .collect::<Vec<_>>()
                .join("\n  ")
        };
        Some(format!(
            "{}?filter={text}\nfound but does not match:\n  {}\nmatches but was not found:\n  {}\ntotalResults {}",
            self.path,
            show(found.difference(&expected).collect()),
            show(expected.difference(&found).collect()),
            answer.body["totalResults"]
        ))
    }

    fn valid(&self, filter: &Filter, schema: &ResourceSchema) -> ValidFilter {
        filter.resolve_among(schema, &self.schemas).unwrap_or_else(|error| panic!("{filter}: {error}"))
    }

    /// Tries filters; one that fails is made as small as it can be made.
    async fn agree(&self, chance: &mut Chance, filters: &BoxedStrategy<Filter>, cases: usize) {
        for case in 0..cases {
            let mut tree = chance.draw(filters);
            let Some(mut least) = self.disagreement(&tree.current()).await else { continue };
            let mut failed = true;
            for _ in 0..STEPS {
                if !(if failed { tree.simplify() } else { tree.complicate() }) {
                    break;
                }
                let smaller = self.disagreement(&tree.current()).await;
                failed = smaller.is_some();
                least = smaller.unwrap_or(least);
            }
            panic!("case {case}; PROVOST_PROPERTY_SEED={} repeats it\n{least}", chance.seed);
        }
    }
}

/// Resources, each with its schema.
fn each<'a>(
    schema: &'a ResourceSchema,
    resources: &'a [Resource],
) -> Vec<(&'a ResourceSchema, &'a Resource)> {
    resources.iter().map(|resource| (schema, resource)).collect()
}

async fn filters_agree(app: &TestApp) {
    let mut chance = Chance::new();
    let set = SchemaSet::built_in();
    seed(&app.client, &mut chance).await;
    let (users, groups) =
        (read(&app.client, set.user(), "/Users").await, read(&app.client, set.group(), "/Groups").await);
    let cases = number("PROVOST_PROPERTY_CASES").map_or(CASES, |cases| usize::try_from(cases).unwrap());
    let (user, group): (&ResourceSchema, &ResourceSchema) = (set.user(), set.group());
    let of_users =
        Side { client: &app.client, path: "/Users", resources: each(user, &users), schemas: vec![user] };
    of_users.agree(&mut chance, &filters::over(&[(user, &users)]), cases / 2).await;
    let of_groups =
        Side { client: &app.client, path: "/Groups", resources: each(group, &groups), schemas: vec![group] };
    of_groups.agree(&mut chance, &filters::over(&[(group, &groups)]), cases / 4).await;
    let both = [each(user, &users), each(group, &groups)].concat();
    let of_both = Side { client: &app.client, path: "", resources: both, schemas: vec![user, group] };
    of_both.agree(&mut chance, &filters::over(&[(user, &users), (group, &groups)]), cases / 4).await;
}

/// The ids in the order that `sortBy` asks for, worked out in memory: no value last when ascending, ties by id.
fn sorted(schema: &ResourceSchema, resources: &[Resource], sort_by: &str, descending: bool) -> Vec<String> {
    let path = resolve_sort(schema, sort_by).unwrap();
    let key = |resource: &Resource| sort_key(&path, &resource.search);
    let mut order: Vec<&Resource> = resources.iter().collect();
    order.sort_by(|left, right| {
        let by_key = match (key(left), key(right)) {
            (Some(left), Some(right)) => compare(&left, &right),
            (left, right) => left.is_none().cmp(&right.is_none()),
        };
        let by_key = if descending { by_key.reverse() } else { by_key };
        by_key.then_with(|| left.id.cmp(&right.id))
    });
    order.into_iter().map(|resource| resource.id.clone()).collect()
}

fn compare(left: &Value, right: &Value) -> std::cmp::Ordering {
    match (left, right) {
        (Value::String(left), Value::String(right)) => left.cmp(right),
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (left, right) => left.as_i64().cmp(&right.as_i64()),
    }
}

/// What is computed from other resources orders nothing; `externalId` and the rest do.
fn orders(path: &str) -> bool {
    !(path.starts_with("groups")
        || path.starts_with("members")
        || path.ends_with("manager.displayName")
        || path.ends_with("manager.$ref"))
}

async fn orders_agree(app: &TestApp) {
    let mut chance = Chance::new();
    let set = SchemaSet::built_in();
    seed(&app.client, &mut chance).await;
    for (path, schema) in [("/Users", set.user()), ("/Groups", set.group())] {
        let resources = read(&app.client, schema, path).await;
        let sort_keys = filters::paths(schema)
            .into_iter()
            .filter(|path| orders(path) && resolve_sort(schema, path).is_ok());
        for sort_by in sort_keys {
            for (order, descending) in [("ascending", false), ("descending", true)] {
                let parameters =
                    [("sortBy", &*sort_by), ("sortOrder", order), ("attributes", "id"), ("count", "1000")];
                let list = app.client.query(path, &parameters).await.expect(200);
                let found: Vec<&str> = list["Resources"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter_map(|resource| resource["id"].as_str())
                    .collect();
                assert_eq!(
                    found,
                    sorted(schema, &resources, &sort_by, descending),
                    "{path} by {sort_by}, {order}; PROVOST_PROPERTY_SEED={} repeats it",
                    chance.seed
                );
            }
        }
    }
}

/// A search document as an object.
type Document = Map<String, Value>;

on_both! {
    /// RFC 7644 §3.4.2.2, §3.4.2.1: what the database finds is what the evaluator says matches, over users, over groups,
    /// and over both at the root.
    async fn sql_finds_what_the_evaluator_says(app: TestApp) {
        filters_agree(&app).await;
    }

    /// RFC 7644 §3.4.2.3: the database's order is that of the keys.
    async fn sql_orders_as_the_keys_do(app: TestApp) {
        orders_agree(&app).await;
    }
}
