// The merchant's own script: shows what the payment form tells, asks for a token, sends the order.

const form = document.getElementById("order");
const payment = document.getElementById("payment");
const button = document.getElementById("pay");
const problem = document.getElementById("problem");

const known = (name, text) => {
  document.getElementById(`known-${name}`).textContent = text;
};

payment.addEventListener("tessera-change", ({ detail }) => {
  known("method", detail.method === "ach" ? "bank account" : "card");
  known("scheme", detail.scheme ?? "not yet");
  const verdicts = Object.entries(detail.fields).map(([name, { verdict, reason }]) => `${name}: ${reason ?? verdict}`);
  known("fields", detail.complete ? "complete" : verdicts.join(", "));
  problem.textContent = "";
});

payment.addEventListener("tessera-bin", ({ detail }) => known("bin", detail.bin ?? "not yet"));

payment.addEventListener("tessera-error", ({ detail }) => {
  problem.textContent = detail.message;
});

let paying = false;

function setPaying(now) {
  paying = now;
  button.setAttribute("aria-disabled", String(now));
}

async function pay() {
  if (paying || !form.reportValidity()) {
    return;
  }
  setPaying(true);
  problem.textContent = "";
  const { token } = await payment.tokenize();
  if (!token) {
    // The listener above has shown why.
    setPaying(false);
    return;
  }
  try {
    // It stays "paying" until the next page is there: a late second click must not order again.
    location.assign(await order(token));
  } catch (error) {
    problem.textContent = error.message;
    setPaying(false);
  }
}

addEventListener("pageshow", () => setPaying(false));

/** Sends the order to the shop's server; gives the address of the result. */
async function order(token) {
  const body = JSON.stringify({ ...Object.fromEntries(new FormData(form)), token });
  let answer;
  try {
    const response = await fetch("/pay", { method: "POST", headers: { "content-type": "application/json" }, body });
    answer = await response.json();
  } catch {
    throw new Error("The shop cannot be reached. Your order was not placed; please try again.");
  }
  if (!answer.result) {
    throw new Error(answer.error);
  }
  return answer.result;
}

button.addEventListener("click", (event) => {
  event.preventDefault();
  pay();
});

// Enter in a field submits the form without a click.
form.addEventListener("submit", (event) => {
  event.preventDefault();
  pay();
});
