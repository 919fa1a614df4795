//! In-memory connections (Go: `net.Pipe`): synchronous, unbuffered, a write meets one or more reads.

use crate::error::{Error, Result};
use crate::handle::Handle;
use crate::net::conn::{Conn, ConnOps, ConnSlot, Limit, CONNS};
use crate::net::option::SetOption;
use crate::netdev::pollset::PollSet;
use crate::netdev::registry::on_duty;
use crate::netdev::table::{dunlin_addr, DUNLIN_READABLE, DUNLIN_SHUT_WR, DUNLIN_WRITABLE};
use crate::netdev::wait::Gate;
use crate::sync::cs;
use crate::sync::park::{self, Task};
use crate::sync::rendezvous as meet;
use crate::time::Deadline;

static PIPE: ConnOps = ConnOps {
    read,
    write,
    watch,
    shutdown,
    set,
    addr,
    close,
    network: c"pipe",
    rendezvous: true,
    messages: false,
    ends: true,
};

/// Two connections, each the other's peer. `NO_SLOT` when `DUNLIN_MAX_PIPES` or `DUNLIN_MAX_CONNS` are taken.
pub fn new() -> Result<(Conn, Conn)> {
    let a = CONNS.claim()?;
    let b = match CONNS.claim() {
        Ok(b) => b,
        Err(e) => {
            a.close();
            return Err(e);
        }
    };
    match meet::open() {
        Ok(pipe) => {
            a.make(&PIPE, Handle::NONE, (pipe * 2) as i32, 0);
            b.make(&PIPE, Handle::NONE, (pipe * 2 + 1) as i32, 0);
            Ok((a, b))
        }
        Err(e) => {
            a.close();
            b.close();
            Err(e)
        }
    }
}

/// The halves an end reads and writes.
fn halves(conn: &ConnSlot) -> (usize, usize) {
    let end = usize::try_from(conn.place().1).unwrap_or(usize::MAX);
    (end, end ^ 1)
}

/// One look of a blocked call: the gate's deadline, or why it ends. A pipe closed on this side is a
/// closed pipe, as in Go.
fn look(gate: &dyn Gate, task: &Task) -> Result<Deadline> {
    let deadline = cs::with(|cs| {
        task.prepare(cs);
        gate.enter(cs, task.name())
    });
    match deadline {
        Err(Error::CLOSED) => Err(Error::CLOSED_PIPE),
        Ok(d) if d.is_past() => Err(Error::TIMEOUT),
        other => other,
    }
}

fn read(conn: &ConnSlot, buf: &mut [u8], limit: Limit<'_>) -> Result<usize> {
    let (half, _) = halves(conn);
    if limit.is_now() || conn.own_deadline(false).0 < 0 {
        return meet::try_read(half, buf);
    }
    let task = park::table().acquire()?;
    let gate = conn.gate(false, limit);
    loop {
        let deadline = look(&gate, &task)?;
        match meet::read_or_lend(half, buf, task.name())? {
            meet::Met::Done(n) => return Ok(n),
            meet::Met::Lent(offer) => {
                task.wait(on_duty(&task, deadline).until);
                if let Some(n) = offer.withdraw() {
                    return Ok(n);
                }
            }
        }
    }
}

fn write(conn: &ConnSlot, pieces: &[&[u8]], limit: Limit<'_>) -> Result<usize> {
    let (_, half) = halves(conn);
    let data = pieces.iter().find(|p| !p.is_empty()).copied().unwrap_or(&[]);
    if limit.is_now() || conn.own_deadline(true).0 < 0 {
        return meet::try_write(half, data);
    }
    let task = park::table().acquire()?;
    let gate = conn.gate(true, limit);
    let mut done = 0usize;
    loop {
        let rest = data.get(done..).unwrap_or(&[]);
        let step = look(&gate, &task).and_then(|deadline| {
            Ok(match meet::write_or_lend(half, rest, task.name())? {
                meet::Met::Done(n) => (n, n == rest.len()),
                meet::Met::Lent(offer) => {
                    task.wait(on_duty(&task, deadline).until);
                    match offer.withdraw() {
                        None => (rest.len(), true),
                        Some(left) => (rest.len() - left, false),
                    }
                }
            })
        });
        match step {
            Ok((n, all)) => {
                done += n;
                if all {
                    return Ok(done);
                }
            }
            // What was taken counts; the error comes again at once.
            Err(_) if done > 0 => return Ok(done),
            Err(e) => return Err(e),
        }
    }
}

fn watch(conn: &ConnSlot, events: u16, _set: &mut PollSet, _token: u16) -> Result<u16> {
    let (read_half, write_half) = halves(conn);
    let mut ready = 0;
    if events & DUNLIN_READABLE != 0 && meet::is_ready(read_half, true) {
        ready |= DUNLIN_READABLE;
    }
    if events & DUNLIN_WRITABLE != 0 && meet::is_ready(write_half, false) {
        ready |= DUNLIN_WRITABLE;
    }
    Ok(ready)
}

/// Of a pipe one direction ends only with the connection, as seen by its reader.
fn shutdown(conn: &ConnSlot, how: u32) -> Result<()> {
    if how != DUNLIN_SHUT_WR {
        return Err(Error::NOT_SUPPORTED);
    }
    meet::end_writing(halves(conn).1);
    Ok(())
}

fn set(_conn: &ConnSlot, _option: SetOption) -> Result<()> {
    Err(Error::NOT_SUPPORTED)
}

/// Go's address of a pipe has no parts but its name.
fn addr(_conn: &ConnSlot, _remote: bool) -> Result<dunlin_addr> {
    Ok(dunlin_addr::NONE)
}

fn close(conn: &ConnSlot) {
    let (read_half, write_half) = halves(conn);
    meet::close(read_half, write_half);
}
