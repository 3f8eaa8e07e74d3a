//! The APIs the vault speaks.

/// One of the APIs: the vault's own, or that of a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Face {
    /// The vault's own, under `/v1`.
    Native,
    /// FluidPay's, under `/fluidpay`.
    FluidPay,
    /// Paydock's, under `/paydock`.
    Paydock,
    /// Flute's, under `/flute`.
    Flute,
    /// payments.ai's, under `/paymentsai`.
    PaymentsAi,
}

impl Face {
    /// Every face.
    pub const ALL: [Self; 5] = [Self::Native, Self::FluidPay, Self::Paydock, Self::Flute, Self::PaymentsAi];

    /// The stable name, as it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::FluidPay => "fluidpay",
            Self::Paydock => "paydock",
            Self::Flute => "flute",
            Self::PaymentsAi => "payments_ai",
        }
    }

    /// Reads the stable name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|face| face.as_str() == text)
    }
}
