//! Workers: who steps the poll set, who runs a handler, and the server's end.

use crate::arena::Buf;
use crate::error::{Error, Result};
use crate::handle::Handle;
use crate::http::server::exchange::EXCHANGES;
use crate::http::server::route::Table;
use crate::http::server::state::{Core, Life, Phase};
use crate::http::server::ServerSlot;
use crate::http::status;
use crate::netdev::pollset::PollSet;
use crate::netdev::registry::on_duty;
use crate::port;
use crate::sync::cs;
use crate::sync::park::{self, Task, TaskRef};
use crate::time::Deadline;

/// A handler to run.
struct Job {
    slot: usize,
    table: Table,
    route: usize,
    exchange: Handle,
}

/// A new connection that sent nothing for so long counts as idle when the server shuts down.
const NEW_IDLE_MS: i64 = 5000;

impl ServerSlot {
    /// Waits until `done`, stepping the poll set when no other task does. `worker`: with
    /// nothing else to do. False when the deadline came first. `done` is asked with the server's lock
    /// held, and again only after it said no.
    pub(super) fn rest(
        &self,
        task: &Task,
        deadline: Deadline,
        worker: bool,
        done: &mut dyn FnMut(&mut Core) -> bool,
    ) -> bool {
        let mut set: Option<Buf<PollSet>> = None;
        loop {
            let mut lock = self.lock();
            let Some(core) = &mut *lock else { return true };
            if let Some(set) = set.as_ref().and_then(|b| b.first()) {
                core.act(set);
            } else {
                core.workers &= !task.bit();
                core.waiters &= !task.bit();
                cs::with(|cs| task.prepare(cs));
            }
            let met = done(core);
            let gone = core.gone;
            // Somebody has looked at what is there: without that nothing would ever be done in no time.
            let looked = set.is_some() || core.leader != TaskRef::NONE;
            let over = met || (looked && deadline.is_past());
            if over {
                if set.is_some() {
                    core.poll = set.take();
                    core.leader = TaskRef::NONE;
                }
                if core.leader == TaskRef::NONE {
                    core.hand_over();
                }
            }
            if over || gone {
                drop(lock);
                if gone {
                    self.tell_gone();
                }
                if over {
                    return met;
                }
                continue;
            }
            if set.is_none() && core.leader == TaskRef::NONE {
                core.leader = task.name();
                set = core.poll.take();
            }
            if let Some(set) = set.as_mut().and_then(|b| b.first_mut()) {
                if core.workers != 0 && core.others_wait() {
                    core.wake_one();
                }
                // Nobody changes anything before this task waits that it does not see, or is not
                // woken for.
                set.begin(task);
                let until = deadline.earliest(core.fill(set));
                drop(lock);
                set.wait(task, until);
                continue;
            }
            *(if worker { &mut core.workers } else { &mut core.waiters }) |= task.bit();
            let leader = core.leader;
            drop(lock);
            if !worker {
                // The set has to hold what this task waits for.
                park::table().wake(leader);
            }
            task.wait(on_duty(task, deadline).until);
        }
    }

    /// Tells owners of detached exchanges that the peer left; with no lock held.
    pub(super) fn tell_gone(&self) {
        loop {
            let gone = match &mut *self.lock() {
                Some(core) => core.next_gone(),
                None => None,
            };
            match gone {
                Some((exchange, on_close)) => on_close.call(exchange),
                None => return,
            }
        }
    }

    /// Works for the server until it is closed or shut down; then [`Error::HTTP_SERVER_CLOSED`] (Go:
    /// `Server.Serve`). Any number of tasks may be in here; each counts once for `DUNLIN_MAX_TASKS`, and
    /// once more while its handler waits for the peer. `NO_SLOT` when that many wait already.
    pub fn serve(&self) -> Result<()> {
        self.serve_until(Deadline::NONE)
    }

    /// As [`ServerSlot::serve`], and no longer than `deadline`: then `TIMEOUT`. A handler that began is
    /// finished first. Under a deadline that has passed it takes what is ready, runs one handler at most,
    /// and waits for nothing.
    pub fn serve_until(&self, deadline: Deadline) -> Result<()> {
        let task = park::table().acquire()?;
        let mut ended: Option<(Job, Result<()>)> = None;
        loop {
            let (mut job, mut closed) = (None, false);
            self.rest(&task, deadline, true, &mut |core| {
                if let Some((job, result)) = ended.take() {
                    core.handler_done(job.slot, job.exchange, result);
                    if deadline.is_past() {
                        return true;
                    }
                }
                if core.life == Life::Closed || (core.life == Life::Closing && core.is_quiet()) {
                    core.wake_all();
                    closed = true;
                    return true;
                }
                job = core.start();
                job.is_some()
            });
            let Some(job) = job else {
                closed |= !deadline.is_past();
                return Err(if closed { Error::HTTP_SERVER_CLOSED } else { Error::TIMEOUT });
            };
            // A handler may be long: who waits does the devices' work meanwhile.
            task.off_duty();
            let result = job.table.call(job.route, job.exchange);
            ended = Some((job, result));
        }
    }

    /// Stops accepting, ends idle connections and waits for requests in progress (Go:
    /// `Server.Shutdown`). `TIMEOUT` when some are left at the deadline: they go on. `REENTRANT` from a
    /// handler. The server is still to be closed.
    pub fn shutdown(&self, deadline: Deadline) -> Result<()> {
        let task = park::table().acquire()?;
        let me = port::task_id();
        self.with(|core| {
            if core.slots.iter().any(|s| s.phase == Phase::Running && s.worker == me) {
                return Err(Error::REENTRANT);
            }
            if core.life == Life::Open {
                core.life = Life::Closing;
            }
            for listener in &mut core.listeners {
                if let Some(listener) = listener.take() {
                    crate::net::listen::end(listener);
                }
            }
            core.wake_all();
            Ok(())
        })?;
        let quiet = self.rest(&task, deadline, false, &mut |core| {
            core.end_idle();
            core.is_quiet()
        });
        self.with(|core| {
            core.wake_all();
            Ok(())
        })?;
        if quiet {
            Ok(())
        } else {
            Err(Error::TIMEOUT)
        }
    }
}

impl Core {
    /// Somebody has to look: a worker without work, or the task in the poll set.
    pub fn wake_one(&mut self) {
        if self.workers != 0 && (self.others_wait() || self.leader == TaskRef::NONE) {
            self.hand_over();
        }
        self.tell();
    }

    /// Something changed that whoever steps the poll set has to see, and whoever polls.
    pub fn tell(&mut self) {
        park::table().wake(self.leader);
        self.tell_pollers();
    }

    /// Makes tasks look again that poll the server or its exchanges.
    pub fn tell_pollers(&mut self) {
        if core::mem::take(&mut self.watched) {
            park::table().wake_pollers(false);
        }
    }

    fn end_idle(&mut self) {
        let now = self.clock.now();
        for i in 0..self.slots.len() {
            let Ok(slot) = self.slot(i) else { return };
            if slot.phase == Phase::Idle {
                if !slot.fresh || slot.since + NEW_IDLE_MS <= now {
                    self.end(i);
                } else {
                    slot.deadline = slot.deadline.earliest(Deadline(slot.since + NEW_IDLE_MS));
                }
            }
        }
    }

    /// Takes a request that waits for a worker.
    fn start(&mut self) -> Option<Job> {
        loop {
            let i = self.next_ready()?;
            let route = self.parts(i).ok()?.x.route;
            if let Ok(exchange) = EXCHANGES.claim_idle(|x, cs| x.set(self.own, i, cs)) {
                let (now, table) = (self.clock.now(), self.table);
                let slot = self.slot(i).ok()?;
                slot.enter(Phase::Running, 0, now);
                slot.worker = port::task_id();
                slot.waited = 0;
                slot.exchange = exchange;
                return Some(Job { slot: i, table, route: route.into(), exchange });
            }
            // Other servers have all exchanges: refuse rather than let the request wait for nothing.
            let refused = self.parts(i).and_then(|mut p| {
                p.x.close = true;
                p.error(503, status::text(503).as_bytes())
            });
            match refused.and_then(|()| self.complete(i)) {
                Ok(_) => self.advance(i),
                Err(_) => self.end(i),
            }
        }
    }

    /// The handler of an exchange returned.
    fn handler_done(&mut self, i: usize, exchange: Handle, result: Result<()>) {
        let Ok(p) = self.parts(i) else { return };
        if p.slot.exchange != exchange {
            return;
        }
        p.slot.worker = 0;
        if p.x.detached && !p.x.finished {
            let gone = p.slot.gone;
            p.slot.enter(Phase::Detached, 0, p.clock.now());
            if !gone {
                self.advance(i);
                self.tell();
            }
            return;
        }
        self.end_exchange(i, result);
    }

    /// The exchange is over: what it answered is sent.
    pub fn end_exchange(&mut self, i: usize, result: Result<()>) {
        let Ok(slot) = self.slot(i) else { return };
        let _ = EXCHANGES.discard(core::mem::take(&mut slot.exchange));
        slot.want = 0;
        slot.on_close = None;
        let step = match result {
            _ if slot.conn.is_none() => Err(Error::CLOSED),
            Ok(()) => self.complete(i),
            Err(e) => self.give_up(i, e),
        };
        // From here on the connection belongs to the poll set.
        match step {
            Ok(_) => self.advance(i),
            Err(_) => {
                if let Ok(slot) = self.slot(i) {
                    slot.phase = Phase::Send;
                }
                self.end(i);
            }
        }
        self.tell();
    }

    /// A handler failed: before the head went out it is a status, after it the connection ends.
    fn give_up(&mut self, i: usize, error: Error) -> Result<super::step::Step> {
        let mut p = self.parts(i)?;
        if p.x.broken || p.x.head_made || error == Error::HTTP_ABORTED {
            return Err(Error::HTTP_ABORTED);
        }
        if !p.x.whole {
            let status = match p.x.body_error {
                None | Some(Error::HTTP_BODY_READ_AFTER_CLOSE) => 500,
                Some(Error::HTTP_BODY_TOO_LARGE) => 413,
                Some(Error::TIMEOUT | Error::HTTP_SLOW_PEER) => 408,
                Some(_) => 400,
            };
            p.x.close |= p.x.body_error.is_some();
            p.x.committed = false;
            p.x.length = None;
            p.x.fields = p.x.fields_end;
            p.x.trailer_len = 0;
            let text = status::text(status).as_bytes();
            if p.error(status, text).is_err() {
                // What the peer sent ahead takes the room: it gives way, and the connection ends.
                p.x.next = p.x.req.as_ref().map_or(0, |r| r.len);
                p.x.filled = p.x.next;
                p.x.close = true;
                p.error(status, text)?;
            }
        }
        self.complete(i)
    }
}
