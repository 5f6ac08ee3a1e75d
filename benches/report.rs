//! What was measured, as a table for people and as JSON for machines.

use std::fmt::Write as _;

use serde_json::{Value, json};

/// What a scenario is measured against, and what it should reach.
#[derive(Clone, Copy, Debug)]
pub struct Goal<'g> {
    pub name: &'g str,
    pub against: &'g str,
    pub at_least: Option<f64>,
    pub aim: Option<f64>,
}

/// A scenario's medians.
#[derive(Clone, Debug)]
pub struct Comparison {
    pub name: String,
    pub against: String,
    /// Requests a second.
    pub ours: f64,
    /// Requests or transactions a second.
    pub baseline: f64,
    pub ratio: f64,
    /// The ratio of each round.
    pub ratios: Vec<f64>,
    pub at_least: Option<f64>,
    pub aim: Option<f64>,
    pub p50_ms: f64,
    pub p99_ms: f64,
    /// The server's processor time per request.
    pub processor_us: f64,
}

/// Something that should stay below a limit.
#[derive(Clone, Debug)]
pub struct Limit {
    pub name: String,
    pub measured: f64,
    pub at_most: f64,
    pub unit: &'static str,
}

/// Everything that a run measured.
#[derive(Debug, Default)]
pub struct Report {
    pub comparisons: Vec<Comparison>,
    pub limits: Vec<Limit>,
}

impl Report {
    /// The tables, in Markdown.
    pub fn table(&self) -> String {
        let mut out = String::from(
            "| scenario | against | ours/s | baseline/s | ratio | at least | aim | | p50 ms | p99 ms | CPU µs |\n|---|---|--:|--:|--:|--:|--:|---|--:|--:|--:|\n",
        );
        for row in &self.comparisons {
            let goal = |goal: Option<f64>| goal.map_or("–".to_owned(), |goal| format!("{goal:.2}"));
            let Comparison { name, against, ours, baseline, ratio, p50_ms, p99_ms, processor_us, .. } = row;
            let _ = writeln!(
                out,
                "| {name} | {against} | {ours:.0} | {baseline:.0} | {ratio:.2} | {} | {} | {} | {p50_ms:.2} | {p99_ms:.2} | {processor_us:.0} |",
                goal(row.at_least),
                goal(row.aim),
                row.at_least.map_or("shown", |bar| met(*ratio >= bar)),
            );
        }
        out.push_str("\n| limit | measured | at most | |\n|---|--:|--:|---|\n");
        for Limit { name, measured, at_most, unit } in &self.limits {
            let met = met(measured <= at_most);
            let _ = writeln!(out, "| {name} | {measured:.1} {unit} | {at_most} {unit} | {met} |");
        }
        out
    }

    /// The same for machines.
    pub fn json(&self) -> Value {
        let comparisons: Vec<Value> = self
            .comparisons
            .iter()
            .map(|row| {
                json!({
                    "scenario": row.name, "against": row.against, "ours_per_second": row.ours,
                    "baseline_per_second": row.baseline, "ratio": row.ratio, "ratios": row.ratios,
                    "at_least": row.at_least, "aim": row.aim, "met": row.at_least.map(|bar| row.ratio >= bar),
                    "p50_ms": row.p50_ms, "p99_ms": row.p99_ms, "processor_us": row.processor_us,
                })
            })
            .collect();
        let limits: Vec<Value> = self
            .limits
            .iter()
            .map(|row| {
                json!({
                    "name": row.name, "measured": row.measured, "at_most": row.at_most, "unit": row.unit,
                    "met": row.measured <= row.at_most,
                })
            })
            .collect();
        json!({ "comparisons": comparisons, "limits": limits })
    }
}

fn met(is_met: bool) -> &'static str {
    if is_met { "met" } else { "NOT" }
}

/// The middle value; of nothing, 0.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match (values.len() % 2, values.get(middle.wrapping_sub(1)), values.get(middle)) {
        (1, _, Some(value)) => *value,
        (_, Some(below), Some(above)) => (below + above) / 2.0,
        _ => 0.0,
    }
}
