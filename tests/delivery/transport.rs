//! The way to the mail server: what its URL asks for is met, or nothing is sent.

use provost::delivery::DeliverySettings;
use provost::delivery::mail::Mailer;
use serde_json::json;

use super::mail::{invitation, settings};
use super::smtp::SmtpServer;
use super::{Outbox, at};
use crate::support::Backend;

const FROM: &str = "no-reply@example.com";

#[tokio::test]
async fn urls_and_addresses_that_will_not_do_are_refused() {
    for url in [
        "smtps://mail.example.com",
        "smtps://user:p%40ss@mail.example.com:10465",
        "smtp://mail.example.com?tls=required",
        "smtp://localhost",
    ] {
        assert!(Mailer::new(url, FROM).is_ok(), "{url}");
    }
    for url in ["http://mail.example.com", "mail.example.com", "smtp://mail.example.com?tls=maybe"] {
        let error = Mailer::new(url, FROM).unwrap_err().to_string();
        assert!(error.starts_with("The setting 'smtp_url' is not valid: "), "{error}");
    }
    let error = Mailer::new("smtp://localhost", "Provost").unwrap_err().to_string();
    assert!(error.starts_with("The setting 'mail_from' is not an address such as "), "{error}");
}

/// Where TLS is required, a server that has none, or whose certificate nobody vouches for, gets nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_that_is_required_is_required() {
    let outbox = Outbox::open(Backend::Sqlite).await;
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let (certificate, key) = (folder.path().join("tls.crt"), folder.path().join("tls.key"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let mut plain = SmtpServer::start().await;
    let mut forged = SmtpServer::start_with(&[&certificate, &key]).await;

    let required = |server: &SmtpServer| format!("smtp://127.0.0.1:{}?tls=required", server.port);
    for (url, error) in [
        (required(&plain), "The mail server lacks what smtp_url asks for: STARTTLS or a way to sign in."),
        (
            required(&forged),
            "TLS with the mail server failed: its certificate is not valid, or no version fits.",
        ),
    ] {
        let row =
            invitation("ada@example.com", "Acme").seal(&outbox.key, outbox.tenant, outbox.tenant.0, at(0));
        let row = row.unwrap();
        let id = row.id;
        outbox.write(vec![row]).await;
        let settings = DeliverySettings { smtp_url: Some(url.clone()), ..settings(&plain) };
        outbox.worker_with(&settings).run_once(at(0)).await.unwrap();
        assert_eq!(outbox.state(id).await, json!(["pending", 1, error]), "{url}");
    }
    assert!(plain.has_no_mail().await && forged.has_no_mail().await);
}
