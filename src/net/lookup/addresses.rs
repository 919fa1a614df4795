//! The addresses of a name by DNS: of both families, put in order, and kept in the cache.

use core::net::IpAddr;

use crate::error::{Error, Result};
use crate::handle::Handle;
use crate::net::addr::Addr;
use crate::net::conn::Limit;
use crate::net::dns::cache::{read_ip, Cache};
use crate::net::dns::message::Kind;
use crate::net::dns::name::Name;
use crate::net::lookup::client::ask;
use crate::net::lookup::order;
use crate::netdev::registry::Dev;
use crate::netdev::table::{dunlin_addr, DUNLIN_AF_INET, DUNLIN_AF_INET6, DUNLIN_AF_UNSPEC};
use crate::netdev::wait;
use crate::sync::lock::Lock;
use crate::time::now_ms;

/// What is known of names.
static CACHE: Lock<Cache> = Lock::new(Cache::new());

/// The most addresses of a family that are taken of one name.
const PER_FAMILY: usize = 16;
/// Makes the cache's lock.
pub fn init() -> Result<()> {
    CACHE.init()
}

/// Forgets everything and gives the lock back.
pub fn free() {
    forget(Handle::NONE);
    CACHE.free();
}

/// Forgets what was learnt through a device.
pub(super) fn forget(device: Handle) {
    CACHE.lock().forget(device);
}

/// Addresses being collected, those of each family apart so that neither pushes the other out.
struct Found {
    ips: [[IpAddr; PER_FAMILY]; 2],
    counts: [usize; 2],
}

impl Found {
    fn add(&mut self, ip: IpAddr) {
        let family = usize::from(ip.is_ipv6());
        if let (Some(ips), Some(count)) = (self.ips.get_mut(family), self.counts.get_mut(family)) {
            if let Some(place) = ips.get_mut(*count) {
                *place = ip;
                *count += 1;
            }
        }
    }

    /// The first of each family, so many in all as there is room for, at least half of it for either;
    /// in their order.
    fn give(&self, own: &[IpAddr], addrs: &mut [dunlin_addr]) {
        let [v4, v6] = self.counts;
        let half = addrs.len() / 2;
        let take_v6 = v6.min(addrs.len() - v4.min(half));
        let take_v4 = v4.min(addrs.len() - take_v6);
        let mut all = [IpAddr::V4(core::net::Ipv4Addr::UNSPECIFIED); 2 * PER_FAMILY];
        let [ips4, ips6] = &self.ips;
        let kept = ips4.iter().take(take_v4).chain(ips6.iter().take(take_v6));
        let mut count = 0;
        for (to, from) in all.iter_mut().zip(kept) {
            *to = *from;
            count += 1;
        }
        let Some(all) = all.get_mut(..count) else { return };
        order::sort(all, own);
        for (to, ip) in addrs.iter_mut().zip(all) {
            *to = Addr::new(*ip, 0).to_c();
        }
    }
}

/// The addresses of a name by DNS or from the cache; how many there are.
pub(super) fn addresses(
    dev: &Dev,
    name: &Name,
    family: u16,
    addrs: &mut [dunlin_addr],
    limit: Limit<'_>,
) -> Result<usize> {
    let unspecified = IpAddr::V4(core::net::Ipv4Addr::UNSPECIFIED);
    let mut found = Found { ips: [[unspecified; PER_FAMILY]; 2], counts: [0; 2] };
    let device = dev.handle();
    let mut kinds = [Kind::A; 2];
    let mut open = 0;
    for (kind, of) in [(Kind::A, DUNLIN_AF_INET), (Kind::Aaaa, DUNLIN_AF_INET6)] {
        if family != DUNLIN_AF_UNSPEC && family != of {
            continue;
        }
        let known = CACHE.lock().get(device, kind, name, now_ms(), |ip| found.add(ip));
        if known.is_none() {
            if let Some(place) = kinds.get_mut(open) {
                *place = kind;
                open += 1;
            }
        }
    }
    let mut asked = Ok(());
    if open > 0 {
        let kinds = kinds.get(..open).unwrap_or(&[]);
        asked = ask(dev, name, kinds, limit, &mut |kind, answer| {
            let addrs = || answer.matching().map(|r| r.data());
            addrs().filter_map(read_ip).for_each(|ip| found.add(ip));
            if let Some(ttl) = answer.ttl() {
                CACHE.lock().put(device, kind, name, addrs(), ttl, now_ms());
            }
        });
    }
    let count: usize = found.counts.iter().sum();
    if count == 0 {
        return Err(asked.err().unwrap_or(Error::NO_SUCH_HOST));
    }
    give(dev, &found, addrs);
    Ok(count)
}

/// Stores what was found, in the order for the device; apart from the asking, so that both do not lie on
/// the stack together.
#[inline(never)]
fn give(dev: &Dev, found: &Found, addrs: &mut [dunlin_addr]) {
    let mut own = [IpAddr::V4(core::net::Ipv4Addr::UNSPECIFIED); 8];
    let own = own_addresses(dev, &mut own);
    found.give(own, addrs);
}

/// The device's own addresses; none when it does not tell.
fn own_addresses<'a>(dev: &Dev, own: &'a mut [IpAddr; 8]) -> &'a [IpAddr] {
    let mut told = [dunlin_addr::NONE; 8];
    let count = wait::in_turn(dev, &mut |t, _, _| t.addr(&mut told)).unwrap_or(0);
    let mut kept = 0;
    for addr in told.iter().take(count) {
        if let (Ok(Some(addr)), Some(place)) = (Addr::from_c(addr), own.get_mut(kept)) {
            *place = addr.ip;
            kept += 1;
        }
    }
    own.get(..kept).unwrap_or(&[])
}
