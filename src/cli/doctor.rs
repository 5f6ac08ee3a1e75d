//! `provost doctor`: looks at the settings, the database and the set-up, and says what is wrong and what to do.

use std::process::ExitCode;

use serde::Serialize;
use serde_json::json;

use super::{CommandResult, Global};
use crate::app;
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

/// Exits with 1 if something is broken; warnings alone are no failure.
pub async fn run(global: &Global) -> CommandResult {
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
