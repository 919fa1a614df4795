//! Header section "Time".

use super::arg;
use crate::error::Error;
use crate::port;
use crate::time::{self, Deadline, TickClock};

/// A 32-bit tick counter extended to 64 bits, for ports. All zero to begin with. Frozen.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_tick_clock {
    /// The last tick seen.
    pub last: u32,
    /// How often the counter began anew.
    pub wraps: u32,
}

/// dunlin_now_ms tells the time that deadlines are on: monotonic milliseconds, ≥ 1. Does not block.
/// Any task or interrupt, before `dunlin_init` too.
#[no_mangle]
pub extern "C" fn dunlin_now_ms() -> i64 {
    time::now_ms()
}

/// dunlin_after_ms makes a deadline `ms` milliseconds from now (Go: `time.Now().Add`); 0 and less
/// give one in the past: do not wait. Does not block. Any task or interrupt, before `dunlin_init`
/// too.
#[no_mangle]
pub extern "C" fn dunlin_after_ms(ms: i64) -> i64 {
    Deadline::after_ms(ms).0
}

/// dunlin_remaining_ms tells how many milliseconds are left: 0 when the deadline is past, -1 when
/// there is none (`deadline` is 0). Does not block. Any task or interrupt, before `dunlin_init`
/// too.
#[no_mangle]
pub extern "C" fn dunlin_remaining_ms(deadline: i64) -> i64 {
    Deadline(deadline).remaining_ms().unwrap_or(-1)
}

/// dunlin_wall_time_s tells the port's wall clock: seconds since 1970-01-01T00:00:00Z, or
/// `DUNLIN_ERR_NOT_SUPPORTED` while the clock is not set. Does not block. Any task, before
/// `dunlin_init` too.
#[no_mangle]
pub extern "C" fn dunlin_wall_time_s() -> i64 {
    let seconds = port::wall_time_s().and_then(|s| i64::try_from(s).ok());
    seconds.unwrap_or(i64::from(Error::NOT_SUPPORTED.code()))
}

/// dunlin_ticks_to_ms makes milliseconds (≥ 1) of a tick counter of `per_second` ticks a second
/// that wraps at 32 bits, for `dunlin_port_now_ms`. It must see every wrap of the counter, and
/// ticks in their order: call it inside one critical section with the reading of the counter.
///
/// Rounds down. NULL or a rate of 0 give 1. Takes no lock, does not block. Any task or interrupt.
#[no_mangle]
pub unsafe extern "C" fn dunlin_ticks_to_ms(
    clock: *mut dunlin_tick_clock,
    tick: u32,
    per_second: u32,
) -> i64 {
    // SAFETY: a clock by the caller's word.
    let Ok(state) = (unsafe { arg::one(clock) }) else { return 1 };
    if per_second == 0 {
        return 1;
    }
    let ticks = TickClock::from_parts(state.last, state.wraps);
    let ms = ticks.to_ms(tick, per_second);
    let (last, wraps) = ticks.parts();
    // SAFETY: checked by `one`.
    unsafe { *clock = dunlin_tick_clock { last, wraps } };
    ms
}
