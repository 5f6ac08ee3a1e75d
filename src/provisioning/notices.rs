//! What policies want to be told to whoever sent a request.

use std::sync::{Arc, Mutex, PoisonError};

/// The notices of the policies that allowed what a request does. A request and its answer share one collection.
#[derive(Clone, Debug, Default)]
pub struct Notices(Arc<Mutex<Vec<String>>>);

impl Notices {
    /// Adds notices; each is told once.
    pub fn add(&self, notices: Vec<String>) {
        if notices.is_empty() {
            return;
        }
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for notice in notices {
            if !all.contains(&notice) {
                all.push(notice);
            }
        }
    }

    /// All of them, in the order in which they came.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
