//! Answers as text. Stored documents are spliced, not parsed, wherever the client asked for nothing special: that is
//! what makes a read cheap.

use std::fmt::Write as _;
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::ProvisioningError;

/// How much of an answer is gathered before it is sent on in chunks.
const CHUNK: usize = 64 * 1024;
/// How many answers may wait for slow clients while they hold a database connection.
const SLOW_READERS: usize = 4;

/// Keeps slow clients from holding every database connection: beyond a few, an answer is gathered whole in memory
/// instead of waiting for its client in the middle of a query.
#[derive(Clone, Debug)]
pub(super) struct SlowReaders(Arc<Semaphore>);

impl Default for SlowReaders {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(SLOW_READERS)))
    }
}

/// A resource, or a list of them, on its way out.
pub struct Answer {
    /// The resource's own URL.
    pub location: Option<String>,
    /// The resource's entity tag.
    pub etag: Option<String>,
    pub body: Body,
}

/// The answer's text.
pub enum Body {
    /// Nothing to say (204).
    Empty,
    Whole(String),
    /// Too large to be gathered: a group's members come as they are read.
    Chunks(BoxStream<'static, Result<String, ProvisioningError>>),
}

enum Piece {
    Chunk(String),
    End(String),
    Failed(ProvisioningError),
}

/// Where a streamed answer is written.
pub(super) struct Writer {
    text: String,
    slow_readers: SlowReaders,
    /// Leave to wait for the client.
    permit: Option<OwnedSemaphorePermit>,
    sender: mpsc::Sender<Piece>,
}

impl Writer {
    /// The text so far, to be added to.
    pub fn text(&mut self) -> &mut String {
        &mut self.text
    }

    /// Sends what was gathered, if that is worth it; waits while the client is slow.
    ///
    /// # Errors
    /// The client is gone.
    pub async fn flush_if_full(&mut self) -> Result<(), ProvisioningError> {
        if self.text.len() < CHUNK {
            return Ok(());
        }
        if self.permit.is_none() {
            self.permit = Arc::clone(&self.slow_readers.0).try_acquire_owned().ok();
            if self.permit.is_none() {
                return Ok(());
            }
        }
        let chunk = std::mem::take(&mut self.text);
        let gone = |_| ProvisioningError::Internal("the client closed the connection".to_owned());
        self.sender.send(Piece::Chunk(chunk)).await.map_err(gone)
    }
}

/// Runs `write` beside the request. A short answer comes back whole; of a long one the first chunk is awaited, so that
/// an early failure is still an error and not a broken answer.
///
/// # Errors
/// What `write` fails with before its first chunk.
pub(super) async fn streamed<F, Fut>(slow_readers: &SlowReaders, write: F) -> Result<Body, ProvisioningError>
where
    F: FnOnce(Writer) -> Fut,
    Fut: Future<Output = Result<Writer, ProvisioningError>> + Send + 'static,
{
    let (sender, mut receiver) = mpsc::channel(2);
    let last = sender.clone();
    let work =
        write(Writer { text: String::new(), slow_readers: slow_readers.clone(), permit: None, sender });
    tokio::spawn(async move {
        let piece = match work.await {
            Ok(writer) => Piece::End(writer.text),
            Err(error) => Piece::Failed(error),
        };
        // Nobody waits any more when the client is gone.
        let _ = last.send(piece).await;
    });
    match receiver.recv().await {
        Some(Piece::End(text)) => Ok(Body::Whole(text)),
        Some(Piece::Failed(error)) => Err(error),
        None => Err(ProvisioningError::Internal("the answer's writer stopped".to_owned())),
        Some(Piece::Chunk(first)) => {
            let rest = stream::unfold(Some(receiver), |receiver| async {
                let mut receiver = receiver?;
                match receiver.recv().await {
                    Some(Piece::Chunk(text)) => Some((Ok(text), Some(receiver))),
                    Some(Piece::End(text)) => Some((Ok(text), None)),
                    Some(Piece::Failed(error)) => Some((Err(error), None)),
                    None => {
                        let error = ProvisioningError::Internal("the answer's writer stopped".to_owned());
                        Some((Err(error), None))
                    }
                }
            });
            Ok(Body::Chunks(stream::once(async { Ok(first) }).chain(rest).boxed()))
        }
    }
}

/// Appends `text` as a JSON string.
pub(super) fn push_json(out: &mut String, text: &str) {
    if text.bytes().any(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        out.push_str(&serde_json::Value::from(text).to_string());
    } else {
        out.push('"');
        out.push_str(text);
        out.push('"');
    }
}

/// The place behind the document's `schemas`, which stand first and hold no bracket.
pub(super) fn behind_schemas(document: &str) -> usize {
    document.find(']').map_or(1, |place| place + 1)
}

/// Appends `"meta":{…}` (RFC 7643 §3.1).
pub(super) fn push_meta(
    out: &mut String,
    resource_type: &str,
    created_at: i64,
    updated_at: i64,
    version: i64,
    location: &str,
) {
    use crate::scim::schema::datetime::format_datetime;
    let _ = write!(
        out,
        "\"meta\":{{\"resourceType\":\"{resource_type}\",\"created\":\"{}\",\"lastModified\":\"{}\",\"version\":\"W/\\\"{version}\\\"\",\"location\":",
        format_datetime(created_at),
        format_datetime(updated_at),
    );
    push_json(out, location);
    out.push('}');
}
