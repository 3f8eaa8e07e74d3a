"""The faces: how each is spoken to, and how things are made there that paths can name.

`live` of a face gives the parameters of one thing that exists, as the merchant's server would make it; `body`
gives a body that must succeed with them. What they leave out stays as it was generated.
"""

import json

from vault import bearer, call

CARD = {"number": "4111111111111111", "expiration_date": "12/30"}
ACH = {
    "account_number": "123456789",
    "routing_number": "021000021",
    "account_type": "checking",
    "sec_code": "web",
}


class Face:
    """A face of a running vault."""

    # Operations that no generated request can bring to succeed, each with the reason.
    unreached = {}

    def __init__(self, ready):
        self.ready = ready
        self.base = ready["faces"][self.name]

    # Operations that can be done only once with the same thing.
    once = ()
    # Whether what is wrong may be disregarded instead of refused.
    disregards = False
    # Operations that want other headers than all others: their path, and the headers.
    other_headers = {}

    def config(self):
        """What schemathesis.toml says of this face only."""
        lines = ["\n[headers]"] + [f"{name} = {json.dumps(value)}" for name, value in self.headers().items()]
        if self.disregards:
            lines += ["[[operations]]", 'include-path-regex = "."', "[operations.checks]"]
            lines += ["negative_data_rejection = { enabled = false }"]
            # It removes one of three headers for keys, and another one is still there.
            lines += ["ignored_auth = { enabled = false }"]
        for path, headers in self.other_headers.items():
            lines += ["[[operations]]", f"include-path = {json.dumps(path)}", "[operations.headers]"]
            lines += [f"{name} = {json.dumps(value)}" for name, value in headers.items()]
        return "\n".join(lines) + "\n"

    def fixed(self):
        """Parameters that are the same in all requests."""
        return {}

    def body(self, label, ids):
        """A body that must succeed, where examples of the document cannot: they know no live ids."""
        return None

    def make(self, method, path, body, headers=None):
        """Makes something that is known to be possible."""
        status, answer = call(method, self.base + path, headers or self.headers(), body)
        if not 200 <= status < 300:
            raise RuntimeError(f"{self.name}: {method} {path} was answered with {status}: {answer}")
        return answer

    def another(self, name):
        """Another face of the same vault."""
        return FACES[name](self.ready)


class FluidPay(Face):
    name = "fluidpay"
    unreached = {
        "POST /api/vault/customer/{customer}/applepay": "needs the merchant's certificates",
        "POST /api/vault/customer/{customer}/googlepay": "needs the merchant's certificates",
    }

    def headers(self):
        return {"Authorization": self.ready["secret_key"]}

    def body(self, label, ids):
        if label.startswith("POST /api/vault/customer/{customer}/token"):
            return {"token": self.another("paydock").token()}
        return None

    def live(self, path):
        if path.startswith("/api/transaction/"):
            sale = {"type": "sale", "amount": 1299, "payment_method": {"card": CARD}}
            return {"transaction": self.make("POST", "/api/transaction", sale)["data"]["id"]}
        customer = self.make(
            "POST",
            "/api/vault/customer",
            {"default_payment": {"card": CARD}, "default_billing_address": {"city": "Bonn"}},
        )["data"]["id"]
        ids = {"customer": customer}
        record = self.make("POST", f"/api/vault/customer/{customer}/ach", ACH)["data"]["data"]["customer"]
        kind = "ach" if "/ach/" in path else "cards"
        ids["method"] = record["payments"][kind][0]["id"]
        ids["address"] = record["addresses"][0]["id"]
        return ids


class Native(Face):
    name = "native"
    unreached = {"POST /tokens": "needs a sealed instrument"}
    once = ("POST /payment-methods/{id}/attach",)

    def headers(self):
        return {"Authorization": "Bearer " + self.ready["secret_key"]}

    @property
    def other_headers(self):
        """Four operations are the browser's."""
        publishable = {"Authorization": "Bearer " + self.ready["publishable_key"]}
        return dict.fromkeys(("/bank-names", "/keys", "/mandates", "/tokens"), publishable)

    def body(self, label, ids):
        if label == "POST /payment-methods":
            return {"token": self.another("paydock").token()}
        if label == "POST /payment-methods/{id}/attach":
            return {"customer_id": self.live("/customers/{id}")["id"]}
        if label == "POST /bank-names":
            return {"routing_number": "021000021"}
        if label == "POST /payments":
            return self.payment()
        if label == "POST /mandates":
            return {"merchant": "Ada's Shop", "amount": "12.50", "frequency": "once", "date": "2030-01-31"}
        return None

    def payment(self):
        """What a charge of a stored card is asked for with."""
        return {"payment_method": self.live("/payment-methods/{id}")["id"], "amount": 1299, "currency": "USD"}

    def live(self, path):
        if path.startswith("/payments/"):
            return {"id": self.make("POST", "/payments", self.payment())["id"]}
        if path == "/payment-methods/{id}/attach":
            return {"id": self.make("POST", "/payment-methods", {"token": self.another("paydock").token()})["id"]}
        if path.startswith("/payment-methods/"):
            fluidpay = self.another("fluidpay")
            ids = fluidpay.live("/api/vault/customer/{customer}/card/{method}")
            return {"id": ids["method"]}
        return {"id": self.make("POST", "/customers", {"first_name": "Ada"})["id"]}


class Paydock(Face):
    name = "paydock"
    # An optional member in a wrong format is disregarded there, and so are members that nobody knows.
    disregards = True
    card = {"card_name": "Ada Lovelace", "card_number": "4111111111111111", "expire_month": "12", "expire_year": "2030"}

    def headers(self):
        return {"x-user-secret-key": self.ready["secret_key"]}

    def token(self):
        """A one-time token; tokens of one face can be spent through every other."""
        return self.make("POST", "/v1/payment_sources/tokens", self.card)["resource"]["data"]

    def live(self, path):
        if path.startswith("/v1/vault"):
            made = self.make("POST", "/v1/vault/payment_sources", self.card)
            return {"vault_token": made["resource"]["data"]["vault_token"]}
        if path.startswith("/v1/charges"):
            charge = {"amount": "10.00", "currency": "AUD", "token": self.token()}
            return {"id": self.make("POST", "/v1/charges", charge)["resource"]["data"]["_id"]}
        customer = self.make("POST", "/v1/customers", {"token": self.token(), "first_name": "Ada"})["resource"]["data"]
        customer = self.make("GET", "/v1/customers/" + customer["_id"], None)["resource"]["data"]
        return {"id": customer["_id"], "payment_source_id": customer["payment_sources"][0]["_id"]}


class Flute(Face):
    name = "flute"
    unreached = {"POST /oauth2/token": "takes the secret in a form; the run's own bearer comes from there"}
    once = (
        "POST /v2/payment-sessions/{paymentSessionId}/cancel",
        "POST /pay-int-api/payment-sessions/{paymentSessionId}/cancel",
    )
    card = {"cardNumber": "4111111111111111", "expirationMonth": 12, "expirationYear": 2030}

    def headers(self):
        # Good for 15 minutes, which is longer than a run.
        if not hasattr(self, "_bearer"):
            self._bearer = bearer(self.base, self.ready["secret_key"])
        return {"Authorization": "Bearer " + self._bearer}

    def body(self, label, ids):
        if label == "POST /v2/transactions":
            return {
                "baseAmount": 10.5,
                "currencyCode": "USD",
                "isCustomerInitiatedTransaction": True,
                "transactionDetails": {"cardData": {"captureMethod": "Auto", "paymentMethodDetails": self.card}},
            }
        if label.endswith("/payment-methods/cards") and "v1" in label:
            return {"name": "Mine", "pan": "4111111111111111", "expirationMonth": 12, "expirationYear": 2030}
        if label.endswith("/payment-methods/ach") and "v1" in label:
            numbers = {"accountNumber": "123456789", "routingNumber": "021000021"}
            return numbers | {"name": "Mine", "accountType": 1, "accountHolderType": 2}
        return None

    def live(self, path):
        if "payment-sessions" in path:
            session = {"mode": "SaveMethod", "amount": 0, "customerHandling": "TokenOnly"}
            return {"paymentSessionId": self.make("POST", "/v2/payment-sessions", session)["id"]}
        if "transactions" in path:
            sale = self.body("POST /v2/transactions", {})
            return {"transactionId": self.make("POST", "/v2/transactions", sale)["transactionId"]}
        customer = self.make("POST", "/v2/customers", {"firstName": "Ada", "lastName": "Lovelace"})["customerId"]
        method = self.make("POST", "/v2/payment-methods/cards", self.card | {"customerId": customer})["paymentMethodId"]
        return {"customerId": customer, "paymentMethodId": method}


class PaymentsAi(Face):
    name = "paymentsai"
    unreached = {
        "GET /v1/organizations/{org}/public-keys/publishable": "the vault keeps no key that it could show",
        "GET /tokens": "the vault keeps no token that it could list",
    }
    once = ("POST /v1/public-api/organizations/{org}/customers/{customer}/payment-instruments/{instrument}/deactivation",)

    def fixed(self):
        return {"org": self.ready["organization_id"], "X-Organization-Id": self.ready["organization_id"]}

    def body(self, label, ids):
        if label.endswith("/payment-instruments"):
            return {"token": self.token()}
        if label.endswith("/transactions"):
            customer = self.live("/{customer}/payment-instruments")["customer"]
            return {"type": "sale", "customerId": customer, "currency": "USD", "amount": 12.5}
        return None

    def headers(self):
        return {"Authorization": "ApiKey " + self.ready["secret_key"]}

    def organization(self):
        return "/v1/public-api/organizations/" + self.ready["organization_id"]

    def token(self):
        card = {
            "primaryAccountNumber": "4111111111111111",
            "cardVerificationValue": "123",
            "expirationMonth": 12,
            "expirationYear": 2030,
        }
        made = self.make("POST", self.organization() + "/payment-instruments/tokens", card)
        return made["data"]["id"]

    def live(self, path):
        ids = self.fixed()
        if path.startswith("/tokens/"):
            return ids | {"token": self.token()}
        if "{customer}" not in path and "{transaction}" not in path:
            return ids
        base = self.organization() + "/customers"
        made = self.make("POST", base, {"firstName": "Ada", "lastName": "Lovelace", "email": "ada@example.com"})
        ids["customer"] = made["id"]
        if "payment-instruments" in path or "{transaction}" in path:
            instruments = f"{base}/{ids['customer']}/payment-instruments"
            ids["instrument"] = self.make("POST", instruments, {"token": self.token()})["id"]
        if "{transaction}" in path:
            sale = {"type": "sale", "customerId": ids["customer"], "currency": "USD", "amount": 12.5}
            ids["transaction"] = self.make("POST", self.organization() + "/transactions", sale)["id"]
        return ids


FACES = {face.name: face for face in (Native, Paydock, Flute, PaymentsAi, FluidPay)}
