//! What was asked, and what was answered.

/// What somebody who asked for a write was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// It was done.
    Done,
    /// Another one has spent the token.
    Spent,
    /// It was not done.
    Refused,
    /// Nothing that would say whether it was done: no answer, or `unavailable`.
    Unknown,
}

/// One who wanted to spend a token on a payment method.
#[derive(Clone, Debug)]
pub(crate) struct Spend {
    /// The payment method, if its id is known: it is, if the spender chose it or was told.
    pub(crate) method: Option<String>,
    pub(crate) told: Told,
}

/// The story of one token.
#[derive(Clone, Debug)]
pub(crate) struct Story {
    /// The token, or whatever names it in this history.
    pub(crate) token: String,
    pub(crate) issued: Told,
    pub(crate) spends: Vec<Spend>,
}

/// Everything that was asked and answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    pub(crate) stories: Vec<Story>,
    /// The ids of other things that were acknowledged, customers for instance.
    pub(crate) others: Vec<String>,
    /// Further requests that got no answer, and left nothing by which they could be found.
    pub(crate) unanswered: usize,
}
