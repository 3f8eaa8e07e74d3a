//! The pattern of a route as a label: there is no way to make one of what somebody sent.

use std::{fmt, sync::Arc};

use axum::extract::MatchedPath;
use prometheus_client::encoding::{EncodeLabelValue, LabelValueEncoder};

use crate::domain::Face;

/// The pattern that a request's path fits, such as `/v1/customers/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Route(Option<Arc<str>>);

impl Route {
    /// The one that the router found, if it found any.
    #[must_use]
    pub fn of(matched: Option<&MatchedPath>) -> Self {
        Self(matched.map(|path| Arc::from(path.as_str())))
    }

    /// The pattern; `none` if there is no such route.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or("none")
    }

    /// The face it belongs to; what belongs to none is `vault`.
    #[must_use]
    pub fn face(&self) -> &'static str {
        match self.as_str().split('/').nth(1) {
            Some("v1") => Face::Native.as_str(),
            Some("fluidpay") => Face::FluidPay.as_str(),
            Some("paydock") => Face::Paydock.as_str(),
            Some("flute") => Face::Flute.as_str(),
            Some("paymentsai") => Face::PaymentsAi.as_str(),
            Some(_) | None => "vault",
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl EncodeLabelValue for Route {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), fmt::Error> {
        EncodeLabelValue::encode(&self.as_str(), encoder)
    }
}
