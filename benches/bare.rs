//! The baseline beside SQLite: a poem endpoint with nothing behind it, in a process of its own.

use std::path::Path;
use std::sync::Arc;

use poem::http::header::CONTENT_TYPE;
use poem::listener::{Acceptor as _, Listener as _, TcpListener};
use poem::{Body, Request, Response, Route, Server, endpoint};

use crate::Failure;

/// What makes this program the bare endpoint; the file with the answer to `GET` follows.
pub const FLAG: &str = "--bare-endpoint";

const JSON: &str = "application/scim+json";

/// Serves until it is killed. `POST` parses the body and writes it back; `GET` answers the file's bytes.
///
/// # Errors
/// A file that cannot be read, a port that cannot be had.
pub async fn serve(answer: &Path) -> Result<(), Failure> {
    let bytes = bytes::Bytes::from(std::fs::read(answer)?);
    let bytes = Arc::new(bytes);
    let echo = endpoint::make(|mut request: Request| async move { echo(request.take_body()).await });
    let same = endpoint::make_sync(move |_| {
        Response::builder().header(CONTENT_TYPE, JSON).body(bytes::Bytes::clone(&bytes))
    });
    let routes =
        Route::new().at("/scim/v2/Users", poem::post(echo)).at("/scim/v2/Users/:id", poem::get(same));
    let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await?;
    let address = acceptor.local_addr().into_iter().find_map(|address| address.as_socket_addr().copied());
    println!("{}", address.ok_or("the socket has no address")?);
    Ok(Server::new_with_acceptor(acceptor).run(routes).await?)
}

async fn echo(body: Body) -> poem::Result<Response> {
    let bytes = body.into_bytes().await?;
    let value: serde_json::Value = serde_json::from_slice(&bytes).map_err(poem::error::BadRequest)?;
    Ok(Response::builder()
        .status(poem::http::StatusCode::CREATED)
        .header(CONTENT_TYPE, JSON)
        .body(value.to_string()))
}
