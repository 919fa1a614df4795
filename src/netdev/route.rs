//! The networks that a device leads to, of which the longest prefix decides.

use core::cell::Cell;

use crate::error::{Error, Result};
use crate::netdev::table::dunlin_addr;
use crate::sync::cs::{self, CriticalSection, Mutex};

/// Routes a device may have.
pub const MAX_ROUTES: usize = 4;

/// A network that is reached through a device.
#[derive(Clone, Copy)]
pub struct Route {
    /// `family` 0 marks an unused entry.
    pub network: dunlin_addr,
    /// Leading bits of the network.
    pub prefix_len: u8,
    /// Of two routes of equal length the smaller wins.
    pub metric: u16,
}

const NO_ROUTE: Route = Route { network: dunlin_addr::NONE, prefix_len: 0, metric: 0 };

/// The routes of one device.
pub(super) struct Routes(Mutex<Cell<[Route; MAX_ROUTES]>>);

impl Routes {
    /// A device without routes.
    #[allow(clippy::declare_interior_mutable_const)]
    pub(super) const NONE: Routes = Routes(Mutex::new(Cell::new([NO_ROUTE; MAX_ROUTES])));

    pub(super) fn clear(&self, cs: CriticalSection<'_>) {
        self.0.borrow(cs).set([NO_ROUTE; MAX_ROUTES]);
    }

    /// Adds one; `NO_SLOT` when there are `MAX_ROUTES` already.
    pub(super) fn add(&self, route: Route) -> Result<()> {
        cs::with(|cs| {
            let cell = self.0.borrow(cs);
            let mut routes = cell.get();
            let free = routes.iter_mut().find(|r| r.network.family == 0).ok_or(Error::NO_SLOT)?;
            *free = route;
            cell.set(routes);
            Ok(())
        })
    }

    /// The longest match of a destination, one more than its bits, and its metric; 0 is none.
    pub(super) fn best(&self, to: Option<&dunlin_addr>) -> (u8, u16) {
        let routes = cs::with(|cs| self.0.borrow(cs).get());
        let mut best = (0, u16::MAX);
        for r in routes.iter().filter(|r| r.network.family != 0) {
            let fits = match to {
                Some(a) if a.family == r.network.family => prefix_equal(&a.ip, &r.network.ip, r.prefix_len),
                Some(_) => false,
                None => r.prefix_len == 0,
            };
            // A matching prefix of any length goes before a device without routes.
            let len = r.prefix_len.saturating_add(1);
            if fits && (len > best.0 || (len == best.0 && r.metric < best.1)) {
                best = (len, r.metric);
            }
        }
        best
    }
}

fn prefix_equal(a: &[u8; 16], b: &[u8; 16], bits: u8) -> bool {
    let mut left = bits;
    a.iter().zip(b).all(|(x, y)| {
        let n = left.min(8);
        left -= n;
        n == 0 || (x ^ y) >> (8 - n) == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::netdev::table::DUNLIN_AF_INET;

    fn v4(a: u8, b: u8, c: u8) -> dunlin_addr {
        let mut addr = dunlin_addr { family: DUNLIN_AF_INET, ..dunlin_addr::NONE };
        addr.ip[..3].copy_from_slice(&[a, b, c]);
        addr
    }

    #[test]
    fn the_longest_prefix_then_the_least_metric() {
        let routes = Routes::NONE;
        for (network, prefix_len, metric) in
            [(v4(0, 0, 0), 0, 9), (v4(10, 0, 0), 8, 5), (v4(10, 1, 128), 17, 7), (v4(10, 0, 0), 8, 3)]
        {
            routes.add(Route { network, prefix_len, metric }).unwrap();
        }
        let more = Route { network: v4(1, 0, 0), prefix_len: 8, metric: 0 };
        assert_eq!(routes.add(more), Err(Error::NO_SLOT));
        assert_eq!(routes.best(Some(&v4(10, 1, 129))), (18, 7));
        assert_eq!(routes.best(Some(&v4(10, 1, 127))), (9, 3));
        assert_eq!(routes.best(Some(&v4(11, 0, 0))), (1, 9));
        assert_eq!(routes.best(None), (1, 9));
        let v6 = dunlin_addr { family: 6, ..dunlin_addr::NONE };
        assert_eq!(routes.best(Some(&v6)), (0, u16::MAX));
        cs::with(|cs| routes.clear(cs));
        assert_eq!(routes.best(Some(&v4(10, 1, 129))), (0, u16::MAX));
    }
}
