//! The load driver: hyper's HTTP/1.1 client, one request under way on each of its connections, all on one thread. Every
//! answer is read to its end and looked through for what it must hold, so that what was measured was also right.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::Failure;

/// A request, and what its answer must hold.
pub struct Request {
    pub http: hyper::Request<Full<Bytes>>,
    pub holds: Option<String>,
}

/// Makes the next request of a connection.
pub type Requests = Rc<dyn Fn(&mut Dice) -> Request>;

/// A small xorshift generator: which user comes next needs no better chance than that.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end.max(1)
    }
}

/// What a round of load came to.
#[derive(Clone, Debug, Default)]
pub struct Load {
    pub requests: u64,
    pub rate: f64,
    /// Milliseconds.
    pub p50: f64,
    pub p99: f64,
}

/// Where requests go and what comes back.
#[derive(Clone, Copy)]
pub struct Driver {
    pub address: SocketAddr,
    pub connections: usize,
    /// The status that every answer must have.
    pub status: u16,
    /// Whether answers may lack what they should hold: a baseline gives the same one to everybody.
    pub bare: bool,
}

impl Driver {
    /// Keeps every connection busy for `time`.
    ///
    /// # Errors
    /// A refused connection, or an answer other than expected: then nothing was measured.
    pub async fn run(&self, time: Duration, requests: &Requests) -> Result<Load, Failure> {
        let latencies = Rc::new(RefCell::new(Vec::with_capacity(1 << 16)));
        let local = tokio::task::LocalSet::new();
        let (elapsed, mut latencies) = local
            .run_until(async {
                let mut connections = Vec::new();
                for _ in 0..self.connections {
                    connections.push(self.connect().await?);
                }
                let mut tasks = JoinSet::new();
                let started = Instant::now();
                for (number, connection) in connections.into_iter().enumerate() {
                    let (requests, latencies) = (Rc::clone(requests), Rc::clone(&latencies));
                    let dice = Dice::new(started.elapsed().as_nanos() as u64 + 7919 * (number as u64 + 1));
                    tasks.spawn_local(connection.keep_busy(started + time, dice, requests, latencies));
                }
                while let Some(done) = tasks.join_next().await {
                    done??;
                }
                Ok::<_, Failure>((started.elapsed().as_secs_f64(), latencies.take()))
            })
            .await?;
        latencies.sort_unstable();
        let percentile = |percent: usize| {
            let place = latencies.len().saturating_sub(1) * percent / 100;
            latencies.get(place).map_or(0.0, |micros| f64::from(*micros) / 1000.0)
        };
        Ok(Load {
            requests: latencies.len() as u64,
            rate: latencies.len() as f64 / elapsed,
            p50: percentile(50),
            p99: percentile(99),
        })
    }

    /// One request on a connection of its own; the answer's body.
    ///
    /// # Errors
    /// As [`Driver::run`].
    pub async fn once(&self, request: Request) -> Result<Bytes, Failure> {
        let local = tokio::task::LocalSet::new();
        local.run_until(async { self.connect().await?.exchange(request).await }).await
    }

    /// Must be called within a `LocalSet`.
    async fn connect(&self) -> Result<Connection, Failure> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // A connection that fails, fails the request that is under way on it.
        tokio::task::spawn_local(connection);
        Ok(Connection { sender, status: self.status, bare: self.bare })
    }
}

struct Connection {
    sender: SendRequest<Full<Bytes>>,
    status: u16,
    bare: bool,
}

impl Connection {
    async fn keep_busy(
        mut self,
        until: Instant,
        mut dice: Dice,
        requests: Requests,
        latencies: Rc<RefCell<Vec<u32>>>,
    ) -> Result<(), Failure> {
        let mut now = Instant::now();
        while now < until {
            self.exchange(requests(&mut dice)).await?;
            let answered = Instant::now();
            latencies.borrow_mut().push(answered.duration_since(now).as_micros() as u32);
            now = answered;
        }
        Ok(())
    }

    /// Sends a request and reads its answer.
    async fn exchange(&mut self, request: Request) -> Result<Bytes, Failure> {
        self.sender.ready().await?;
        let answer = self.sender.send_request(request.http).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        let text = std::str::from_utf8(&body)?;
        if status.as_u16() != self.status {
            return Err(format!("expected status {}, got {status}:\n{text}", self.status).into());
        }
        match request.holds {
            Some(wanted) if !text.contains(&wanted) && !self.bare => {
                Err(format!("the answer does not hold {wanted}:\n{text}").into())
            }
            _ => Ok(body),
        }
    }
}
