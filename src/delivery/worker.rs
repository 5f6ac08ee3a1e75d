//! The worker: sees what is due, and has it delivered. Any number of servers may have one on the same database.
//!
//! Each lane (a tenant's mails, the events of one webhook) is visited by one task at a time and never waits for
//! another. A lane whose last attempt failed gets one row at a time and one of few places kept for such lanes, so that
//! receivers that hang cannot take the places of those that work.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::sync::watch;
use tokio::task::{Id, JoinHandle, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::attempt::Courier;
use super::mail::{MailSettingsError, Mailer};
use super::retention;
use super::webhook::Sender;
use crate::auth::SecretKey;
use crate::model::clock::{Clock, Timestamp};
use crate::model::ids::TenantId;
use crate::model::outbox::Lane;
use crate::storage::{Storage, StorageError};

/// How often is looked for what is due again, and for what other servers wrote.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long to leave a database alone that failed.
const AFTER_FAILURE: Duration = Duration::from_secs(2);
/// Rows that one visit tries at once.
const TOGETHER: usize = 4;
/// Visits after which a lane leaves its place to others.
const VISITS: usize = 16;

type LaneKey = (TenantId, Lane);

/// What an operator says about delivery.
#[derive(Clone, Debug, Default)]
pub struct DeliverySettings {
    pub smtp_url: Option<String>,
    pub mail_from: Option<String>,
    /// Whether webhooks may lead to private addresses, and be plain `http`.
    pub webhook_allow_private: bool,
}

/// Delivers what is in the outbox. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Worker {
    courier: Arc<Courier>,
    clock: Clock,
    /// Lanes whose last attempt failed.
    struggling: Arc<Mutex<HashSet<LaneKey>>>,
}

/// Which places a lane's task takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Mail,
    Webhook,
    Struggling,
}

impl Class {
    /// Tasks at once.
    fn places(self) -> usize {
        match self {
            Self::Mail => 8,
            Self::Webhook => 64,
            Self::Struggling => 32,
        }
    }
}

impl Worker {
    /// A worker that has not begun. It is made, and dropped, within a tokio runtime.
    ///
    /// # Errors
    /// A mail server's URL or a sender's address that cannot be read.
    pub fn new(
        storage: Storage,
        clock: Clock,
        key: SecretKey,
        settings: &DeliverySettings,
    ) -> Result<Self, MailSettingsError> {
        let mailer = match (&settings.smtp_url, &settings.mail_from) {
            (Some(url), Some(from)) => Some(Mailer::new(url, from)?),
            _ => None,
        };
        let sender = Sender::new(settings.webhook_allow_private);
        Ok(Self {
            courier: Arc::new(Courier::new(storage, key, mailer, sender)),
            clock,
            struggling: Arc::default(),
        })
    }

    /// Whether there is a mail server. Where there is none, a link is shown to who asked for it instead.
    pub fn sends_mail(&self) -> bool {
        self.courier.mailer.is_some()
    }

    /// Delivers everything that is due at `now`, and gives how many attempts that took.
    ///
    /// # Errors
    /// The database's.
    pub async fn run_once(&self, now: Timestamp) -> Result<usize, StorageError> {
        let lanes = self.courier.storage.due_lanes(now).await?;
        let visits = lanes.into_iter().map(|due| async move {
            let mut tried = 0;
            loop {
                let visit = self.courier.visit(due.tenant_id, due.lane, now, TOGETHER).await?;
                tried += visit.tried;
                if visit.tried < TOGETHER {
                    return Ok(tried);
                }
            }
        });
        let places = Class::Webhook.places();
        stream::iter(visits)
            .buffer_unordered(places)
            .try_fold(0, |sum, tried| async move { Ok(sum + tried) })
            .await
    }

    /// Removes what ended long before `now`.
    ///
    /// # Errors
    /// The database's.
    pub async fn purge(&self, now: Timestamp) -> Result<(), StorageError> {
        retention::purge(&self.courier.storage, now).await
    }

    /// Begins to deliver in the background.
    pub fn start(self) -> Running {
        let (stop, stopped) = watch::channel(false);
        let tidying = tokio::spawn(retention::keep(self.courier.storage.clone(), self.clock.clone()));
        Running { stop, round: tokio::spawn(Round::new(self, stopped).run()), tidying }
    }

    fn class(&self, lane: LaneKey) -> Class {
        match lane {
            (_, Lane::Mail) => Class::Mail,
            _ if self.struggling.lock().unwrap_or_else(PoisonError::into_inner).contains(&lane) => {
                Class::Struggling
            }
            _ => Class::Webhook,
        }
    }

    /// Visits a lane until nothing is due there, its receiver failed, it is to stop, or others shall have the place. Gives
    /// whether more may be due.
    async fn work(self, lane: LaneKey, most: usize, stopped: watch::Receiver<bool>) -> bool {
        for _ in 0..VISITS {
            if *stopped.borrow() {
                return false;
            }
            let visit = match self.courier.visit(lane.0, lane.1, self.clock.now(), most).await {
                Ok(visit) => visit,
                Err(error) => {
                    tracing::warn!(tenant = %lane.0, %error, "what is due could not be claimed");
                    // Its place is kept meanwhile, so that nothing else runs into the same.
                    tokio::time::sleep(AFTER_FAILURE).await;
                    return false;
                }
            };
            let mut struggling = self.struggling.lock().unwrap_or_else(PoisonError::into_inner);
            if visit.failed {
                struggling.insert(lane);
            } else {
                struggling.remove(&lane);
            }
            // What one mail met says little of the next one, which goes to somebody else; an event goes where the last one went.
            let broken = visit.failed && lane.1 != Lane::Mail;
            if broken || visit.tried < most {
                return false;
            }
        }
        true
    }
}

/// A worker at work.
#[derive(Debug)]
pub struct Running {
    stop: watch::Sender<bool>,
    round: JoinHandle<()>,
    tidying: JoinHandle<()>,
}

impl Running {
    /// Begins nothing new and waits for what is under way, `grace` at the longest. What is left is delivered once its
    /// claim has run out.
    pub async fn stop(mut self, grace: Duration) {
        let _ = self.stop.send(true);
        self.tidying.abort();
        if tokio::time::timeout(grace, &mut self.round).await.is_err() {
            tracing::warn!("deliveries under way were broken off; they are made again");
            self.round.abort();
            let _ = self.round.await;
        }
    }
}

/// The loop's own state.
struct Round {
    worker: Worker,
    tasks: JoinSet<bool>,
    busy: HashMap<Id, (LaneKey, Class)>,
    /// Whether a lane had to be left, because it was busy or no place was free.
    left: bool,
    stopped: watch::Receiver<bool>,
}

impl Round {
    fn new(worker: Worker, stopped: watch::Receiver<bool>) -> Self {
        Self { worker, tasks: JoinSet::new(), busy: HashMap::new(), left: false, stopped }
    }

    async fn run(mut self) {
        let mut stopped = self.stopped.clone();
        let written = self.worker.courier.storage.outbox_written();
        let mut look = interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let ended = tokio::select! {
                _ = stopped.wait_for(|stopped| *stopped) => break,
                () = written.notified() => None,
                _ = look.tick() => None,
                Some(ended) = self.tasks.join_next_with_id() => Some(ended),
            };
            if let Some(ended) = ended {
                // One that panicked leaves its place too; its rows come back when its claim runs out.
                let (id, more) = ended.unwrap_or_else(|error| (error.id(), false));
                self.busy.remove(&id);
                if !self.left && !more {
                    continue;
                }
            }
            if let Err(error) = self.begin().await {
                tracing::warn!(%error, "what is due cannot be seen");
                look.reset_at(Instant::now() + AFTER_FAILURE);
            }
        }
        while self.tasks.join_next().await.is_some() {}
    }

    /// Begins with every lane in which something is due, as far as there are places.
    async fn begin(&mut self) -> Result<(), StorageError> {
        let now = self.worker.clock.now();
        self.left = false;
        for due in self.worker.courier.storage.due_lanes(now).await? {
            let lane = (due.tenant_id, due.lane);
            let class = self.worker.class(lane);
            let taken = self.busy.values().filter(|(_, of)| *of == class).count();
            if taken >= class.places() || self.busy.values().any(|(busy, _)| *busy == lane) {
                self.left = true;
                continue;
            }
            let most = if class == Class::Struggling { 1 } else { TOGETHER };
            let task = self.tasks.spawn(self.worker.clone().work(lane, most, self.stopped.clone()));
            self.busy.insert(task.id(), (lane, class));
        }
        Ok(())
    }
}
