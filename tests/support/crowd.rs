//! Many clients at once.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

/// Runs `count` clients that begin together; each is told its number. Gives what they found, by number.
pub async fn crowd<T, F, Fut>(count: usize, client: F) -> Vec<T>
where
    T: Send + 'static,
    F: Fn(usize) -> Fut,
    Fut: Future<Output = T> + Send + 'static,
{
    let start = Arc::new(Barrier::new(count));
    let mut clients = JoinSet::new();
    for number in 0..count {
        let (start, client) = (Arc::clone(&start), client(number));
        clients.spawn(async move {
            start.wait().await;
            (number, client.await)
        });
    }
    let mut found = clients.join_all().await;
    found.sort_by_key(|(number, _)| *number);
    found.into_iter().map(|(_, result)| result).collect()
}
