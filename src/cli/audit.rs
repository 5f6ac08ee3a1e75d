//! `provost audit verify`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{CommandResult, Global};
use crate::app;
use crate::config::Settings;
use crate::model::audit_seal::hexadecimal;
use crate::model::{Clock, Tenant};
use crate::provisioning::audit::Report;
use crate::scim::schema::datetime::format_datetime;

#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Compare audit events with their seals; exits with 1 if something was changed, removed or inserted.
    Verify(Verify),
}

#[derive(Debug, Args)]
pub struct Verify {
    /// The tenant whose log is checked; every tenant's if left out.
    #[arg(long, value_name = "SLUG")]
    tenant: Option<String>,
    /// A head that was noted earlier (the server logs each): it has to be part of the chain still.
    #[arg(long, value_name = "HEX", value_parser = head)]
    head: Option<Head>,
}

/// A seal's code.
#[derive(Clone, Copy, Debug)]
struct Head([u8; 32]);

fn head(text: &str) -> Result<Head, String> {
    let wrong = || "a head is 64 hexadecimal digits".to_owned();
    let (high, low) = text.split_at_checked(32).ok_or_else(wrong)?;
    let half = |text: &str| match text.len() {
        32 if text.bytes().all(|byte| byte.is_ascii_hexdigit()) => u128::from_str_radix(text, 16).ok(),
        _ => None,
    };
    let (high, low) = half(high).zip(half(low)).ok_or_else(wrong)?;
    let mut code = [0; 32];
    code[..16].copy_from_slice(&high.to_be_bytes());
    code[16..].copy_from_slice(&low.to_be_bytes());
    Ok(Head(code))
}

impl Audit {
    pub async fn run(self, global: &Global) -> CommandResult {
        let Self::Verify(verify) = self;
        let settings = global.settings(&global.overrides())?;
        // Looking must not change anything: no migration, and no new key, with which every seal would look changed.
        let settings = Settings { migrate: false, ..settings };
        let path = settings.secret_key_path();
        if settings.secret_key.is_none() && !path.exists() {
            let path = path.display();
            return Err(format!(
                "The key file '{path}' is not there; seals are checked with the key that made them."
            )
            .into());
        }
        let key = app::open_secret_key(&settings)?;
        let provisioning = app::open_provisioning(&settings, Clock::system()).await?;
        let tenants = match &verify.tenant {
            Some(slug) => vec![provisioning.tenant(slug).await?],
            None => provisioning.storage.list_tenants().await?,
        };
        let kept = verify.head.as_ref().map(|head| &head.0);
        let mut reports = Vec::with_capacity(tenants.len());
        for tenant in tenants {
            let now = provisioning.clock.now();
            let report = Report::of(&provisioning.storage, &key, tenant.id, now, kept).await?;
            if !global.json {
                tell(&tenant, &report)?;
            }
            reports.push((tenant, report));
        }
        provisioning.storage.close().await;
        let head_found = kept.map(|_| reports.iter().any(|(_, report)| report.kept.is_some()));
        let sound = reports.iter().all(|(_, report)| report.is_sound()) && head_found != Some(false);
        if global.json {
            let tenants: Vec<Value> = reports.iter().map(|(tenant, report)| told(tenant, report)).collect();
            say!("{}", json!({ "sound": sound, "head_found": head_found, "tenants": tenants }));
        } else if head_found == Some(false) {
            say!(
                "FAILURE  the head that was given is in no chain: seals were cut off and made anew, or it is another tenant's."
            );
        }
        Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn told(tenant: &Tenant, report: &Report) -> Value {
    let findings: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| {
            let mut told = json!(finding);
            told["message"] = finding.to_string().into();
            told
        })
        .collect();
    json!({
        "tenant": tenant.slug,
        "tenant_id": tenant.id,
        "sound": report.is_sound(),
        "events": report.events,
        "seals": report.seals,
        "head": report.head.map(|head| hexadecimal(&head)),
        "head_found_at": report.kept,
        "tail": {
            "events": report.tail.events,
            "since": report.tail.since.map(|since| format_datetime(since.0)),
        },
        "findings": findings,
        "more_findings": report.more,
        "uncovered": report.uncovered,
    })
}

fn tell(tenant: &Tenant, report: &Report) -> Result<(), std::io::Error> {
    let Report { events, seals, tail, .. } = report;
    let mark = if report.is_sound() { "ok     " } else { "FAILURE" };
    say!("{mark}  {}: {events} events, {seals} seals.", tenant.slug);
    if let Some(head) = &report.head {
        say!("         head: {}", hexadecimal(head));
    }
    match tail.since {
        Some(since) => {
            let since = format_datetime(since.0);
            say!("         not sealed yet: {} events, the oldest of {since}.", tail.events);
        }
        None => say!("         not sealed yet: none."),
    }
    if let Some(number) = report.kept {
        say!("         the head that was given is that of seal {number}.");
    }
    for finding in &report.findings {
        say!("         {finding}");
    }
    if report.more > 0 {
        say!("         … and {} findings more.", report.more);
    }
    if report.uncovered > 0 {
        say!("         Nothing can be said of {} events whose seals are gone or changed.", report.uncovered);
    }
    Ok(())
}
