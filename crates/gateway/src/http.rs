//! HTTP requests and answers as plain values.

use std::fmt;

/// The HTTP methods that dialects use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`, without a body.
    Get,
    /// `POST`, with a JSON body.
    Post,
}

impl Method {
    /// The method as it stands in the request line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// A request that somebody else is going to send.
///
/// Its `Debug` form shows neither the body nor the value of any header.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// The absolute URL; never holds a number, a code or a key.
    pub url: String,
    /// Header names and values, in the order in which they are sent.
    pub headers: Vec<(&'static str, String)>,
    /// The body; empty for [`Method::Get`].
    pub body: String,
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} [", self.method.as_str(), self.url)?;
        for (name, _) in &self.headers {
            write!(f, "{name}: [REDACTED], ")?;
        }
        write!(f, "{} bytes]", self.body.len())
    }
}

/// What came back. Its `Debug` form shows the status only.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// The body as text.
    pub body: String,
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{} bytes]", self.status, self.body.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_header_value_and_no_body() {
        let request = HttpRequest {
            method: Method::Post,
            url: "https://vault.example/v1/tokens".to_owned(),
            headers: vec![("authorization", "Bearer canary-key".to_owned())],
            body: "canary-body".to_owned(),
        };
        let shown = format!("{request:?}");
        assert!(!shown.contains("canary"), "{shown}");
        assert_eq!(shown, "POST https://vault.example/v1/tokens [authorization: [REDACTED], 11 bytes]");
        let answer = HttpResponse { status: 201, body: "canary".to_owned() };
        assert_eq!(format!("{answer:?}"), "201 [6 bytes]");
    }
}
