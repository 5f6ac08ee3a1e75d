//! TLS by certificate files.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use provost::http::edge::{EdgeSettings, load_tls};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::support::{Server, Wire};

struct Files {
    folder: TempDir,
    authority: CertificateDer<'static>,
}

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let signed = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        std::fs::write(folder.path().join("cert.pem"), signed.cert.pem()).unwrap();
        std::fs::write(folder.path().join("key.pem"), signed.signing_key.serialize_pem()).unwrap();
        Self { folder, authority: signed.cert.der().clone() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn settings(&self) -> EdgeSettings {
        let tls = load_tls(&self.path("cert.pem"), &self.path("key.pem")).unwrap();
        EdgeSettings { tls: Some(Arc::new(tls)), ..EdgeSettings::default() }
    }

    async fn connect(&self, server: &Server, protocols: &[&str]) -> TlsStream<TcpStream> {
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        let stream = TcpStream::connect(server.addr).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
    }
}

fn refusal(cert: &Path, key: &Path) -> String {
    load_tls(cert, key).unwrap_err().to_string()
}

#[tokio::test]
async fn requests_come_through_and_are_known_as_https() {
    let files = Files::new();
    let server = Server::start(files.settings()).await;
    let mut wire = Wire::new(files.connect(&server, &["http/1.1"]).await);
    assert_eq!(wire.get("/hello").await.body, "hello");
    assert!(wire.get("/whoami").await.body.starts_with("127.0.0.1 true "));
}

#[tokio::test]
async fn http_2_is_chosen_when_the_client_offers_it() {
    let files = Files::new();
    let server = Server::start(files.settings()).await;
    let stream = files.connect(&server, &["h2", "http/1.1"]).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let stream = files.connect(&server, &[]).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), None);
    assert_eq!(Wire::new(stream).get("/hello").await.status, 200);
}

#[tokio::test]
async fn a_handshake_that_does_not_come_is_cut_off_and_harms_nobody() {
    let files = Files::new();
    let settings = EdgeSettings { header_timeout: Duration::from_secs(1), ..files.settings() };
    let server = Server::start(settings).await;
    server.connect().await.closed().await;
    let mut silent = Wire::new(files.connect(&server, &["http/1.1"]).await);
    silent.closed().await;
    let mut wire = Wire::new(files.connect(&server, &["http/1.1"]).await);
    assert_eq!(wire.get("/hello").await.status, 200);
}

#[test]
fn files_that_do_not_serve_are_named() {
    let files = Files::new();
    let (cert, key, absent) = (files.path("cert.pem"), files.path("key.pem"), files.path("absent.pem"));
    let junk = files.path("junk.pem");
    std::fs::write(&junk, "nothing of use").unwrap();
    assert!(refusal(&absent, &key).contains("absent.pem cannot be read"));
    assert!(refusal(&cert, &absent).contains("absent.pem cannot be read"));
    assert!(refusal(&junk, &key).contains("junk.pem holds no certificate"));
    assert!(refusal(&cert, &junk).contains("junk.pem holds no private key"));
    let (other, stranger) = (Files::new(), "key.pem cannot be used together");
    assert!(refusal(&cert, &other.path("key.pem")).contains(stranger));
}
