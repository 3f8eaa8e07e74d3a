//! [`Patience`]: how a face goes on when another request changed the same customer first.

use std::time::Duration;

use tokio::time::{self, Instant};

use crate::random::{self, Random};

/// How long a change is composed anew; well within the deadline of a request.
const GIVE_UP_AFTER: Duration = Duration::from_secs(10);

/// The longest wait before the second try. It doubles with every further one.
const FIRST_WAIT: Duration = Duration::from_millis(4);

/// The longest wait before any try: with a hundred waiting, one comes about every three milliseconds.
const LONGEST_WAIT: Duration = Duration::from_millis(512);

/// The waits between the tries of one change: longer each time, and not the same for two who lost together.
pub(super) struct Patience<'a> {
    random: &'a dyn Random,
    started: Instant,
    longest_wait: Duration,
}

impl<'a> Patience<'a> {
    /// Begins with the first try.
    pub(super) fn new(random: &'a dyn Random) -> Self {
        Self { random, started: Instant::now(), longest_wait: FIRST_WAIT }
    }

    /// Waits until it is time for another try; none when it is time to give up.
    pub(super) async fn wait(&mut self) -> Option<()> {
        if self.started.elapsed() >= GIVE_UP_AFTER {
            return None;
        }
        let part = match random::bytes::<4>(self.random) {
            Ok(bytes) => f64::from(u32::from_le_bytes(*bytes)) / f64::from(u32::MAX),
            Err(_) => 1.0,
        };
        time::sleep(self.longest_wait.mul_f64(part)).await;
        self.longest_wait = LONGEST_WAIT.min(self.longest_wait * 2);
        Some(())
    }
}
