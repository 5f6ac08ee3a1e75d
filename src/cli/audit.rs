//! `provost audit verify`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{CommandResult, Global};
use crate::app;
use crate::config::Settings;
use crate::model::audit_seal::hexadecimal;
use crate::model::{Clock, Tenant, TenantId};
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
        let logs = match &verify.tenant {
            Some(slug) => vec![Log::of(provisioning.tenant(slug).await?)],
            None => {
                let tenants = provisioning.storage.list_tenants().await?.into_iter().map(Log::of);
                tenants.chain([Log { slug: None, id: TenantId::INSTANCE }]).collect()
            }
        };
        let kept = verify.head.as_ref().map(|head| &head.0);
        let mut reports = Vec::with_capacity(logs.len());
        for log in logs {
            let now = provisioning.clock.now();
            let report = Report::of(&provisioning.storage, &key, log.id, now, kept).await?;
            // An instance that nobody administered has nothing to tell.
            if log.slug.is_none() && report.is_sound() && report.events == 0 && report.seals == 0 {
                continue;
            }
            if !global.json {
                tell(&log, &report)?;
            }
            reports.push((log, report));
        }
        provisioning.storage.close().await;
        let head_found = kept.map(|_| reports.iter().any(|(_, report)| report.kept.is_some()));
        let sound = reports.iter().all(|(_, report)| report.is_sound()) && head_found != Some(false);
        if global.json {
            let tenants: Vec<Value> = reports.iter().map(|(log, report)| told(log, report)).collect();
            say!("{}", json!({ "sound": sound, "head_found": head_found, "tenants": tenants }));
        } else if head_found == Some(false) {
            say!(
                "FAILURE  the head that was given is in no chain: seals were cut off and made anew, or it is another tenant's."
            );
        }
        Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// Whose log it is.
struct Log {
    /// A tenant's; nothing for the instance's own.
    slug: Option<String>,
    id: TenantId,
}

impl Log {
    fn of(tenant: Tenant) -> Self {
        Self { slug: Some(tenant.slug), id: tenant.id }
    }
}

fn told(log: &Log, report: &Report) -> Value {
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
        "tenant": log.slug,
        "tenant_id": log.id,
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

fn tell(log: &Log, report: &Report) -> Result<(), std::io::Error> {
    let Report { events, seals, tail, .. } = report;
    let mark = if report.is_sound() { "ok     " } else { "FAILURE" };
    let name = log.slug.as_deref().unwrap_or("the instance itself");
    say!("{mark}  {name}: {events} events, {seals} seals.");
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
