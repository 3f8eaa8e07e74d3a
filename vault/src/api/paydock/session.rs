//! One authenticated request at work, and the ids that this face makes.

use super::failure::Failure;
use crate::domain::TenantId;
use crate::keyring::Fixed;
use crate::random::{self, RandomFailed};
use crate::vaulting::Vaulting;

/// The name and type of the one gateway there is: its processor's.
pub(super) const GATEWAY_NAME: &str = "sandbox";

/// What widgets write for a gateway id to say that there is none.
const NOT_CONFIGURED: &str = "not_configured";

/// The merchant and the vault, for the time of one request.
pub(super) struct Session<'a> {
    pub(super) vaulting: &'a Vaulting,
    pub(super) tenant: TenantId,
    /// The id of the merchant's gateway.
    pub(super) gateway_id: String,
    /// The id of the merchant's company.
    pub(super) company_id: String,
}

impl<'a> Session<'a> {
    /// Begins the work on a request.
    ///
    /// # Errors
    /// 500 if the merchant has no keys.
    pub(super) fn new(vaulting: &'a Vaulting, tenant: TenantId) -> Result<Self, Failure> {
        let keys = vaulting.keys(&tenant)?;
        let derived = |purpose| hex24(&keys.fixed_mac(purpose, &[]));
        let (gateway_id, company_id) = (derived(Fixed::PaydockGateway), derived(Fixed::PaydockCompany));
        Ok(Self { vaulting, tenant, gateway_id, company_id })
    }

    /// A new id of 24 hexadecimal digits, in the form of Paydock's: the seconds of its making, then chance.
    ///
    /// # Errors
    /// [`RandomFailed`] if there are no random bytes.
    pub(super) fn object_id(&self) -> Result<String, RandomFailed> {
        let secs = u32::try_from(self.vaulting.now_ms() / 1_000).unwrap_or(u32::MAX);
        Ok(format!("{secs:08x}{}", random::hex(self.vaulting.random(), 16)?))
    }

    /// Checks a gateway id: the merchant's own, or the word for none.
    ///
    /// # Errors
    /// `validation_error` if it has another form, 404 if there is no such gateway.
    pub(super) fn check_gateway(&self, path: &str, id: &str) -> Result<(), Failure> {
        if id == NOT_CONFIGURED || id == self.gateway_id {
            Ok(())
        } else if is_object_id(id) {
            Err(Failure::not_found("gateway").at(path))
        } else {
            let message = format!("{path} must have 24 hexadecimal digits, or be \"{NOT_CONFIGURED}\"");
            Err(Failure::invalid(path, "invalid_id", message))
        }
    }

    /// Checks a gateway id that is optional: in another form it is disregarded.
    ///
    /// # Errors
    /// 404 if there is no such gateway.
    pub(super) fn check_optional_gateway(&self, path: &str, id: Option<&str>) -> Result<(), Failure> {
        match id {
            Some(id) if is_object_id(id) => self.check_gateway(path, id),
            Some(_) | None => Ok(()),
        }
    }
}

/// Whether a text has the form of Paydock's ids.
pub(super) fn is_object_id(text: &str) -> bool {
    text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The first 24 hexadecimal digits of a keyed hash.
pub(super) fn hex24(mac: &[u8; 32]) -> String {
    mac.iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}
