//! A small application behind the real edge, and a client that writes bytes as it likes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use poem::http::Method;
use poem::{IntoResponse, Request, Response, Result, Route, endpoint::make};
use provost::http::edge::{self, EdgeSettings, Methods, RequestContext};
use provost::http::error::Failure;
use provost::http::payload::read_json;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use uuid::Uuid;

/// Far above anything that is expected to happen, so that only a hang meets it.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub const FIXED_ID: Uuid = Uuid::from_u128(0x0190_a0a0_0000_7000_8000_0000_0000_0001);

/// Lets the test hold and release requests to `/held`.
#[derive(Default)]
pub struct Gate {
    pub entered: Notify,
    pub release: Notify,
}

pub struct Server {
    pub addr: SocketAddr,
    pub gate: Arc<Gate>,
    stop: Option<oneshot::Sender<()>>,
    pub done: JoinHandle<std::io::Result<()>>,
}

impl Server {
    pub async fn start(settings: EdgeSettings) -> Self {
        let gate = Arc::new(Gate::default());
        Self::run(settings, routes(Arc::clone(&gate)), gate).await
    }

    pub async fn run(settings: EdgeSettings, app: Route, gate: Arc<Gate>) -> Self {
        let settings = Arc::new(settings);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let app = Arc::new(edge::wrap(app, Arc::clone(&settings), Arc::new(|| FIXED_ID)));
        let (stop, stopped) = oneshot::channel::<()>();
        let done = tokio::spawn(edge::serve(listener, app, settings, async {
            let _ = stopped.await;
        }));
        Self { addr, gate, stop: Some(stop), done }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    pub async fn connect(&self) -> Wire<TcpStream> {
        Wire::new(TcpStream::connect(self.addr).await.unwrap())
    }

    pub fn stop(&mut self) {
        let _ = self.stop.take().unwrap().send(());
    }
}

fn routes(gate: Arc<Gate>) -> Route {
    let held = make(move |_| {
        let gate = Arc::clone(&gate);
        async move {
            gate.entered.notify_one();
            gate.release.notified().await;
            "released"
        }
    });
    Route::new()
        .at("/hello", Methods::new().get(make(|_| async { "hello" })))
        .at("/echo", Methods::new().post(make(echo)).put(make(echo)))
        .at("/whoami", Methods::new().get(make(whoami)))
        .at("/things/:id", Methods::new().get(make(|_| async { "a thing" })))
        .at("/huge", Methods::new().get(make(|_| async { vec![b'x'; 64 << 20] })))
        .at("/held", Methods::new().get(held))
        .at("/panic", Methods::new().get(make(panic)))
        .at("/broken", Methods::new().get(make(broken)))
        .at("/poem-get", poem::get(make(|_| async { "poem" })))
}

async fn echo(mut request: Request) -> Result<Response> {
    let object = read_json(&mut request).await?;
    Ok(serde_json::to_string(&object).unwrap().into_response())
}

async fn whoami(request: Request) -> String {
    let context = RequestContext::of(&request).unwrap();
    format!("{} {} {}", context.client.ip, context.client.https, context.id)
}

async fn panic(request: Request) -> &'static str {
    assert_ne!(request.method(), Method::GET, "the flux capacitor is empty");
    "unreachable"
}

async fn broken(_: Request) -> Result<Response, Failure> {
    Err(Failure::internal("disk 7 is on fire"))
}

/// A connection on which bytes are written by hand.
pub struct Wire<S> {
    stream: S,
    buffer: Vec<u8>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub fn detail(&self) -> String {
        self.json()["detail"].as_str().unwrap().to_owned()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub fn new(stream: S) -> Self {
        Self { stream, buffer: Vec::new() }
    }

    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n")).await;
        self.answer().await
    }

    pub async fn post(&mut self, path: &str, media_type: &str, body: &[u8]) -> Answer {
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: test\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n"
        );
        self.send([head.as_bytes(), body].concat()).await;
        self.answer().await
    }

    pub async fn answer(&mut self) -> Answer {
        timeout(PATIENCE, self.read_answer(true)).await.expect("no answer came")
    }

    /// An answer to `HEAD`: its length is announced and nothing follows.
    pub async fn head_answer(&mut self) -> Answer {
        timeout(PATIENCE, self.read_answer(false)).await.expect("no answer came")
    }

    async fn read_answer(&mut self, with_body: bool) -> Answer {
        let end = loop {
            if let Some(at) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break at;
            }
            assert_ne!(
                self.fill().await,
                0,
                "closed before an answer: {:?}",
                String::from_utf8_lossy(&self.buffer)
            );
        };
        let head = String::from_utf8(self.buffer.drain(..end + 4).collect()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut answer = Answer { status, head, body: String::new() };
        let length = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
        if with_body {
            while self.buffer.len() < length {
                assert_ne!(self.fill().await, 0, "closed within an answer");
            }
            answer.body = String::from_utf8(self.buffer.drain(..length).collect()).unwrap();
        }
        answer
    }

    async fn fill(&mut self) -> usize {
        self.stream.read_buf(&mut self.buffer).await.unwrap()
    }

    /// Waits until the server has closed without another byte.
    pub async fn closed(&mut self) {
        let end = timeout(PATIENCE, self.stream.read_buf(&mut self.buffer)).await.expect("still open");
        assert!(matches!(end, Ok(0) | Err(_)), "bytes came: {:?}", String::from_utf8_lossy(&self.buffer));
    }

    /// Whether nothing arrives for a while. A server that is wrong answers at once; one that is right can't fail this.
    pub async fn stays_silent(&mut self) -> bool {
        timeout(Duration::from_millis(200), self.stream.read_buf(&mut self.buffer)).await.is_err()
    }
}
