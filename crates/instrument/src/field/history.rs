//! [`History`]: what a field held before, because setting an input's value empties the browser's own memory.

use zeroize::Zeroizing;

/// Steps beyond which the oldest is forgotten.
const LIMIT: usize = 64;

/// The states before and behind the present one. Everything in it is overwritten when it goes.
pub(super) struct History {
    /// Those before the present one, then those behind it. The present one is where the field has it.
    moments: Vec<Moment>,
    /// How many are before the present one.
    at: usize,
    /// What the last step did, and where it left the caret: a run of keys is one step.
    run: (Step, usize),
}

/// A state: the raw entry and its caret.
pub(super) struct Moment {
    pub(super) text: Zeroizing<String>,
    pub(super) caret: usize,
}

/// What a step did.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// One key was typed at a caret.
    Key,
    /// One character was deleted at a caret.
    Deletion,
    /// Something larger: a paste, a selection, a whole text.
    Leap,
}

/// A way through time.
#[derive(Clone, Copy)]
pub(super) enum Way {
    Back,
    Forth,
}

impl History {
    pub(super) const fn new() -> Self {
        Self { moments: Vec::new(), at: 0, run: (Step::Leap, 0) }
    }

    /// Remembers the state before a step. `caret` is where the step has left the caret.
    pub(super) fn record(&mut self, before: Moment, step: Step, caret: usize) {
        self.moments.truncate(self.at);
        let goes_on = step != Step::Leap && self.run == (step, before.caret);
        self.run = (step, caret);
        if goes_on {
            return;
        }
        if self.at == LIMIT {
            drop(self.moments.remove(0));
        }
        self.moments.push(before);
        self.at = self.moments.len();
    }

    /// The state a step away, if there is one. The present one takes its place.
    pub(super) fn go(&mut self, way: Way, present: Moment) -> Option<Moment> {
        let (slot, at) = match way {
            Way::Back => (self.at.checked_sub(1)?, self.at.checked_sub(1)?),
            Way::Forth => (self.at, self.at + 1),
        };
        let there = core::mem::replace(self.moments.get_mut(slot)?, present);
        self.at = at;
        self.run = (Step::Leap, 0);
        Some(there)
    }
}
