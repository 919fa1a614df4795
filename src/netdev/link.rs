//! What keeps a link up: when to connect, when to give up, when to look. A machine without a clock,
//! a driver or a lock of its own; [`super::netlink`] runs it.

use core::cell::Cell;

use crate::error::Error;

/// Milliseconds of an attempt to connect when the parameters say 0 (TinyGo: `DefaultConnectTimeout`).
pub const CONNECT_MS: i64 = 10_000;
/// Milliseconds before the second attempt in a row, or the first one after a loss; doubled each time.
pub const BACK_OFF_FIRST_MS: i64 = 500;
/// The most milliseconds between two attempts.
pub const BACK_OFF_MOST_MS: i64 = 60_000;
/// How often a device that is connected is asked for its address until it has one.
pub const ADDRESS_MS: i64 = 200;
/// How soon a driver that came back before it was connected is called again.
pub const AGAIN_MS: i64 = 10;
/// A link that was up for so long begins its back-off anew.
pub const STABLE_MS: i64 = 10_000;

/// Where a link is.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// Nobody wants it; the device may connect by itself.
    Idle = 0,
    /// Before the next attempt.
    Resting = 1,
    /// An attempt is in progress.
    Connecting = 2,
    /// Connected, without an address.
    Addressing = 3,
    /// Usable.
    Up = 4,
    /// The attempts that were allowed have failed.
    Failed = 5,
}

/// What is to be done; its result goes back to the machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    /// Nothing before [`Machine::due`].
    None,
    /// `net_connect`, then [`Machine::connected`].
    Connect,
    /// `net_disconnect`; it has no result.
    Disconnect,
    /// Count the device's addresses, then [`Machine::addressed`].
    Address,
    /// Ask how the device is, then [`Machine::checked`].
    Check,
}

/// What `net_connect` answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// Connected.
    Done,
    /// It goes on by itself and tells.
    Pending,
    /// It is to be called again.
    Again,
    /// The attempt failed.
    Failed(Error),
}

/// How to keep the link.
#[derive(Clone, Copy, Default)]
pub struct Plan {
    /// Milliseconds of an attempt.
    pub timeout_ms: i64,
    /// Milliseconds between two looks at a link that is up, 0 is none.
    pub watchdog_ms: i64,
    /// Attempts in a row before it gives up, 0 is no end.
    pub retries: u32,
}

/// A link's state. All zero is idle and not connected.
pub struct Machine {
    phase: Cell<Phase>,
    plan: Cell<Plan>,
    /// Milliseconds between two looks at a device that cannot tell, 0 is none.
    poll_ms: Cell<i64>,
    /// It is to be connected again when it is lost.
    wanted: Cell<bool>,
    /// The application took it down: what the device tells does not count.
    off: Cell<bool>,
    /// What the device told last.
    carrier: Cell<bool>,
    /// The device is to be told that the attempt, or the link, is over.
    drop: Cell<bool>,
    /// When the phase goes on, 0 is never.
    due: Cell<i64>,
    /// When the device is looked at, 0 is never.
    look: Cell<i64>,
    /// The end of the attempt, 0 is none.
    until: Cell<i64>,
    up_since: Cell<i64>,
    /// Attempts that failed since it was up.
    failed: Cell<u32>,
    /// How far the back-off has grown.
    level: Cell<u32>,
    error: Cell<Option<Error>>,
}

fn first(a: i64, b: i64) -> i64 {
    match (a, b) {
        (0, other) | (other, 0) => other,
        (a, b) => a.min(b),
    }
}

/// The pause at `level`: half of it is certain, the other half is drawn, so that devices that lost
/// the same access point do not come back together.
pub fn back_off_ms(level: u32, random: u32) -> i64 {
    let whole = BACK_OFF_FIRST_MS.saturating_mul(1i64 << level.min(16)).min(BACK_OFF_MOST_MS);
    let half = whole / 2;
    half + i64::from(random) % (whole - half + 1)
}

impl Default for Machine {
    fn default() -> Self {
        Self::new()
    }
}

impl Machine {
    /// An idle link.
    pub const fn new() -> Machine {
        Machine {
            phase: Cell::new(Phase::Idle),
            plan: Cell::new(Plan { timeout_ms: 0, watchdog_ms: 0, retries: 0 }),
            poll_ms: Cell::new(0),
            wanted: Cell::new(false),
            off: Cell::new(false),
            carrier: Cell::new(false),
            drop: Cell::new(false),
            due: Cell::new(0),
            look: Cell::new(0),
            until: Cell::new(0),
            up_since: Cell::new(0),
            failed: Cell::new(0),
            level: Cell::new(0),
            error: Cell::new(None),
        }
    }

    /// An idle link of a device that is asked every `poll_ms`, 0 for one that tells.
    pub fn reset(&self, now: i64, poll_ms: i64) {
        self.phase.set(Phase::Idle);
        self.plan.set(Plan::default());
        self.poll_ms.set(poll_ms);
        for flag in [&self.wanted, &self.off, &self.carrier, &self.drop] {
            flag.set(false);
        }
        for time in [&self.due, &self.look, &self.until, &self.up_since] {
            time.set(0);
        }
        self.failed.set(0);
        self.level.set(0);
        self.error.set(None);
        self.look_again(now);
    }

    /// Where it is.
    pub fn phase(&self) -> Phase {
        self.phase.get()
    }

    /// Says whether it is usable.
    pub fn is_up(&self) -> bool {
        self.phase.get() == Phase::Up
    }

    /// Says whether it is kept up.
    pub fn is_wanted(&self) -> bool {
        self.wanted.get()
    }

    /// Attempts that failed since the link was up, or since it was asked for.
    pub fn failures(&self) -> u32 {
        self.failed.get()
    }

    /// Why it is not up.
    pub fn error(&self) -> Error {
        self.error.get().unwrap_or(Error::NET_DOWN)
    }

    /// When [`Machine::next`] has something to do, 0 is never.
    pub fn due(&self) -> i64 {
        if self.drop.get() {
            return 1;
        }
        first(self.due.get(), self.look.get())
    }

    fn look_again(&self, now: i64) {
        let watchdog = if self.is_up() { self.plan.get().watchdog_ms } else { 0 };
        let every = if self.off.get() { 0 } else { first(watchdog, self.poll_ms.get()) };
        self.look.set(if every > 0 { now.saturating_add(every) } else { 0 });
    }

    fn enter(&self, phase: Phase, due: i64) {
        self.phase.set(phase);
        self.due.set(due);
    }

    /// Keeps the link up from now on; the first attempt is due at once.
    pub fn want(&self, now: i64, plan: Plan) {
        self.plan.set(plan);
        self.wanted.set(true);
        self.off.set(false);
        self.carrier.set(false);
        self.failed.set(0);
        self.level.set(0);
        self.error.set(Some(Error::PENDING));
        self.enter(Phase::Resting, now);
        self.look_again(now);
    }

    /// Takes the link down until it is wanted again.
    pub fn unwant(&self) {
        self.drop.set(self.wanted.get() || self.carrier.get());
        self.wanted.set(false);
        self.off.set(true);
        self.carrier.set(false);
        self.error.set(None);
        self.until.set(0);
        self.look.set(0);
        self.enter(Phase::Idle, 0);
    }

    /// What the device tells of itself.
    pub fn told(&self, now: i64, up: bool, random: u32) {
        if self.off.get() {
            return;
        }
        self.carrier.set(up);
        match self.phase.get() {
            // By itself, between two attempts: it gets the time of one for its address.
            Phase::Resting if up => {
                self.until.set(now.saturating_add(self.plan.get().timeout_ms));
                self.enter(Phase::Addressing, now);
            }
            Phase::Idle | Phase::Failed | Phase::Connecting if up => self.enter(Phase::Addressing, now),
            // It may have its address now.
            Phase::Addressing if up => self.due.set(now),
            Phase::Addressing | Phase::Up if !up => self.lost(now, Error::NET_DOWN, random),
            _ => {}
        }
    }

    /// The link is gone, or its connection was never whole.
    fn lost(&self, now: i64, error: Error, random: u32) {
        if self.is_up() && now.saturating_sub(self.up_since.get()) >= STABLE_MS {
            self.level.set(0);
        }
        self.carrier.set(false);
        self.error.set(Some(error));
        self.until.set(0);
        if self.wanted.get() {
            self.rest(now, random);
        } else {
            self.enter(Phase::Idle, 0);
        }
        self.look_again(now);
    }

    fn rest(&self, now: i64, random: u32) {
        let level = self.level.get();
        self.level.set(level.saturating_add(1));
        self.enter(Phase::Resting, now.saturating_add(back_off_ms(level, random)));
    }

    /// An attempt failed.
    fn fail(&self, now: i64, error: Error, random: u32) {
        self.drop.set(true);
        self.failed.set(self.failed.get().saturating_add(1));
        let retries = self.plan.get().retries;
        if retries > 0 && self.failed.get() >= retries {
            self.wanted.set(false);
        }
        self.lost(now, error, random);
        if !self.wanted.get() {
            self.enter(Phase::Failed, 0);
        }
    }

    /// The next thing to do.
    pub fn next(&self, now: i64, random: u32) -> Act {
        if self.drop.replace(false) {
            return Act::Disconnect;
        }
        let look = self.look.get();
        if look != 0 && look <= now {
            self.look_again(now);
            return Act::Check;
        }
        let due = self.due.get();
        if due == 0 || due > now {
            return Act::None;
        }
        let late = self.until.get() != 0 && self.until.get() <= now;
        match self.phase.get() {
            Phase::Resting => {
                self.until.set(now.saturating_add(self.plan.get().timeout_ms));
                self.enter(Phase::Connecting, now);
                Act::Connect
            }
            Phase::Connecting | Phase::Addressing if late && self.wanted.get() => {
                self.fail(now, Error::TIMEOUT, random);
                Act::Disconnect.when(self.drop.replace(false))
            }
            Phase::Connecting => Act::Connect,
            Phase::Addressing => Act::Address,
            Phase::Idle | Phase::Up | Phase::Failed => {
                self.due.set(0);
                Act::None
            }
        }
    }

    /// The answer to [`Act::Connect`].
    pub fn connected(&self, now: i64, answer: Answer, random: u32) {
        // It was told, or taken down, meanwhile.
        if self.phase.get() != Phase::Connecting {
            return;
        }
        match answer {
            Answer::Done => {
                self.carrier.set(true);
                self.enter(Phase::Addressing, now);
            }
            Answer::Pending => self.due.set(self.until.get()),
            Answer::Again => self.due.set(now.saturating_add(AGAIN_MS)),
            Answer::Failed(error) => self.fail(now, error, random),
        }
    }

    /// The answer to [`Act::Address`], and to the watchdog's question: whether there is an address.
    pub fn addressed(&self, now: i64, any: bool, random: u32) {
        match self.phase.get() {
            Phase::Addressing if any => {
                self.until.set(0);
                self.up_since.set(now);
                self.failed.set(0);
                self.enter(Phase::Up, 0);
                self.look_again(now);
            }
            Phase::Addressing => {
                // Not beyond the attempt: its end is looked at then.
                self.due.set(first(now.saturating_add(ADDRESS_MS), self.until.get()));
            }
            Phase::Up if !any => {
                // Connected all the same: it may get another one.
                self.lost(now, Error::ADDR_NOT_AVAILABLE, random);
                self.carrier.set(true);
                let until =
                    if self.wanted.get() { now.saturating_add(self.plan.get().timeout_ms) } else { 0 };
                self.until.set(until);
                self.enter(Phase::Addressing, now.saturating_add(ADDRESS_MS));
            }
            _ => {}
        }
    }

    /// The answer to [`Act::Check`]: `Ok` says whether the device is connected, an error that it is out
    /// of order and must be connected anew.
    pub fn checked(&self, now: i64, state: Result<bool, Error>, random: u32) {
        match state {
            Ok(up) if up != self.carrier.get() => self.told(now, up, random),
            Ok(_) => {}
            Err(error) if self.is_up() || self.phase.get() == Phase::Addressing => {
                self.drop.set(self.wanted.get());
                self.lost(now, error, random);
            }
            Err(_) => {}
        }
    }
}

impl Act {
    fn when(self, yes: bool) -> Act {
        if yes {
            self
        } else {
            Act::None
        }
    }
}

#[cfg(test)]
#[path = "link_tests.rs"]
mod tests;
