// Answers in place of the card frame that it does not come, and why. Any page may show this one: it holds nothing.

const REASONS = {
  origin: "The payment form may not be shown here: this page's origin, or that of a page around it, is not allowed for the publishable key.",
  key: "The vault knows no such publishable key.",
  browser: "The browser refused to show the payment form here, although the vault can be reached.",
};

const message = REASONS[document.documentElement.dataset.reason];
document.getElementById("notice").textContent = message;
addEventListener("message", ({ source, ports }) => {
  if (source === parent) {
    ports[0]?.postMessage({
      type: "failed",
      error: { code: "frame_refused", classification: "merchant", field: null, message },
    });
  }
});
