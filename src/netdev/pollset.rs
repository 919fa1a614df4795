//! Waits until one of many sockets of several devices is ready. A set is filled and used once per
//! look: [`PollSet::begin`], the `add…` calls, [`PollSet::wait`], then [`PollSet::events`].

use crate::bytes::insert;
use crate::config::MAX_POLL;
use crate::error::{Error, Result};
use crate::handle::Handle;
use crate::netdev::registry::{on_duty, wake_driver, DEVICES};
use crate::netdev::table::{dunlin_netdev_poll, DUNLIN_CAP_WAKE_ISR, DUNLIN_ERROR, DUNLIN_WAKE_POLL};
use crate::netdev::wait::{back_off, PROBE_MS, SLICE_MS};
use crate::sync::park::Task;
use crate::time::Deadline;

/// The sockets of one look, those of a device side by side.
pub struct PollSet {
    polls: [dunlin_netdev_poll; MAX_POLL],
    tokens: [u16; MAX_POLL],
    devices: [i32; MAX_POLL],
    len: usize,
    /// Something is ready already: `wait` only looks.
    ready: bool,
    /// Something must be asked again soon, as nothing will tell.
    probe: bool,
    /// Something may be told by an interrupt.
    told: bool,
    /// The task does the work of devices with `step`.
    steward: bool,
    /// When to look again at the latest.
    limit: Deadline,
    /// A socket found no place.
    full: bool,
    /// Waits in a row that a driver ended too early for nothing.
    idle: u32,
}

impl Default for PollSet {
    fn default() -> Self {
        Self::new()
    }
}

impl PollSet {
    /// The empty set.
    pub const fn new() -> PollSet {
        PollSet {
            polls: [dunlin_netdev_poll { sock: 0, events: 0, revents: 0 }; MAX_POLL],
            tokens: [0; MAX_POLL],
            devices: [0; MAX_POLL],
            len: 0,
            ready: false,
            probe: false,
            told: false,
            steward: false,
            limit: Deadline::NONE,
            full: false,
            idle: 0,
        }
    }

    /// Empties the set. From here on a wake of `task` ends the wait.
    pub fn begin(&mut self, task: &Task) {
        self.len = 0;
        self.ready = false;
        self.probe = false;
        self.told = false;
        self.limit = Deadline::NONE;
        self.full = false;
        task.begin_poll();
    }

    /// Something found ready while the set was filled.
    pub fn add_ready(&mut self) {
        self.ready = true;
    }

    /// Something that nothing tells of: it is looked at again within `PROBE_MS`.
    pub fn add_probe(&mut self) {
        self.probe = true;
    }

    /// Something of which a wake tells, possibly from an interrupt.
    pub fn add_told(&mut self) {
        self.told = true;
    }

    /// Something that has to be looked at again at a time.
    pub fn add_deadline(&mut self, deadline: Deadline) {
        self.limit = self.limit.earliest(deadline);
    }

    /// Says whether a socket found no place since `begin`.
    pub fn is_full(&self) -> bool {
        self.full
    }

    /// A socket of a device with `poll`. `token` comes back from [`PollSet::events`].
    pub fn add_socket(&mut self, device: Handle, sock: i32, events: u16, token: u16) -> Result<()> {
        if self.len >= MAX_POLL {
            self.full = true;
            return Err(Error::NO_SLOT);
        }
        // Behind the last one of the same device; in the usual set of one device that is the end.
        let mut at = self.len;
        let last = at.checked_sub(1).and_then(|i| self.devices.get(i));
        if last.is_none_or(|d| *d == device.0) {
            if let (Some(poll), Some(name), Some(of)) =
                (self.polls.get_mut(at), self.tokens.get_mut(at), self.devices.get_mut(at))
            {
                (*poll, *name, *of) = (dunlin_netdev_poll { sock, events, revents: 0 }, token, device.0);
                self.len += 1;
                return Ok(());
            }
        }
        let before = self.devices.get(..self.len).unwrap_or(&[]);
        if let Some(last) = before.iter().rposition(|d| *d == device.0) {
            at = last + 1;
        }
        insert(&mut self.polls, self.len, at, dunlin_netdev_poll { sock, events, revents: 0 });
        insert(&mut self.tokens, self.len, at, token);
        insert(&mut self.devices, self.len, at, device.0);
        self.len += 1;
        Ok(())
    }

    /// Waits until something may be ready, the task is woken, or the deadline; may come back early.
    pub fn wait(&mut self, task: &Task, deadline: Deadline) {
        let until = self.wait_inner(task, deadline);
        let fruitless = self.events().next().is_none() && !task.is_woken() && !until.is_past();
        self.idle = if fruitless { self.idle.saturating_add(1) } else { 0 };
        // Once may be the rest of a wake. A driver that keeps coming back for nothing must not spin.
        if self.idle > 1 {
            back_off(task, self.idle, until);
        }
        task.end_poll();
    }

    /// The wait itself; until when it was to last.
    fn wait_inner(&mut self, task: &Task, deadline: Deadline) -> Deadline {
        let mut until = if self.ready { Deadline::NOW } else { deadline };
        let duty = on_duty(task, deadline);
        until = until.earliest(duty.until).earliest(self.limit);
        self.steward = duty.steward;
        if self.probe {
            until = until.earliest(Deadline::after_ms(PROBE_MS));
        }
        // The first device blocks; the others are looked at before, and again soon.
        let first = self.devices.first().copied().filter(|_| self.len > 0);
        let Some(first) = first else {
            task.wait(until);
            return until;
        };
        let mut start = 0;
        let mut others = false;
        let mut first_end = self.len;
        while start < self.len {
            let device = self.devices.get(start).copied().unwrap_or(0);
            let run = self.devices.get(start..self.len).unwrap_or(&[]);
            let end = start + run.iter().take_while(|d| **d == device).count().max(1);
            if device == first {
                first_end = end;
            } else {
                others = true;
                let mut now = Deadline::NOW;
                if self.poll_device(task, start, end, &mut now) > 0 {
                    until = Deadline::NOW;
                }
            }
            start = end;
        }
        if others {
            until = until.earliest(Deadline::after_ms(PROBE_MS));
        }
        self.poll_device(task, 0, first_end, &mut until);
        until
    }

    /// Polls the sockets `start..end`, all of one device, no longer than the device allows, which is what
    /// `until` becomes; how many are ready.
    fn poll_device(&mut self, task: &Task, start: usize, end: usize, until: &mut Deadline) -> usize {
        let device = self.devices.get(start).copied().unwrap_or(0);
        let told = self.told;
        let Some(polls) = self.polls.get_mut(start..end) else { return 0 };
        let Ok(dev) = DEVICES.enter(Handle(device)) else {
            // The device is gone: every socket has an error to report.
            polls.iter_mut().for_each(|p| p.revents = DUNLIN_ERROR);
            return polls.len();
        };
        let table = dev.table();
        let blocks = *until != Deadline::NOW;
        if told && table.caps() & DUNLIN_CAP_WAKE_ISR == 0 {
            *until = until.earliest(Deadline::after_ms(PROBE_MS));
        }
        let deaf = self.steward && table.caps() & DUNLIN_CAP_WAKE_ISR == 0;
        let serial = table.is_serial();
        if deaf || serial || !table.has_wake() {
            *until = until.earliest(Deadline::after_ms(SLICE_MS));
        }
        let _turn = if serial {
            match dev.line().try_short() {
                Some(turn) => Some(turn),
                None => {
                    if blocks {
                        task.wait(until.earliest(Deadline::after_ms(PROBE_MS)));
                    }
                    return 0;
                }
            }
        } else {
            None
        };
        if blocks && !task.enter_driver(wake_driver, device, DUNLIN_WAKE_POLL) {
            *until = Deadline::NOW;
        }
        let ready = table.poll(polls, *until);
        if blocks {
            task.leave_driver();
        }
        match ready {
            Ok(n) => n,
            Err(_) => {
                polls.iter_mut().for_each(|p| p.revents = 0);
                0
            }
        }
    }

    /// What was ready: token and events.
    pub fn events(&self) -> impl Iterator<Item = (u16, u16)> + '_ {
        let polls = self.polls.get(..self.len).unwrap_or(&[]);
        polls.iter().zip(&self.tokens).filter(|(p, _)| p.revents != 0).map(|(p, t)| (*t, p.revents))
    }
}
