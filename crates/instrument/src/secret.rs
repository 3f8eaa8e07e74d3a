//! [`Secret`]: a value that is never printed and is wiped when dropped.

use core::fmt;

use zeroize::Zeroize;

/// A value that prints as `[REDACTED]`, has no `Display`, and is overwritten when it is dropped.
///
/// Every call of [`Secret::expose`] deserves a comment that says why the value is needed there.
///
/// ```
/// let secret = instrument::Secret::new(String::from("4111111111111111"));
/// assert_eq!(format!("{secret:?}"), "[REDACTED]");
/// assert_eq!(secret.expose().len(), 16);
/// ```
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Takes the value into custody.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself, for the place that really needs it.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize + Clone> Clone for Secret<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use core::cell::Cell;

    use super::*;

    struct Probe<'a>(&'a Cell<u32>);

    impl Zeroize for Probe<'_> {
        fn zeroize(&mut self) {
            self.0.set(self.0.get() + 1);
        }
    }

    #[test]
    fn is_wiped_once_when_dropped() {
        let wiped = Cell::new(0);
        drop(Secret::new(Probe(&wiped)));
        assert_eq!(wiped.get(), 1);
    }

    #[test]
    fn never_prints_its_value() {
        let secret = Secret::new(String::from("378282246310005"));
        assert_eq!(format!("{secret:?} {:#?}", secret.clone()), "[REDACTED] [REDACTED]");
    }
}
