//! Who is asking: the address of a browser, also from behind a proxy.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use ipnet::IpNet;

/// Where a request comes from, as far as it can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// From this address.
    At(IpAddr),
    /// From a machine of ours that does not say for whom it asks.
    Unknown,
}

/// The other end of a connection; every request that came over one has it among its extensions.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// What one household, office or rented machine has: an IPv4 address, or the first 64 bits of an IPv6 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Block(IpAddr);

impl Block {
    /// The block that an address is in.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self(IpAddr::V4(v4)),
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                Self(IpAddr::from([a, b, c, d, 0, 0, 0, 0]))
            }
        }
    }
}

/// The proxies whose word on their clients is believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies(Vec<IpNet>);

/// A text that is neither an address nor a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither an address nor a network such as 10.0.0.0/8")]
pub struct ProxiesError(String);

/// The header in which proxies name who asked them, each after those that it was told of.
const FORWARDED_FOR: &str = "x-forwarded-for";

impl Proxies {
    /// Reads addresses and networks.
    ///
    /// # Errors
    ///
    /// [`ProxiesError`] with the first that is none.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, ProxiesError> {
        let read = |text: &str| {
            let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
            network.map_err(|_| ProxiesError(text.to_owned()))
        };
        texts.into_iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// Who asks, when the connection comes from `peer`. A proxy's word counts from the right, for as long as
    /// proxies that are believed stand there: whatever is further left was written by whoever asked them.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        let peer = peer.to_canonical();
        if !self.believes(peer) {
            // Something on this machine that is not known as a proxy, most likely is one: its clients are not told
            // apart, and must not use up each other's quota.
            return if peer.is_loopback() { Client::Unknown } else { Client::At(peer) };
        }
        let told = headers.get_all(FORWARDED_FOR).iter().rev();
        let hops = told.flat_map(|value| value.to_str().unwrap_or_default().rsplit(','));
        for hop in hops {
            match address_of(hop.trim()) {
                Some(address) if self.believes(address.to_canonical()) => {}
                Some(address) => return Client::At(address.to_canonical()),
                None => return Client::Unknown,
            }
        }
        Client::Unknown
    }

    fn believes(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// An address as proxies write it, some of them with its port.
fn address_of(hop: &str) -> Option<IpAddr> {
    hop.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn client(proxies: &[&str], peer: &str, told: &[&str]) -> Client {
        let mut headers = HeaderMap::new();
        for value in told {
            headers.append(FORWARDED_FOR, HeaderValue::from_str(value).unwrap());
        }
        Proxies::parse(proxies.iter().copied()).unwrap().client(peer.parse().unwrap(), &headers)
    }

    fn at(address: &str) -> Client {
        Client::At(address.parse().unwrap())
    }

    #[test]
    fn without_proxies_nobody_is_believed() {
        assert_eq!(client(&[], "203.0.113.9", &["198.51.100.1"]), at("203.0.113.9"));
        assert_eq!(client(&[], "127.0.0.1", &["198.51.100.1"]), Client::Unknown);
        assert_eq!(client(&[], "::ffff:203.0.113.9", &[]), at("203.0.113.9"));
    }

    #[test]
    fn a_proxy_is_believed_and_what_it_was_told_is_not() {
        let proxies = ["127.0.0.1", "10.0.0.0/8"];
        assert_eq!(client(&proxies, "127.0.0.1", &["198.51.100.1"]), at("198.51.100.1"));
        // Written by the client itself, in front of what the first proxy added.
        assert_eq!(client(&proxies, "127.0.0.1", &["1.2.3.4, 198.51.100.1, 10.1.1.1"]), at("198.51.100.1"));
        assert_eq!(client(&proxies, "127.0.0.1", &["1.2.3.4", "198.51.100.1"]), at("198.51.100.1"));
        assert_eq!(client(&proxies, "127.0.0.1", &["10.1.1.1"]), Client::Unknown);
        assert_eq!(client(&proxies, "127.0.0.1", &["198.51.100.1, unknown"]), Client::Unknown);
        assert_eq!(client(&proxies, "127.0.0.1", &["198.51.100.1:4711"]), at("198.51.100.1"));
        assert_eq!(client(&proxies, "127.0.0.1", &["[2001:db8::1]:4711"]), at("2001:db8::1"));
        assert_eq!(client(&proxies, "127.0.0.1", &[]), Client::Unknown);
        assert_eq!(client(&proxies, "203.0.113.9", &["198.51.100.1"]), at("203.0.113.9"));
    }

    #[test]
    fn what_is_no_network_is_named() {
        assert_eq!(Proxies::parse(["10.0.0.0/8", "shop"]), Err(ProxiesError("shop".to_owned())));
        assert!(Proxies::parse(["10.0.0.0/33"]).is_err());
        assert!(Proxies::parse(["::1", "2001:db8::/32"]).is_ok());
    }

    #[test]
    fn a_block_is_an_address_or_half_of_one() {
        let block = |text: &str| Block::of(text.parse().unwrap());
        assert_eq!(block("2001:db8::1"), block("2001:db8::ffff:1"));
        assert_ne!(block("2001:db8::1"), block("2001:db8:0:1::1"));
        assert_ne!(block("203.0.113.8"), block("203.0.113.9"));
        assert_eq!(block("::ffff:203.0.113.9"), block("203.0.113.9"));
    }
}
