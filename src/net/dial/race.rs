//! Happy Eyeballs (RFC 8305; Go: `dialParallel`): the family of the first address leads; when it has not
//! connected after the delay, or has failed, the other one is tried besides. One task does both: the
//! connects do not wait, the wait is for whichever socket has news. The first that connects stays, the
//! other is closed.

use super::attempt::Attempt;
use super::*;
use crate::net::conn::CONNS;
use crate::netdev::pollset::PollSet;
use crate::netdev::table::{DUNLIN_CAP_BLOCKING, DUNLIN_CAP_NOTIFY, DUNLIN_WRITABLE};
use crate::sync::cs;
use crate::sync::park;

/// The addresses of the leading family, or those of the other, one after another.
struct Runner<'a> {
    plan: &'a Plan<'a>,
    /// Those of both families.
    left: &'a [dunlin_addr],
    /// The leading family.
    family: u16,
    leads: bool,
    now: Option<(Attempt, Deadline)>,
    /// Another task had the device's line at the last try: nothing tells when it is free.
    unasked: bool,
    /// The driver told of the socket.
    told: bool,
    first: Option<Failed>,
}

impl<'a> Runner<'a> {
    fn new(plan: &'a Plan<'a>, addrs: &'a [dunlin_addr], family: u16, leads: bool) -> Runner<'a> {
        Runner { plan, left: addrs, family, leads, now: None, unasked: false, told: false, first: None }
    }

    /// Its own addresses that were not tried yet.
    fn own(&self) -> impl Iterator<Item = &'a dunlin_addr> {
        let (family, leads) = (self.family, self.leads);
        self.left.iter().filter(move |addr| (addr.family == family) == leads)
    }

    /// The next address, and how many there were with it.
    fn next(&mut self) -> Option<(&'a dunlin_addr, usize)> {
        let count = self.own().count();
        while let Some((addr, rest)) = self.left.split_first() {
            self.left = rest;
            if (addr.family == self.family) == self.leads {
                return Some((addr, count));
            }
        }
        None
    }

    fn is_over(&self) -> bool {
        self.now.is_none() && self.own().next().is_none()
    }

    fn begin(&self, addr: &dunlin_addr) -> core::result::Result<Attempt, Fault> {
        let dev = self.plan.device(Some(addr))?;
        let epoch = DialGate::new(&dev, self.plan.limit)?.epoch;
        self.plan.open(dev, addr, epoch)
    }

    /// Goes on as far as it can without waiting: the socket that has connected.
    fn go_on(&mut self) -> Option<Attempt> {
        loop {
            let (attempt, until) = match self.now.take() {
                Some(now) => now,
                None => {
                    let (addr, count) = self.next()?;
                    let until = share_of(self.plan.limit.deadline, count);
                    match self.begin(addr) {
                        Ok(attempt) => (attempt, until),
                        Err(fault) => {
                            self.first.get_or_insert(Failed { fault, addr: *addr });
                            continue;
                        }
                    }
                }
            };
            let tried = self.plan.try_connect(&attempt, core::mem::take(&mut self.told));
            self.unasked = tried == Err(wait::LINE_BUSY);
            let fault = match tried {
                Ok(_) => return Some(attempt),
                Err(fault) if fault.error != Error::WOULD_BLOCK => fault,
                Err(_) if until.is_past() => Error::TIMEOUT.into(),
                Err(_) => {
                    self.now = Some((attempt, until));
                    return None;
                }
            };
            self.first.get_or_insert(Failed { fault, addr: attempt.addr });
        }
    }

    /// Adds what is waited for to a set; until when.
    fn watch(&self, set: &mut PollSet, token: u16) -> Result<Deadline> {
        let Some((attempt, until)) = &self.now else { return Ok(Deadline::NONE) };
        let table = attempt.dev.table();
        if table.has_poll() {
            set.add_socket(attempt.dev.handle(), attempt.sock, DUNLIN_WRITABLE, token)?;
        } else if table.caps() & DUNLIN_CAP_NOTIFY != 0 {
            set.add_told();
        } else {
            set.add_probe();
        }
        if self.unasked {
            set.add_probe();
        }
        Ok(*until)
    }
}

impl Plan<'_> {
    /// Says whether every address is of a device whose connect need not wait.
    pub(super) fn can_race(&self, addrs: &[dunlin_addr]) -> bool {
        addrs.iter().all(|addr| {
            self.device(Some(addr)).is_ok_and(|dev| {
                let table = dev.table();
                let caps = table.caps();
                let tells = table.has_poll() || table.has_step() || caps & DUNLIN_CAP_NOTIFY != 0;
                tells && caps & DUNLIN_CAP_BLOCKING == 0
            })
        })
    }

    /// Tries both families; of the errors the first one of `family`, which leads, is reported.
    #[inline(never)]
    pub(super) fn race(&self, addrs: &[dunlin_addr], family: u16, delay_ms: i64) -> Dialed {
        let conn = CONNS.claim()?;
        let won = self.run(addrs, family, delay_ms);
        self.become_conn(conn, won)
    }

    fn run(
        &self,
        addrs: &[dunlin_addr],
        family: u16,
        delay_ms: i64,
    ) -> core::result::Result<Attempt, Failed> {
        let mut lead = Runner::new(self, addrs, family, true);
        let mut other = Runner::new(self, addrs, family, false);
        let task = park::table().acquire()?;
        let mut set = PollSet::new();
        let start = Deadline::after_ms(delay_ms);
        let mut early = 0u32; // looks in a row at sockets that were said to be ready and were not
        loop {
            set.begin(&task);
            let may = cs::with(|cs| match self.limit.cancel {
                Some(cancel) => cancel.enter(cs, task.name()),
                None => Ok(()),
            });
            let may = may.and(if self.limit.deadline.is_past() { Err(Error::TIMEOUT) } else { Ok(()) });
            if let Err(e) = may {
                let addr = lead.now.as_ref().map_or(dunlin_addr::NONE, |(attempt, _)| attempt.addr);
                return Err(lead.first.unwrap_or(Failed { fault: e.into(), addr }));
            }
            if let Some(attempt) = lead.go_on() {
                return Ok(attempt);
            }
            let both = lead.is_over() || start.is_past();
            if both {
                if let Some(attempt) = other.go_on() {
                    return Ok(attempt);
                }
                if lead.is_over() && other.is_over() {
                    return Err(lead.first.unwrap_or_else(|| Error::NO_SUCH_HOST.into()));
                }
            }
            let mut until = lead.watch(&mut set, 0)?.earliest(self.limit.deadline);
            until = until.earliest(if both { other.watch(&mut set, 1)? } else { start });
            if early > 2 {
                wait::back_off(&task, early, until);
            }
            set.wait(&task, until);
            for (token, _) in set.events() {
                if token == 0 {
                    lead.told = true;
                } else {
                    other.told = true;
                }
            }
            early = if set.events().next().is_some() { early.saturating_add(1) } else { 0 };
        }
    }
}
