//! The load driver: keep-alive HTTP/1.1 on raw sockets, one request under way per connection. It shares the machine
//! with the server that it measures, so it does no more than write bytes and find the end of the answer.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::Failure;

/// Writes the next request of a connection: its number, and where to write.
pub type Requests = Rc<dyn Fn(&mut Dice, &mut Vec<u8>)>;

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
pub struct Driver {
    pub address: SocketAddr,
    pub connections: usize,
    /// The status that every answer must have.
    pub status: u16,
}

impl Driver {
    /// Keeps every connection busy for `time`.
    ///
    /// # Errors
    /// A refused connection, or an answer with another status: then nothing was measured.
    pub async fn run(&self, time: Duration, requests: &Requests) -> Result<Load, Failure> {
        let latencies = Rc::new(RefCell::new(Vec::with_capacity(1 << 16)));
        let local = tokio::task::LocalSet::new();
        let mut tasks = JoinSet::new();
        let mut streams = Vec::new();
        for _ in 0..self.connections {
            let stream = TcpStream::connect(self.address).await?;
            stream.set_nodelay(true)?;
            streams.push(stream);
        }
        let started = Instant::now();
        for (number, stream) in streams.into_iter().enumerate() {
            let (requests, latencies) = (Rc::clone(requests), Rc::clone(&latencies));
            let dice = Dice::new(started.elapsed().as_nanos() as u64 + 7919 * (number as u64 + 1));
            let connection = Connection { stream, buffer: vec![0; 256 * 1024], status: self.status };
            tasks.spawn_local_on(connection.keep_busy(started + time, dice, requests, latencies), &local);
        }
        local
            .run_until(async {
                while let Some(done) = tasks.join_next().await {
                    done??;
                }
                Ok::<_, Failure>(())
            })
            .await?;
        let elapsed = started.elapsed().as_secs_f64();
        let mut latencies = latencies.borrow_mut();
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
    pub async fn once(&self, request: &[u8]) -> Result<Vec<u8>, Failure> {
        let stream = TcpStream::connect(self.address).await?;
        let mut connection = Connection { stream, buffer: vec![0; 256 * 1024], status: self.status };
        let body = connection.exchange(request).await?;
        Ok(connection.buffer.get(body).unwrap_or_default().to_vec())
    }
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    status: u16,
}

impl Connection {
    async fn keep_busy(
        mut self,
        until: Instant,
        mut dice: Dice,
        requests: Requests,
        latencies: Rc<RefCell<Vec<u32>>>,
    ) -> Result<(), Failure> {
        let mut request = Vec::with_capacity(4096);
        let mut now = Instant::now();
        while now < until {
            request.clear();
            requests(&mut dice, &mut request);
            self.exchange(&request).await?;
            let answered = Instant::now();
            latencies.borrow_mut().push(answered.duration_since(now).as_micros() as u32);
            now = answered;
        }
        Ok(())
    }

    /// Sends a request and reads its answer; where in the buffer the body is.
    async fn exchange(&mut self, request: &[u8]) -> Result<std::ops::Range<usize>, Failure> {
        self.stream.write_all(request).await?;
        let mut filled = 0;
        let mut end = None;
        loop {
            if filled == self.buffer.len() {
                self.buffer.resize(filled * 2, 0);
            }
            let free = self.buffer.get_mut(filled..).unwrap_or_default();
            let read = self.stream.read(free).await?;
            if read == 0 {
                return Err("the server closed the connection".into());
            }
            filled += read;
            let bytes = self.buffer.get(..filled).unwrap_or_default();
            if end.is_none() {
                end = answer_end(bytes, self.status)?;
            }
            match &end {
                Some(End::At(body, end)) if filled >= *end => return Ok(*body..*end),
                Some(End::LastChunk(body)) if bytes.ends_with(b"\r\n0\r\n\r\n") => return Ok(*body..filled),
                _ => {}
            }
        }
    }
}

/// Where an answer ends: both kinds know where its body begins.
enum End {
    At(usize, usize),
    LastChunk(usize),
}

/// Reads the head of an answer, once it is whole.
fn answer_end(bytes: &[u8], expected: u16) -> Result<Option<End>, Failure> {
    let Some(head) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let body = head + 4;
    let text = String::from_utf8_lossy(bytes.get(..head).unwrap_or_default());
    let status: u16 = text.get(9..12).and_then(|code| code.parse().ok()).unwrap_or_default();
    if status != expected {
        let answer = String::from_utf8_lossy(bytes);
        return Err(format!("expected status {expected}, got this answer:\n{answer}").into());
    }
    if status == 204 {
        return Ok(Some(End::At(body, body)));
    }
    for line in text.lines().skip(1) {
        let Some((name, value)) = line.split_once(':') else { continue };
        if name.eq_ignore_ascii_case("content-length") {
            let length: usize = value.trim().parse()?;
            return Ok(Some(End::At(body, body + length)));
        }
    }
    Ok(Some(End::LastChunk(body)))
}
