//! A small cache of the addresses of names. Fixed size; an answer is kept for as long as its records
//! hold, never longer than a day, "no such name" never longer than five minutes; what does not fit
//! is not kept.

use core::net::IpAddr;

use crate::config::DNS_CACHE;
use crate::handle::Handle;
use crate::net::dns::message::Kind;
use crate::net::dns::name::Name;

/// The longest that addresses are kept.
pub const TTL_MAX_S: u32 = 86_400;
/// The longest that "no such name" is kept.
pub const NEGATIVE_TTL_MAX_S: u32 = 300;
/// The longest name, on the wire, that is kept.
const NAME_ROOM: usize = 64;
/// Bytes of addresses of one name: 16 of IPv4, or 4 of IPv6.
const ROOM: usize = 64;

#[derive(Clone, Copy)]
struct Entry {
    device: Handle,
    kind: u16,
    name_len: u8,
    len: u8,
    /// On the monotonic clock, 0 is an unused entry.
    until: i64,
    /// Counts what was kept: of two that hold equally long the older one goes.
    number: u32,
    name: [u8; NAME_ROOM],
    addrs: [u8; ROOM],
}

const UNUSED: Entry = Entry {
    device: Handle::NONE,
    kind: 0,
    name_len: 0,
    len: 0,
    until: 0,
    number: 0,
    name: [0; NAME_ROOM],
    addrs: [0; ROOM],
};

/// The cache.
pub struct Cache {
    entries: [Entry; DNS_CACHE],
    kept: u32,
}

impl Default for Cache {
    fn default() -> Self {
        Self::new()
    }
}

impl Entry {
    fn is(&self, device: Handle, kind: Kind, name: &Name) -> bool {
        let stored = self.name.get(..usize::from(self.name_len)).unwrap_or(&[]);
        self.until != 0
            && self.device == device
            && self.kind == kind as u16
            && stored.eq_ignore_ascii_case(name.wire())
    }
}

impl Cache {
    /// An empty cache.
    pub const fn new() -> Cache {
        Cache { entries: [UNUSED; DNS_CACHE], kept: 0 }
    }

    /// What is known of a name at `now`: hands out its addresses of the kind and says how many; 0 is
    /// "none", `None` not known.
    pub fn get(
        &self,
        device: Handle,
        kind: Kind,
        name: &Name,
        now: i64,
        mut give: impl FnMut(IpAddr),
    ) -> Option<usize> {
        let entry = self.entries.iter().find(|e| e.is(device, kind, name) && e.until > now)?;
        let addrs = entry.addrs.get(..usize::from(entry.len)).unwrap_or(&[]);
        let mut count = 0;
        for addr in addrs.chunks(if kind == Kind::Aaaa { 16 } else { 4 }) {
            give(read_ip(addr)?);
            count += 1;
        }
        Some(count)
    }

    /// Keeps the addresses of a name, none for "no such name", for `ttl` seconds from `now`. Pushes
    /// out what holds the shortest.
    pub fn put<'a>(
        &mut self,
        device: Handle,
        kind: Kind,
        name: &Name,
        addrs: impl Iterator<Item = &'a [u8]>,
        ttl: u32,
        now: i64,
    ) {
        let mut entry = Entry { device, kind: kind as u16, ..UNUSED };
        let Some(stored) = entry.name.get_mut(..name.wire().len()) else { return };
        stored.copy_from_slice(name.wire());
        entry.name_len = name.wire().len() as u8;
        let mut len = 0;
        for addr in addrs {
            let Some(to) = entry.addrs.get_mut(len..len + addr.len()) else { return };
            to.copy_from_slice(addr);
            len += addr.len();
        }
        entry.len = len as u8;
        let ttl = ttl.min(if len == 0 { NEGATIVE_TTL_MAX_S } else { TTL_MAX_S });
        self.entries.iter_mut().filter(|e| e.is(device, kind, name)).for_each(|e| *e = UNUSED);
        if ttl == 0 {
            return;
        }
        entry.until = now.saturating_add(i64::from(ttl) * 1000);
        self.kept = self.kept.wrapping_add(1);
        entry.number = self.kept;
        if let Some(worst) = self.entries.iter_mut().min_by_key(|e| (e.until, e.number)) {
            *worst = entry;
        }
    }

    /// Forgets what was asked through a device, or everything for `Handle::NONE`.
    pub fn forget(&mut self, device: Handle) {
        let all = device == Handle::NONE;
        self.entries.iter_mut().filter(|e| all || e.device == device).for_each(|e| *e = UNUSED);
    }
}

/// An address from its bytes.
pub(crate) fn read_ip(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(v4) = <[u8; 4]>::try_from(bytes) {
        return Some(IpAddr::from(v4));
    }
    <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEV: Handle = Handle(77);

    fn name(i: usize) -> Name {
        Name::parse(format!("host{i}.example").as_bytes()).unwrap()
    }

    fn get(c: &Cache, n: &Name, now: i64) -> Option<Vec<String>> {
        let mut found = vec![];
        c.get(DEV, Kind::A, n, now, |ip| found.push(ip.to_string())).map(|count| {
            assert_eq!(count, found.len());
            found
        })
    }

    #[test]
    fn an_answer_holds_as_long_as_it_says() {
        let mut c = Cache::new();
        c.put(DEV, Kind::A, &name(1), [&[192, 0, 2, 1][..], &[192, 0, 2, 2]].into_iter(), 3, 1000);
        let want = Some(vec!["192.0.2.1".to_string(), "192.0.2.2".to_string()]);
        assert_eq!(get(&c, &name(1), 3999), want);
        assert_eq!(get(&c, &Name::parse(b"HOST1.Example.").unwrap(), 1001), want);
        assert_eq!(get(&c, &name(1), 4000), None);
        assert_eq!(get(&c, &name(2), 1001), None);
        assert!(c.get(DEV, Kind::Aaaa, &name(1), 1001, |_| {}).is_none());
        assert!(c.get(Handle(78), Kind::A, &name(1), 1001, |_| {}).is_none());
        // Anew: once only, and for the new time.
        c.put(DEV, Kind::A, &name(1), [&[192, 0, 2, 3][..]].into_iter(), 1, 2000);
        assert_eq!(get(&c, &name(1), 2999), Some(vec!["192.0.2.3".to_string()]));
        assert_eq!(get(&c, &name(1), 3000), None);
        // A time of 0 keeps nothing, and forgets what was.
        c.put(DEV, Kind::A, &name(1), [&[192, 0, 2, 4][..]].into_iter(), 9, 2000);
        c.put(DEV, Kind::A, &name(1), [&[192, 0, 2, 5][..]].into_iter(), 0, 2000);
        assert_eq!(get(&c, &name(1), 2001), None);
    }

    #[test]
    fn what_is_not_is_kept_for_minutes_only() {
        let mut c = Cache::new();
        c.put(DEV, Kind::A, &name(1), [].into_iter(), 3_000_000, 0);
        assert_eq!(get(&c, &name(1), 299_999), Some(vec![]));
        assert_eq!(get(&c, &name(1), 300_000), None);
        c.put(DEV, Kind::A, &name(2), [&[1, 2, 3, 4][..]].into_iter(), 3_000_000, 0);
        assert!(get(&c, &name(2), 86_399_999).is_some());
        assert_eq!(get(&c, &name(2), 86_400_000), None);
    }

    #[test]
    fn it_never_grows() {
        let mut c = Cache::new();
        for i in 0..3 * DNS_CACHE {
            c.put(DEV, Kind::A, &name(i), [&[1, 2, 3, i as u8][..]].into_iter(), 100 + i as u32, 0);
        }
        let known = (0..3 * DNS_CACHE).filter(|i| get(&c, &name(*i), 1).is_some()).count();
        assert_eq!(known, DNS_CACHE);
        assert!(get(&c, &name(3 * DNS_CACHE - 1), 1).is_some());
        // Of what holds equally long the oldest goes.
        let mut equal = Cache::new();
        for i in 0..DNS_CACHE + 2 {
            equal.put(DEV, Kind::A, &name(i), [&[1, 2, 3, 4][..]].into_iter(), 9, 0);
        }
        let left: Vec<_> = (0..DNS_CACHE + 2).filter(|i| get(&equal, &name(*i), 1).is_some()).collect();
        assert_eq!(left, (2..DNS_CACHE + 2).collect::<Vec<_>>());
        // Too many addresses, or too long a name, is not kept at all.
        let v6 = [7u8; 16];
        c.put(DEV, Kind::Aaaa, &name(1), [&v6[..]; 5].into_iter(), 9, 0);
        assert!(c.get(DEV, Kind::Aaaa, &name(1), 1, |_| {}).is_none());
        c.put(DEV, Kind::Aaaa, &name(1), [&v6[..]; 4].into_iter(), 9, 0);
        assert_eq!(c.get(DEV, Kind::Aaaa, &name(1), 1, |_| {}), Some(4));
        let long = Name::parse(format!("{}.example", "a".repeat(60)).as_bytes()).unwrap();
        c.put(DEV, Kind::A, &long, [&[1, 2, 3, 4][..]].into_iter(), 9, 0);
        assert!(get(&c, &long, 1).is_none());
        c.forget(DEV);
        assert_eq!((0..3 * DNS_CACHE).filter(|i| get(&c, &name(*i), 1).is_some()).count(), 0);
    }
}
