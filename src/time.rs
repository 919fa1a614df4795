//! Absolute deadlines in milliseconds on the port's monotonic clock (Go: `SetDeadline`).

use core::cell::Cell;

use crate::port;

/// Milliseconds of the monotonic clock; ≥ 1 and never going back.
pub fn now_ms() -> i64 {
    port::now_ms().max(1)
}

/// A point in time on [`now_ms`]; 0 is "none", the past is "do not wait".
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Deadline(pub i64);

impl Deadline {
    /// Wait as long as it takes.
    pub const NONE: Deadline = Deadline(0);
    /// Do not wait. Every number below 1 but 0 lies in the past.
    pub const NOW: Deadline = Deadline(-1);

    /// `ms` milliseconds from now; a negative number is the past.
    pub fn after_ms(ms: i64) -> Deadline {
        if ms <= 0 {
            return Deadline::NOW;
        }
        Deadline(now_ms().saturating_add(ms))
    }

    /// The deadline of a relative time-out field: 0 takes `default_ms`, negative is none.
    pub fn of_timeout(ms: i32, default_ms: i32) -> Deadline {
        match ms {
            0 => Deadline::after_ms(i64::from(default_ms)),
            m if m < 0 => Deadline::NONE,
            m => Deadline::after_ms(i64::from(m)),
        }
    }

    /// The one that comes first.
    pub fn earliest(self, other: Deadline) -> Deadline {
        match (self.0, other.0) {
            (0, _) => other,
            (_, 0) => self,
            (a, b) => Deadline(a.min(b)),
        }
    }

    /// Says whether the time is over.
    pub fn is_past(self) -> bool {
        self.0 != 0 && (self.0 < 0 || self.0 <= now_ms())
    }

    /// Says whether this deadline never comes.
    pub fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Milliseconds left, at least 0; `None` when there is no deadline.
    pub fn remaining_ms(self) -> Option<i64> {
        (self.0 != 0).then(|| self.0.saturating_sub(now_ms()).max(0))
    }
}

/// The state of a 32-bit tick counter extended to 64 bits. Zero it once; it must be read at least
/// in every half of the counter's range (24 days at 1 kHz).
#[derive(Default)]
pub struct TickClock {
    last: Cell<u32>,
    wraps: Cell<u32>,
}

impl TickClock {
    /// A clock that has seen no tick.
    pub const fn new() -> TickClock {
        TickClock { last: Cell::new(0), wraps: Cell::new(0) }
    }

    /// A clock whose state is kept elsewhere: the last tick and the number of wraps.
    pub const fn from_parts(last: u32, wraps: u32) -> TickClock {
        TickClock { last: Cell::new(last), wraps: Cell::new(wraps) }
    }

    /// What [`TickClock::from_parts`] takes.
    pub fn parts(&self) -> (u32, u32) {
        (self.last.get(), self.wraps.get())
    }

    fn extend(&self, tick: u32) -> u64 {
        let last = self.last.get();
        // A reading that another task overtook is older than the last one, not a wrap ahead of it.
        // The first reading of all may be anything.
        let first = last == 0 && self.wraps.get() == 0;
        if first || tick.wrapping_sub(last) < 1 << 31 {
            if tick < last {
                self.wraps.set(self.wraps.get().wrapping_add(1));
            }
            self.last.set(tick);
        }
        u64::from(self.wraps.get()) << 32 | u64::from(self.last.get())
    }

    /// Milliseconds (≥ 1) of a tick counter that runs at `hz`; rounds down, so that a wait that is
    /// computed from it and rounded up never ends early.
    pub fn to_ms(&self, tick: u32, hz: u32) -> i64 {
        let ticks = self.extend(tick);
        let hz = u64::from(hz.max(1));
        let ms = (ticks / hz).saturating_mul(1000).saturating_add((ticks % hz) * 1000 / hz);
        i64::try_from(ms).unwrap_or(i64::MAX - 1).saturating_add(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_survive_the_wrap() {
        let clock = TickClock::new();
        let mut last = 0;
        let mut tick = 0u32;
        for _ in 0..200_000 {
            let ms = clock.to_ms(tick, 1000);
            assert!(ms > last);
            last = ms;
            tick = tick.wrapping_add(65_536);
        }
        assert_eq!(last, 199_999 * 65_536 + 1); // three wraps and no step back
    }

    #[test]
    fn slow_ticks_do_not_lose_time() {
        let clock = TickClock::new();
        assert_eq!(clock.to_ms(0, 32_768), 1);
        assert_eq!(clock.to_ms(32_768, 32_768), 1001);
        clock.to_ms(1 << 31, 128);
        assert_eq!(clock.to_ms(u32::MAX, 128), 1 + (u64::from(u32::MAX) * 1000 / 128) as i64);
        assert_eq!(clock.to_ms(0, 128), 1 + ((1u64 << 32) * 1000 / 128) as i64);
    }

    #[test]
    fn a_reading_that_was_overtaken_is_no_wrap() {
        let clock = TickClock::new();
        let now = clock.to_ms(5000, 1000);
        assert_eq!(clock.to_ms(4999, 1000), now);
        assert_eq!(clock.to_ms(5001, 1000), now + 1);
    }

    #[test]
    fn deadlines_compare() {
        assert_eq!(Deadline(0).earliest(Deadline(5)), Deadline(5));
        assert_eq!(Deadline(7).earliest(Deadline(5)), Deadline(5));
        assert_eq!(Deadline(7).earliest(Deadline::NONE), Deadline(7));
        assert!(Deadline::NOW.is_past() && !Deadline::NONE.is_past());
    }
}
