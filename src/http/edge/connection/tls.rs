//! Certificate and key from PEM files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Why TLS cannot be served; each names the file.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file is not there, or may not be read.
    #[error("the TLS file {} cannot be read: {source}", path.display())]
    Read {
        /// The file as it was given.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is not PEM, or its PEM is broken.
    #[error("the TLS file {} is not well-formed PEM: {source}", path.display())]
    Pem {
        /// The file as it was given.
        path: PathBuf,
        /// What is wrong with it.
        source: pem::Error,
    },
    /// The certificate file holds no certificate.
    #[error("the TLS certificate file {} holds no certificate (-----BEGIN CERTIFICATE-----)", .0.display())]
    NoCertificate(PathBuf),
    /// The key file holds no private key.
    #[error("the TLS key file {} holds no private key (-----BEGIN PRIVATE KEY-----)", .0.display())]
    NoKey(PathBuf),
    /// Both are well-formed but do not belong together, or are of a kind that is not served.
    #[error("the TLS certificate {} and the key {} cannot be used together: {source}", cert.display(), key.display())]
    Unusable {
        /// The certificate file.
        cert: PathBuf,
        /// The key file.
        key: PathBuf,
        /// What rustls says.
        source: rustls::Error,
    },
}

/// Reads a certificate chain (leaf first) and its private key, for TLS 1.2 and 1.3 with HTTP/2 and HTTP/1.1 by ALPN.
///
/// The files are read once; a renewed certificate needs a restart.
///
/// # Errors
/// [`TlsError`], naming the file and what is wrong with it.
pub fn load_tls(cert: &Path, key: &Path) -> Result<ServerConfig, TlsError> {
    let chain = CertificateDer::pem_slice_iter(&read(cert)?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|source| TlsError::Pem { path: cert.into(), source })?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate(cert.into()));
    }
    let private = PrivateKeyDer::from_pem_slice(&read(key)?).map_err(|source| match source {
        pem::Error::NoItemsFound => TlsError::NoKey(key.into()),
        source => TlsError::Pem { path: key.into(), source },
    })?;
    // The provider is named, not taken from the process: another crate may install a different one.
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, private))
        .map_err(|source| TlsError::Unusable { cert: cert.into(), key: key.into(), source })?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|source| TlsError::Read { path: path.into(), source })
}
