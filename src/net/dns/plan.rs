//! Whom to ask next and how long to wait (Go: `tryOneName`, `dnsConfig`).

/// How long each try waits for a reply. A lost datagram costs little, a slow server has time in the
/// end; together as long as Go waits (2 × 5 s).
pub const TRIES_MS: [i64; 3] = [1500, 3000, 5500];
/// The same for multicast, in each family, where nobody may be there to answer (RFC 6762 §5.2: 1 s, then
/// doubled).
pub const MULTICAST_TRIES_MS: [i64; 2] = [1000, 2000];
/// How long other families may take once a multicast reply has come.
pub const MULTICAST_REST_MS: i64 = 200;
/// How long an exchange over TCP may take.
pub const STREAM_MS: i64 = 5000;
/// How many tries a question gets whose name is known to exist by the answer to another one.
pub const SPARE_TRIES: usize = 2;

/// One try: which server, and for how long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Try {
    /// The server's index.
    pub server: usize,
    /// Milliseconds.
    pub wait_ms: i64,
}

/// All tries at `servers` servers: each once, then again for longer.
pub fn tries(servers: usize, waits: &'static [i64]) -> impl Iterator<Item = Try> {
    waits.iter().flat_map(move |wait_ms| (0..servers).map(|server| Try { server, wait_ms: *wait_ms }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_server_has_its_turn_before_the_first_has_another() {
        let order: Vec<_> = tries(2, &TRIES_MS).map(|t| (t.server, t.wait_ms)).collect();
        assert_eq!(order, [(0, 1500), (1, 1500), (0, 3000), (1, 3000), (0, 5500), (1, 5500)]);
        assert_eq!(tries(0, &TRIES_MS).count(), 0);
        assert_eq!(TRIES_MS.iter().sum::<i64>(), 10_000);
    }
}
