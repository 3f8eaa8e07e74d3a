//! Finding the place of an item in a list.

/// A table that is listed in pages.
#[derive(Clone, Copy, Debug)]
pub(super) enum Listing {
    Customer,
    PaymentMethod,
}

impl Listing {
    /// Finds an item's place.
    pub(super) const fn place_of_item(self) -> &'static str {
        match self {
            Self::Customer => "SELECT created_at_ms, id FROM customer WHERE tenant_id = ?1 AND id = ?2",
            Self::PaymentMethod => {
                "SELECT created_at_ms, id FROM payment_method WHERE tenant_id = ?1 AND id = ?2"
            }
        }
    }
}
