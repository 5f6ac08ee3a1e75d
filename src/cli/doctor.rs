//! `provost doctor`: looks at the settings, the database and the set-up, and says what is wrong and what to do.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use serde::Serialize;
use serde_json::json;

use super::{CommandResult, Global};
use crate::app;
use crate::auth::password::{HashParameters, HasherSettings, PasswordHasher, tuning};
use crate::config::Settings;
use crate::delivery::mail::Mailer;
use crate::http::edge;
use crate::model::Clock;
use crate::provisioning::Provisioning;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    Warning,
    Failure,
}

#[derive(Debug, Serialize)]
struct Finding {
    state: State,
    about: &'static str,
    says: String,
}

/// What a sign-in should cost of a core: nobody minds a quarter of a second, but who guesses passwords does.
const HASH_TARGET: Duration = Duration::from_millis(250);

#[derive(Debug, Args)]
pub struct Doctor {
    /// Measure how passwords should be hashed on this machine, and print the settings; nothing else is looked at.
    #[arg(long)]
    tune_argon2: bool,
}

impl Doctor {
    /// Exits with 1 if something is broken; warnings alone are no failure.
    pub async fn run(self, global: &Global) -> CommandResult {
        if self.tune_argon2 { tune(global).await } else { report(global).await }
    }
}

async fn report(global: &Global) -> CommandResult {
    let findings = examine(global).await;
    if global.json {
        say!("{}", json!(findings));
    } else {
        for finding in &findings {
            let mark = match finding.state {
                State::Ok => "ok     ",
                State::Warning => "warning",
                State::Failure => "FAILURE",
            };
            say!("{mark}  {}: {}", finding.about, finding.says);
        }
    }
    let broken = findings.iter().any(|finding| finding.state == State::Failure);
    Ok(if broken { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Prints lines that a settings file can take as they are.
async fn tune(global: &Global) -> CommandResult {
    let at_a_time = HasherSettings::default().workers;
    let tuned = tokio::task::spawn_blocking(move || tuning::tune(HASH_TARGET, at_a_time)).await??;
    let (parameters, took) = (tuned.parameters, tuned.took.as_millis());
    if global.json {
        let found = json!({
            "argon2_memory_kib": parameters.memory_kib,
            "argon2_passes": parameters.passes,
            "argon2_lanes": parameters.lanes,
            "milliseconds": u64::try_from(took).unwrap_or(u64::MAX),
            "at_a_time": tuned.at_a_time,
        });
        say!("{found}");
        return Ok(ExitCode::SUCCESS);
    }
    say!("# A hash takes {took} ms here, while {} are made at a time.", tuned.at_a_time);
    say!("argon2_memory_kib = {}", parameters.memory_kib);
    say!("argon2_passes = {}", parameters.passes);
    say!("argon2_lanes = {}", parameters.lanes);
    Ok(ExitCode::SUCCESS)
}

fn finding(state: State, about: &'static str, says: impl Into<String>) -> Finding {
    Finding { state, about, says: says.into() }
}

async fn examine(global: &Global) -> Vec<Finding> {
    let settings = match global.settings(&global.overrides()) {
        Ok(settings) => settings,
        Err(error) => return vec![finding(State::Failure, "settings", error.to_string())],
    };
    let mut findings = vec![finding(State::Ok, "settings", "they can be read.")];
    findings.push(public_url(&settings));
    if let (Some(certificate), Some(key)) = (&settings.tls_certificate, &settings.tls_key) {
        findings.push(match edge::load_tls(certificate, key) {
            Ok(_) => finding(State::Ok, "TLS", "certificate and key fit together."),
            Err(error) => finding(State::Failure, "TLS", error.to_string()),
        });
    }
    findings.push(mail(&settings).await);
    findings.push(secret_key(&settings));
    findings.push(passwords(&settings));
    // Looking must not change anything: a database that is behind is told, not migrated.
    let looking = Settings { migrate: false, ..settings };
    if let Some(file) = looking.database.strip_prefix("sqlite:")
        && !std::path::Path::new(file.trim_start_matches("//").split('?').next().unwrap_or(file)).exists()
    {
        findings.push(finding(
            State::Warning,
            "database",
            format!("'{file}' does not exist yet; the first start makes it."),
        ));
        return findings;
    }
    match app::open_provisioning(&looking, Clock::system()).await {
        Err(error) => findings.push(finding(State::Failure, "database", error.to_string())),
        Ok(provisioning) => {
            findings.push(finding(State::Ok, "database", "it answers and has every migration."));
            findings.extend(tenants(&provisioning).await);
            provisioning.storage.close().await;
        }
    }
    findings
}

fn public_url(settings: &Settings) -> Finding {
    let base_url = settings.scim_base_url(settings.listen);
    if base_url.starts_with("https://") {
        return finding(State::Ok, "public URL", format!("clients are told {base_url}."));
    }
    finding(
        State::Warning,
        "public URL",
        format!(
            "clients are told {base_url}; identity providers want https: set public_url, and TLS files or a proxy."
        ),
    )
}

async fn mail(settings: &Settings) -> Finding {
    let (Some(url), Some(from)) = (&settings.smtp_url, &settings.mail_from) else {
        let says = "none is sent: smtp_url is not set; links are shown to who asks for them.";
        return finding(State::Warning, "mail", says);
    };
    match Mailer::new(url, from) {
        Err(error) => finding(State::Failure, "mail", error.to_string()),
        Ok(mailer) if mailer.answers().await => finding(State::Ok, "mail", "the mail server answers."),
        Ok(_) => finding(
            State::Failure,
            "mail",
            "the mail server of smtp_url does not answer, or refuses its user.",
        ),
    }
}

/// Without the key that it was made with, nothing that is sealed in the database can be read.
fn secret_key(settings: &Settings) -> Finding {
    let path = settings.secret_key_path();
    if settings.secret_key.is_none() && !path.exists() {
        let says = format!("'{}' does not exist yet; the first start makes it. Back it up.", path.display());
        return finding(State::Warning, "secret key", says);
    }
    match app::open_secret_key(settings) {
        Ok(_) => finding(State::Ok, "secret key", "it can be read."),
        Err(error) => finding(State::Failure, "secret key", error.to_string()),
    }
}

/// How passwords are hashed. The peppers' ids are told, as they stand in the database; their secrets are not.
fn passwords(settings: &Settings) -> Finding {
    let refused = |error: &dyn std::fmt::Display| finding(State::Failure, "passwords", error.to_string());
    let hashing = match app::hasher_settings(settings) {
        Ok(hashing) => hashing,
        Err(error) => return refused(&error),
    };
    let parameters = hashing.parameters;
    let pepper = match hashing.peppers.current_id() {
        Some(id) => format!("the pepper '{id}'"),
        None => "no pepper".to_owned(),
    };
    if let Err(error) = PasswordHasher::new(hashing) {
        return refused(&error);
    }
    let (memory, passes, lanes) = (parameters.memory_kib, parameters.passes, parameters.lanes);
    let says =
        format!("they are hashed by Argon2id with m={memory} KiB, t={passes}, p={lanes} and {pepper}.");
    let least = HashParameters::default();
    if memory < least.memory_kib || passes < least.passes {
        let says = format!("{says} OWASP's least are m={} KiB and t={}.", least.memory_kib, least.passes);
        return finding(State::Warning, "passwords", says);
    }
    finding(State::Ok, "passwords", says)
}

async fn tenants(provisioning: &Provisioning) -> Vec<Finding> {
    let tenants = match provisioning.storage.list_tenants().await {
        Ok(tenants) => tenants,
        Err(error) => return vec![finding(State::Failure, "tenants", error.to_string())],
    };
    if tenants.is_empty() {
        return vec![finding(State::Warning, "tenants", "there is none yet; the first start makes one.")];
    }
    let now = provisioning.clock.now();
    let mut findings = Vec::new();
    for tenant in tenants {
        let slug = &tenant.slug;
        findings.push(match provisioning.storage.list_tokens(tenant.id).await {
            Err(error) => finding(State::Failure, "tokens", error.to_string()),
            Ok(tokens) => match tokens.iter().filter(|token| token.is_live(now)).count() {
                0 => finding(
                    State::Warning,
                    "tokens",
                    format!("tenant '{slug}' has none that is live: provost token create --tenant {slug}"),
                ),
                live => finding(State::Ok, "tokens", format!("tenant '{slug}' has {live} that are live.")),
            },
        });
    }
    findings
}
