//! What a page looks like, and what a browser may do with it: nothing but show it and post its form to this server.

use std::sync::LazyLock;

use askama::Template;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use poem::Response;
use poem::http::StatusCode;
use sha2::{Digest as _, Sha256};

use crate::http::error::Failure;

/// The one style sheet, in every page.
pub(super) const STYLE: &str = "body{margin:0;font:16px/1.5 system-ui,sans-serif;color:#1f2933;background:#f5f7fa}\
main{max-width:26rem;margin:10vh auto;padding:2rem;background:#fff;border-radius:8px;overflow-wrap:anywhere}\
h1{margin-top:0;font-size:1.4rem}label{display:block;margin:1rem 0}\
input{display:block;width:100%;box-sizing:border-box;padding:.5rem;font:inherit;border:1px solid #7b8794;border-radius:4px}\
button{padding:.6rem 1.2rem;font:inherit;color:#fff;background:#1d4ed8;border:0;border-radius:4px;cursor:pointer}\
.refusal{padding:.6rem;color:#8a1c1c;background:#fde8e8;border-radius:4px}";

/// No scripts, no frames, nothing from elsewhere; the style sheet by its digest (CSP Level 3, §2.3.1).
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let digest = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
});

#[derive(Template)]
#[template(path = "pages/message.html")]
struct Message<'a> {
    style: &'static str,
    heading: &'a str,
    message: &'a str,
}

/// A page. It is kept nowhere, and its address, which has the token in it, is told to nobody.
///
/// # Errors
/// A template that cannot be filled in.
pub(super) fn page(status: StatusCode, template: &impl Template) -> Result<Response, Failure> {
    let html = template.render().map_err(Failure::internal)?;
    Ok(Response::builder()
        .status(status)
        .content_type("text/html; charset=utf-8")
        .header("Cache-Control", "no-store")
        .header("Content-Security-Policy", POLICY.as_str())
        .header("Referrer-Policy", "no-referrer")
        .header("X-Content-Type-Options", "nosniff")
        .body(html))
}

/// A page that says one thing.
///
/// # Errors
/// As [`page`].
pub(super) fn message(status: StatusCode, heading: &str, message: &str) -> Result<Response, Failure> {
    page(status, &Message { style: STYLE, heading, message })
}

/// A refusal as a page. What is the server's own fault goes on as it is, to where it is logged.
///
/// # Errors
/// As [`page`]; a failure of the server.
pub(super) fn refused(failure: Failure) -> Result<Response, Failure> {
    match failure.status.is_client_error() {
        true => message(failure.status, "That did not work", &failure.detail),
        false => Err(failure),
    }
}
