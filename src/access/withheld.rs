//! Whether a policy could forbid somebody to do something to some user, of whom nothing is known yet. What of its conditions
//! is not about the user is decided; what is, could be either.

use cedar_policy::{Authorizer, Decision, Policy, PolicySet};
use serde_json::{Value, json};

use super::entities::Asked;
use super::policy::Statement;

/// What users are called in policies.
const USER: &str = "Provost::User";

/// What is known of a condition before the user is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Truth {
    Always,
    Never,
    Perhaps,
}

use Truth::{Always, Never, Perhaps};

/// Whether the statement applies to some user when this is asked. What cannot be told counts as yes.
pub(super) fn applies_to_some_user(statement: &Statement, asked: &Asked) -> bool {
    let Ok(document) = statement.cedar.to_json() else { return true };
    let mut truth = asked.principal(&document["principal"]).and(about(&document["resource"]));
    for condition in document["conditions"].as_array().into_iter().flatten() {
        let holds = asked.truth(&condition["body"]);
        truth = truth.and(if condition["kind"] == "unless" { holds.not() } else { holds });
    }
    truth != Never
}

/// What a statement's head says of the resource.
fn about(head: &Value) -> Truth {
    match head["op"].as_str() {
        Some("All") => Always,
        Some("is") if head["entity_type"] != USER => Never,
        Some("==") if head["entity"]["type"].as_str().is_some_and(|kind| kind != USER) => Never,
        _ => Perhaps,
    }
}

impl Asked {
    /// Whether a statement's head means who asks.
    fn principal(&self, head: &Value) -> Truth {
        self.decided(head, &json!([]))
    }

    /// What is known of an expression.
    fn truth(&self, expression: &Value) -> Truth {
        if !is_about_resource(expression) {
            return self.decided(&json!({ "op": "All" }), &json!([{ "kind": "when", "body": expression }]));
        }
        let Some((operator, operands)) = expression.as_object().and_then(|members| members.iter().next())
        else {
            return Perhaps;
        };
        let operand = |name: &str| self.truth(&operands[name]);
        match operator.as_str() {
            "&&" => operand("left").and(operand("right")),
            "||" => operand("left").not().and(operand("right").not()).not(),
            "!" => operand("arg").not(),
            "if-then-else" => match operand("if") {
                Always => operand("then"),
                Never => operand("else"),
                Perhaps if operand("then") == operand("else") => operand("then"),
                Perhaps => Perhaps,
            },
            "is" if operands["left"] == json!({ "Var": "resource" }) => {
                match (operands["entity_type"] == USER, operands.get("in")) {
                    (false, _) => Never,
                    (true, None) => Always,
                    (true, Some(_)) => Perhaps,
                }
            }
            _ => Perhaps,
        }
    }

    /// Has Cedar decide what is not about the resource.
    fn decided(&self, principal: &Value, conditions: &Value) -> Truth {
        let all = json!({ "op": "All" });
        let document = json!({
            "effect": "permit", "principal": principal, "action": all, "resource": all, "conditions": conditions,
        });
        let Ok(policy) = Policy::from_json(None, document) else { return Perhaps };
        let Ok(set) = PolicySet::from_policies([policy]) else { return Perhaps };
        let response = Authorizer::new().is_authorized(&self.request, &set, &self.entities);
        match response.decision() {
            Decision::Allow => Always,
            Decision::Deny if response.diagnostics().errors().next().is_none() => Never,
            Decision::Deny => Perhaps,
        }
    }
}

impl Truth {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Never, _) | (_, Never) => Never,
            (Always, Always) => Always,
            _ => Perhaps,
        }
    }

    fn not(self) -> Self {
        match self {
            Always => Never,
            Never => Always,
            Perhaps => Perhaps,
        }
    }
}

/// Whether an expression speaks of the resource anywhere.
fn is_about_resource(expression: &Value) -> bool {
    match expression {
        Value::Array(values) => values.iter().any(is_about_resource),
        Value::Object(members) => members
            .iter()
            .any(|(name, value)| (name == "Var" && value == "resource") || is_about_resource(value)),
        _ => false,
    }
}
