//! Ids in the form of the document's samples (`bl6nqk69ku6897l45fp0`): 20 characters, base32hex.
//!
//! The layout is the one of the public "xid" format: 4 bytes seconds since 1970, 5 bytes that tell
//! processes apart, 3 bytes counter. The 5 bytes and the counter's start are random for each process, so
//! nothing about the machine shows. Within one process 16,777,216 ids fit into one second before a
//! counter value could come back; the store's primary key is the second barrier.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The digits of base32hex (RFC 4648, section 7) in lower case.
const DIGITS: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";

/// How many characters an id has: 96 bits at 5 bits each, rounded up.
pub(super) const LEN_CHARS: usize = 20;

struct Process {
    mark: [u8; 5],
    counter: AtomicU32,
}

static PROCESS: OnceLock<Process> = OnceLock::new();

/// A new id, different from every other one.
pub(super) fn next(now_ms: i64) -> String {
    let process = PROCESS.get_or_init(|| {
        // Uniqueness is wanted here, not secrecy: std seeds its hashers from the system's random source.
        let [a, b, c, d, e, x, y, z] = RandomState::new().build_hasher().finish().to_be_bytes();
        Process { mark: [a, b, c, d, e], counter: AtomicU32::new(u32::from_be_bytes([0, x, y, z])) }
    });
    let count = process.counter.fetch_add(1, Ordering::Relaxed);
    text_of(u64::try_from(now_ms / 1_000).unwrap_or_default(), process.mark, count)
}

/// The text of an id's 12 bytes; of each number the low bytes count.
fn text_of(now_secs: u64, mark: [u8; 5], count: u32) -> String {
    let [_, _, _, _, t0, t1, t2, t3] = now_secs.to_be_bytes();
    let [m0, m1, m2, m3, m4] = mark;
    let [_, c0, c1, c2] = count.to_be_bytes();
    // 96 bits, padded with zeros on the right to 100 = 20 digits of 5 bits.
    let bytes = [0, 0, 0, 0, t0, t1, t2, t3, m0, m1, m2, m3, m4, c0, c1, c2];
    let bits = u128::from_be_bytes(bytes) << 4;
    (0..LEN_CHARS)
        .rev()
        .map(|place| {
            let digit = usize::try_from((bits >> (5 * place)) & 31).unwrap_or_default();
            char::from(DIGITS.get(digit).copied().unwrap_or(b'0'))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_vector_of_the_public_format_comes_out() {
        // 4d88e15b 60f486e428 412dc9 is the example in the xid project's own tests.
        let mark = [0x60, 0xf4, 0x86, 0xe4, 0x28];
        assert_eq!(text_of(0x4d88_e15b, mark, 0x41_2dc9), "9m4e2mr0ui3e8a215n4g");
    }

    #[test]
    fn ids_are_distinct_across_threads_and_have_the_documented_form() {
        let threads: Vec<_> = (0..4)
            .map(|_| std::thread::spawn(|| (0..5_000).map(|_| next(1_700_000_000_000)).collect::<Vec<_>>()))
            .collect();
        let ids: Vec<String> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        let distinct: std::collections::HashSet<&String> = ids.iter().collect();
        assert_eq!(distinct.len(), 20_000);
        assert!(ids.iter().all(|id| id.len() == LEN_CHARS && id.bytes().all(|b| DIGITS.contains(&b))));
    }
}
