//! Mails, as the mail server that got them reads them.

use provost::delivery::DeliverySettings;
use provost::delivery::mail::{Content, Link, Mail};
use provost::model::clock::Timestamp;
use provost::model::{OutboxId, random};
use serde_json::{Value, json};
use uuid::Uuid;

use super::smtp::SmtpServer;
use super::{DAY, HOUR, Outbox, SECOND, at, on_both_outboxes};
use crate::support::{Backend, texts};

const LINK: &str = "https://id.example.com/auth/invitation?token=s3cr3t-t0k3n&x=1";
const TARGET: Uuid = Uuid::from_u128(7);

pub fn settings(server: &SmtpServer) -> DeliverySettings {
    DeliverySettings {
        smtp_url: Some(server.url()),
        mail_from: Some("Provost <no-reply@id.example.com>".to_owned()),
        ..DeliverySettings::default()
    }
}

pub fn invitation(to: &str, tenant: &str) -> Mail {
    Mail {
        to: to.to_owned(),
        to_name: Some("Ada Lovelace".to_owned()),
        tenant_name: tenant.to_owned(),
        content: Content::Invitation {
            link: Link(LINK.to_owned()),
            inviter: Some("Grace Hopper".to_owned()),
            expires_at: at(7 * DAY),
        },
    }
}

impl Outbox {
    async fn mail(&self, mail: &Mail) -> OutboxId {
        let row = mail.seal(&self.key, self.tenant, TARGET, at(0)).unwrap();
        let id = row.id;
        self.write(vec![row]).await;
        id
    }

    /// Everything that the database says of mails.
    async fn written(&self) -> String {
        let rows = "SELECT coalesce(payload, '') || ' ' || coalesce(last_error, '') || ' ' || subject FROM outbox \
                    UNION ALL SELECT details FROM audit_events";
        texts(&self.database.url, rows).await.join("\n")
    }
}

fn headers(mail: &Value) -> Vec<(&str, &str)> {
    let pairs = mail["headers"].as_array().unwrap().iter();
    pairs.map(|pair| (pair[0].as_str().unwrap(), pair[1].as_str().unwrap())).collect()
}

on_both_outboxes! {
    /// An invitation, whole; nothing of it stays.
    async fn an_invitation_arrives(outbox: Outbox) {
        let mut server = SmtpServer::start().await;
        let id = outbox.mail(&invitation("ada@example.com", "Acme GmbH")).await;
        assert!(!outbox.written().await.contains("s3cr3t"));
        let worker = outbox.worker_with(&settings(&server));
        assert!(worker.sends_mail());
        assert_eq!(worker.run_once(at(1000)).await.unwrap(), 1);

        let plain = format!(
            "Hello Ada Lovelace,\n\nGrace Hopper has invited you to Acme GmbH.\n\nTo accept, open this link and choose \
             a password:\n\n{LINK}\n\nThe link works once, until 8 January 2026, 00:00 UTC. If you did not expect this \
             invitation, ignore this mail."
        );
        let mut mail = server.mail().await;
        let html = mail["parts"].as_object_mut().unwrap().remove("text/html").unwrap();
        mail["parts"]["text/plain"] = mail["parts"]["text/plain"].as_str().unwrap().replace("\r\n", "\n").trim().into();
        assert_eq!(mail, json!({
            "from": "no-reply@id.example.com",
            "to": ["ada@example.com"],
            "type": "multipart/alternative",
            "headers": [
                ["Message-ID", format!("<{id}@id.example.com>")],
                ["Date", "Thu, 01 Jan 2026 00:00:01 +0000"],
                ["From", "Provost <no-reply@id.example.com>"],
                ["To", "Ada Lovelace <ada@example.com>"],
                ["Subject", "You've been invited to Acme GmbH"],
                ["Auto-Submitted", "auto-generated"],
                ["MIME-Version", "1.0"],
            ],
            "parts": { "text/plain": plain },
            "defects": [],
        }));
        let html = html.as_str().unwrap();
        assert!(html.contains(r#"href="https://id.example.com/auth/invitation?token=s3cr3t-t0k3n&#38;x=1""#), "{html}");
        assert!(html.contains("Grace Hopper has invited you to <strong>Acme GmbH</strong>."), "{html}");

        assert_eq!(outbox.state(id).await, json!(["delivered", 1, null]));
        assert_eq!(outbox.row(id).await.row.payload, "");
        assert_eq!(worker.run_once(at(DAY)).await.unwrap(), 0);
        assert!(server.has_no_mail().await);
    }

    /// A mail that is put off is tried again for a day, then given up, which the audit log says. The request that
    /// wrote it knows nothing of that.
    async fn a_mail_is_given_up_after_a_day(outbox: Outbox) {
        let mut server = SmtpServer::start().await;
        let id = outbox.mail(&invitation("busy@example.com", "Acme")).await;
        let worker = outbox.worker_with(&settings(&server));
        let error = "The mail server answered 451.";
        worker.run_once(at(0)).await.unwrap();
        assert_eq!(outbox.state(id).await, json!(["pending", 1, error]));
        assert_eq!(worker.run_once(at(20 * SECOND)).await.unwrap(), 0);
        let mut attempts = 1 + worker.run_once(at(40 * SECOND)).await.unwrap();
        for quarter in 1..96 {
            attempts += worker.run_once(at(quarter * HOUR / 4)).await.unwrap();
        }
        assert_eq!(outbox.row(id).await.state.as_str(), "pending");
        attempts += worker.run_once(at(DAY)).await.unwrap();
        assert!((20..40).contains(&attempts), "{attempts} attempts");
        assert_eq!(outbox.state(id).await, json!(["dead", attempts, error]));
        let details = json!({
            "mail": "invitation", "about": TARGET, "to": "busy@example.com", "attempts": attempts, "error": error,
        });
        assert_eq!(outbox.audit().await, [format!("mail.failed mail {details}")]);
        assert_eq!(outbox.row(id).await.row.payload, "");
        assert!(server.has_no_mail().await);
    }

    /// A mail server may quote a mail when it refuses it. Its link is a credential and is written down nowhere.
    async fn a_link_that_the_server_quotes_is_not_written_down(outbox: Outbox) {
        let server = SmtpServer::start().await;
        let mail = invitation("echo@example.com", "Acme");
        assert!(!format!("{mail:?}").contains("s3cr3t"));
        let id = outbox.mail(&mail).await;
        let worker = outbox.worker_with(&settings(&server));
        worker.run_once(at(0)).await.unwrap();
        assert_eq!(outbox.state(id).await, json!(["pending", 1, "The mail server answered 554."]));
        worker.run_once(at(DAY)).await.unwrap();
        let written = outbox.written().await;
        assert!(written.contains("554") && !written.contains("s3cr3t"), "{written}");
    }

    /// Without a mail server, and with one that is away, a mail waits.
    async fn a_mail_waits_for_its_server(outbox: Outbox) {
        let id = outbox.mail(&invitation("ada@example.com", "Acme")).await;
        let worker = outbox.worker();
        assert!(!worker.sends_mail());
        worker.run_once(at(0)).await.unwrap();
        let error = "No mail server is configured; set smtp_url and mail_from.";
        assert_eq!(outbox.state(id).await, json!(["pending", 1, error]));
        let mut server = SmtpServer::start().await;
        let away = DeliverySettings { smtp_url: Some("smtp://127.0.0.1:1".to_owned()), ..settings(&server) };
        outbox.worker_with(&away).run_once(at(HOUR)).await.unwrap();
        let error = "The mail server cannot be reached, or broke the connection off.";
        assert_eq!(outbox.state(id).await, json!(["pending", 2, error]));
        outbox.worker_with(&settings(&server)).run_once(at(2 * HOUR)).await.unwrap();
        assert_eq!(server.mail().await["to"], json!(["ada@example.com"]));
    }
}

/// No name adds a header, a line or an element, however it is written; none is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_stay_names() {
    let outbox = Outbox::open(Backend::Sqlite).await;
    let mut server = SmtpServer::start().await;
    let worker = outbox.worker_with(&settings(&server));
    let tenant =
        "Ac\r\nBcc: eve@example.com\r\n\r\n<img src=x onerror=\"alert(1)\">\u{2028}\0 & Söhne \u{85}\"GmbH\"";
    let cleaned = "Ac Bcc: eve@example.com <img src=x onerror=\"alert(1)\"> & Söhne \"GmbH\"";
    for number in 0..4 {
        let link = Link(LINK.to_owned());
        let mut mail = invitation("ada@example.com", tenant);
        mail.to_name = Some("Ada\r\nX-Evil: 1, \"eve\" <eve@example.com>".to_owned());
        mail.content = match number {
            0 => mail.content,
            1 => Content::VerifyEmail { link, expires_at: at(DAY) },
            2 => Content::ResetPassword { link, expires_at: at(HOUR) },
            _ => Content::PasswordChanged { at: at(0) },
        };
        outbox.mail(&mail).await;
        worker.run_once(at(0)).await.unwrap();
        let mail = server.mail().await;
        let subject = [
            format!("You've been invited to {cleaned}"),
            format!("Confirm your e-mail address for {cleaned}"),
            format!("Reset your password for {cleaned}"),
            format!("Your password for {cleaned} was changed"),
        ];
        let headers = headers(&mail);
        let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["Message-ID", "Date", "From", "To", "Subject", "Auto-Submitted", "MIME-Version"]);
        assert_eq!(headers[4].1, subject[number]);
        assert!(
            headers[3].1.ends_with("<ada@example.com>") && headers[3].1.contains("X-Evil"),
            "{}",
            headers[3].1
        );
        assert_eq!((&mail["to"], &mail["defects"]), (&json!(["ada@example.com"]), &json!([])));
        let plain = mail["parts"]["text/plain"].as_str().unwrap();
        assert!(plain.contains(cleaned) && plain.contains(LINK) == (number != 3), "{plain}");
        let html = mail["parts"]["text/html"].as_str().unwrap();
        assert!(
            !html.contains("<img") && html.contains("&#60;img src=x onerror=&#34;alert(1)&#34;&#62;"),
            "{html}"
        );
    }
}

#[tokio::test]
async fn a_mail_cannot_be_moved_to_another_row_or_read_with_another_key() {
    let outbox = Outbox::open(Backend::Sqlite).await;
    let mail = invitation("ada@example.com", "Acme");
    let row = mail.seal(&outbox.key, outbox.tenant, TARGET, at(0)).unwrap();
    assert_eq!(row.expires_at, Timestamp(at(0).0 + DAY));
    assert_eq!(Mail::open(&outbox.key, outbox.tenant, &row).unwrap(), mail);
    let moved = provost::model::OutboxRow { id: OutboxId(random::uuid_v7()), ..row.clone() };
    assert!(Mail::open(&outbox.key, outbox.tenant, &moved).is_err());
    let other = provost::auth::SecretKey::new([8; 32]);
    assert!(Mail::open(&other, outbox.tenant, &row).is_err());
}
