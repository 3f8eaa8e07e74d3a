//! [`Listener`]: a DOM listener that is removed when it is dropped.

use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, EventTarget};

use crate::error;

/// A registered listener. Dropping it unregisters it and frees its closure.
pub struct Listener {
    target: EventTarget,
    event: &'static str,
    closure: Closure<dyn Fn(Event)>,
}

impl Listener {
    /// Starts listening. After a breakdown of the module nothing is called any more.
    ///
    /// The callback may be entered while it runs, because moving the focus dispatches events at once.
    pub fn new(target: &EventTarget, event: &'static str, callback: impl Fn(Event) + 'static) -> Self {
        let closure = Closure::<dyn Fn(Event)>::new(move |event| {
            if error::guard().is_ok() {
                callback(event);
            }
        });
        // Fails only for a callback that is neither function nor object.
        let _ = target.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
        Self { target: target.clone(), event, closure }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let callback = self.closure.as_ref().unchecked_ref();
        let _ = self.target.remove_event_listener_with_callback(self.event, callback);
    }
}
