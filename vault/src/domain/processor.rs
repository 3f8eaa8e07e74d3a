//! Whoever moves the money.

use async_trait::async_trait;

use super::{Capture, Face, Money, Outcome, PaymentId, Source};

/// Decides on payments.
///
/// A processor is asked before anything is stored, and what it decides is stored in one transaction with
/// whatever else the request does. The transaction may fail after that, or another request with the same
/// token or idempotency key may be first; then the payment that was decided on is not kept, and a repetition
/// asks with an id of its own. The sandbox moves no money, so nothing comes of it. Before a processor moves
/// money elsewhere, the id must be made of the idempotency key, and the payment be stored as pending first.
#[async_trait]
pub trait Processor: Send + Sync {
    /// The name that every answer about a payment shows.
    fn name(&self) -> &'static str;

    /// Decides on one payment. A card may have its security code here, and nowhere after.
    async fn charge(&self, charge: &Charge<'_>) -> Outcome;
}

/// What a processor is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Charge<'a> {
    /// The id the payment will have.
    pub id: &'a PaymentId,
    /// The face it came through.
    pub face: Face,
    /// Who pays, with what.
    pub source: &'a Source,
    /// How much.
    pub amount: Money,
    /// Whether the money is taken or only set aside.
    pub capture: Capture,
}
