//! Records other than addresses: always by DNS, as no device has an operation for them.

use crate::error::{Error, Result};
use crate::net::conn::Limit;
use crate::net::dns::message::{Kind, Record};
use crate::net::dns::name::{self, Name};
use crate::net::lookup::client;
use crate::netdev::registry::Dev;
use crate::port;

/// The most records that are put in order.
const SORTED_MAX: usize = 32;

/// Hands the records of a name to `take`, in the order of the answer (Go: `Resolver.LookupTXT`,
/// `LookupAddr` with [`super::reverse_name`]); how many. Records with a name that is no host's are
/// left out, as Go leaves them out.
///
/// Errors: `NO_SUCH_HOST`, `NAME_SERVER`, `NO_NAME_SERVER`, `TIMEOUT`, `CANCELED`, `NET_DOWN`,
/// `ENTROPY`, `NOT_SUPPORTED` (the device has no UDP), and the driver's.
pub fn each(
    dev: &Dev,
    name: &Name,
    kind: Kind,
    limit: Limit<'_>,
    take: &mut dyn FnMut(&Record<'_>),
) -> Result<usize> {
    let mut count = 0;
    client::ask(dev, name, &[kind], limit, &mut |_, answer| {
        for record in answer.matching().filter(|r| is_clean(kind, r)) {
            take(&record);
            count += 1;
        }
    })?;
    counted(count)
}

/// Something was said, but nothing that can be used.
fn counted(count: usize) -> Result<usize> {
    if count == 0 {
        return Err(Error::NAME_SERVER);
    }
    Ok(count)
}

fn is_clean(kind: Kind, record: &Record<'_>) -> bool {
    let mut text = [0; name::TEXT_MAX];
    kind == Kind::Txt || name::write(record.name(), &mut text).is_ok()
}

/// As [`each`] for MX and SRV, in the order in which they are to be tried: the least first number
/// first; among equals at random, of SRV by their weight (Go: `LookupMX`, `LookupSRV`; RFC 5321 §5.1,
/// 2782).
pub fn each_by_priority(
    dev: &Dev,
    name: &Name,
    kind: Kind,
    limit: Limit<'_>,
    take: &mut dyn FnMut(&Record<'_>),
) -> Result<usize> {
    let mut count = 0;
    let mut random = Ok(());
    client::ask(dev, name, &[kind], limit, &mut |_, answer| {
        let mut list = [Ranked { priority: 0, weight: 0, index: 0 }; SORTED_MAX];
        for (index, record) in answer.matching().enumerate().filter(|(_, r)| is_clean(kind, r)) {
            if let Some(place) = list.get_mut(count) {
                let weight = if kind == Kind::Srv { record.number(1) } else { 0 };
                *place = Ranked { priority: record.number(0), weight, index };
            }
            count += 1;
        }
        let Some(list) = list.get_mut(..count.min(SORTED_MAX)) else { return };
        random = arrange(list, &mut |below| {
            let mut bytes = [0; 4];
            port::random(&mut bytes)?;
            Ok(u32::from_ne_bytes(bytes) % below.max(1))
        });
        for ranked in list.iter() {
            if let Some(record) = answer.matching().nth(ranked.index) {
                take(&record);
            }
        }
    })?;
    random?;
    counted(count)
}

#[derive(Clone, Copy)]
struct Ranked {
    priority: u16,
    weight: u16,
    index: usize,
}

/// Puts the records in order. `pick` gives a random number below its argument.
fn arrange(list: &mut [Ranked], pick: &mut dyn FnMut(u32) -> Result<u32>) -> Result<()> {
    let mut rest = list;
    while !rest.is_empty() {
        let least = rest.iter().map(|r| r.priority).min().unwrap_or(0);
        let sum: u32 = rest.iter().filter(|r| r.priority == least).map(|r| u32::from(r.weight) + 1).sum();
        // One more than the weight, so that those without weight have their chance too.
        let mut left = pick(sum)?;
        let mut chosen = 0;
        for (i, r) in rest.iter().enumerate().filter(|(_, r)| r.priority == least) {
            chosen = i;
            let weight = u32::from(r.weight) + 1;
            if left < weight {
                break;
            }
            left -= weight;
        }
        let Some((first, behind)) = rest.split_first_mut() else { break };
        if let Some(other) = chosen.checked_sub(1).and_then(|i| behind.get_mut(i)) {
            core::mem::swap(first, other);
        }
        rest = behind;
    }
    Ok(())
}

/// Writes the name that a name stands for in the end, with its last dot (Go: `Resolver.LookupCNAME`);
/// its length. A name that stands for itself is its own; it must have an address.
///
/// Errors: as [`each`]; `BUFFER_TOO_SMALL`.
pub fn canonical(dev: &Dev, name: &Name, buf: &mut [u8], limit: Limit<'_>) -> Result<usize> {
    let mut written = Err(Error::NO_SUCH_HOST);
    client::ask(dev, name, &[Kind::A, Kind::Aaaa], limit, &mut |_, answer| {
        if answer.matching().next().is_some() && written.is_err() {
            written = name::write(answer.target(), buf).map_err(|e| {
                if e == Error::INVALID_ADDRESS {
                    Error::NAME_SERVER
                } else {
                    e
                }
            });
        }
    })?;
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_priority_first_and_the_weighty_more_often() {
        let entry = |priority, weight, index| Ranked { priority, weight, index };
        let all = [entry(20, 0, 0), entry(10, 9, 1), entry(10, 29, 2), entry(5, 0, 3)];
        let mut firsts = [0; 4];
        let mut seed = 1u32;
        for _ in 0..4000 {
            let mut list = all;
            arrange(&mut list, &mut |below| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                Ok((seed >> 8) % below)
            })
            .unwrap();
            let order = list.map(|r| r.index);
            assert_eq!((order[0], order[3]), (3, 0));
            firsts[order[1]] += 1;
        }
        // 30 of 40 times the one with the weight 29 (and 1).
        assert_eq!(firsts[1] + firsts[2], 4000);
        assert!((2700..3300).contains(&firsts[2]), "{firsts:?}");
        let failed = arrange(&mut all.clone(), &mut |_| Err(Error::ENTROPY));
        assert_eq!(failed, Err(Error::ENTROPY));
    }
}
