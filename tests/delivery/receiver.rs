//! A receiver of webhooks on loopback, which answers as the test says.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use poem::http::{HeaderMap, StatusCode};
use poem::listener::TcpAcceptor;
use poem::{IntoResponse as _, Request, Response, Server, endpoint};
use tokio::net::TcpListener;

/// How to answer a request.
#[derive(Clone, Debug)]
pub enum Answer {
    Status(u16),
    Redirect(String),
    /// Far more than anybody should read.
    Endless,
    /// 200, after a while.
    Late(Duration),
    /// Never.
    Nothing,
}

/// One request, whole.
#[derive(Clone, Debug)]
pub struct Received {
    pub path: String,
    pub headers: HeaderMap,
    pub body: String,
}

impl Received {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

#[derive(Clone)]
pub struct Receiver {
    pub address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
}

impl Receiver {
    /// Answers with each of these in turn, and with the last one ever after.
    pub async fn start(answers: &[Answer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Self {
            address: listener.local_addr().unwrap(),
            received: Arc::default(),
            answers: Arc::new(Mutex::new(answers.iter().cloned().collect())),
        };
        let handler = receiver.clone();
        let app = endpoint::make(move |request| {
            let handler = handler.clone();
            async move { handler.answer(request).await }
        });
        let acceptor = TcpAcceptor::from_tokio(listener).unwrap();
        tokio::spawn(Server::new_with_acceptor(acceptor).run(app));
        receiver
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    async fn answer(&self, request: Request) -> poem::Result<Response> {
        let (path, headers) = (request.uri().path().to_owned(), request.headers().clone());
        let body = request.into_body().into_string().await?;
        self.received.lock().unwrap().push(Received { path, headers, body });
        let answer = {
            let mut answers = self.answers.lock().unwrap();
            let next = answers.pop_front().expect("an answer");
            if answers.is_empty() {
                answers.push_back(next.clone());
            }
            next
        };
        Ok(match answer {
            Answer::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
            Answer::Redirect(to) => StatusCode::FOUND.with_header("location", to).into_response(),
            Answer::Endless => vec![b'x'; 64 << 20].into_response(),
            Answer::Late(after) => {
                tokio::time::sleep(after).await;
                StatusCode::OK.into_response()
            }
            Answer::Nothing => std::future::pending().await,
        })
    }
}
