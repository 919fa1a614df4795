//! Taking connections: one that waits, of one device or of all, and one ahead where only a try tells.

use super::*;

struct AcceptGate<'a> {
    listener: &'a ListenerSlot,
    limit: Limit<'a>,
    /// The accept ends with `INTERRUPTED` when the parts have changed since.
    changes: u32,
}

impl Gate for AcceptGate<'_> {
    fn enter(&self, cs: CriticalSection<'_>, task: TaskRef) -> Result<Deadline> {
        let s = self.listener.state.borrow(cs);
        if let Some(cancel) = self.limit.cancel {
            cancel.enter(cs, task)?;
        }
        if s.closed.get() {
            return Err(Error::CLOSED);
        }
        s.acceptor.set(task);
        if self.listener.spread.changes() != self.changes {
            return Err(Error::INTERRUPTED);
        }
        Ok(Deadline(s.deadline.get()).earliest(self.limit.deadline))
    }
}

/// The right to accept, given back when dropped.
struct Busy<'a>(&'a ListenerSlot);

/// The right to accept ahead, given back when dropped.
struct Looking<'a>(&'a ListenerSlot);

impl Drop for Looking<'_> {
    fn drop(&mut self) {
        cs::with(|cs| self.0.state.borrow(cs).looking.set(false));
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        cs::with(|cs| {
            let s = self.0.state.borrow(cs);
            s.busy.set(false);
            s.acceptor.set(TaskRef::NONE);
        });
    }
}

impl ListenerSlot {
    fn begin(&self) -> Result<Busy<'_>> {
        cs::with(|cs| {
            let s = self.state.borrow(cs);
            if s.closed.get() {
                return Err(Error::CLOSED);
            }
            if s.looking.get() {
                return Err(Error::WOULD_BLOCK);
            }
            if s.busy.replace(true) {
                return Err(Error::BUSY);
            }
            Ok(Busy(self))
        })
    }

    /// Waits for a connection (Go: `Listener.Accept`). `NO_SLOT` when the table of connections is
    /// full: the one that waits keeps waiting. With [`Limit::NOW`] one try, or `WOULD_BLOCK`.
    pub fn accept(&self, limit: Limit<'_>) -> Result<Conn> {
        self.accept_one(limit).inspect_err(|e| {
            let known = self.detail();
            // A driver's fault has left its own number already.
            if (known.op, known.code) != (OpKind::Accept, e.code()) {
                self.fault(OpKind::Accept, (*e).into());
            }
        })
    }

    fn accept_one(&self, limit: Limit<'_>) -> Result<Conn> {
        let _busy = loop {
            match self.begin() {
                // A look ahead never waits: it is over in a moment.
                Err(Error::WOULD_BLOCK) if !limit.is_now() => wait::moment()?,
                other => break other?,
            }
        };
        let conn = CONNS.claim()?;
        match self.accept_into(&conn, limit) {
            Ok(()) => Ok(conn),
            Err(e) => {
                conn.close();
                Err(e)
            }
        }
    }

    fn accept_into(&self, conn: &Conn, limit: Limit<'_>) -> Result<()> {
        let own = cs::with(|cs| self.state.borrow(cs).deadline.get());
        if limit.is_now() || own < 0 {
            return self.try_accept(conn);
        }
        loop {
            let changes = self.spread.changes();
            let gate = AcceptGate { listener: self, limit, changes };
            let mut parts = self.spread.open_parts();
            match (parts.next(), parts.next()) {
                (Some(only), None) if only.own.ahead < 0 => match accept_on(conn, only, &gate) {
                    Err(Error::INTERRUPTED) => {}
                    // Another device may come, and is listened on then.
                    Err(Error::NET_DOWN) if self.spread.is_wildcard() => return self.accept_any(conn, limit),
                    done => return done,
                },
                _ => return self.accept_any(conn, limit),
            }
        }
    }

    fn accept_any(&self, conn: &Conn, limit: Limit<'_>) -> Result<()> {
        let task = park::table().acquire()?;
        let mut set = PollSet::new();
        loop {
            set.begin(&task);
            let deadline = cs::with(|cs| {
                let gate = AcceptGate { listener: self, limit, changes: self.spread.changes() };
                gate.enter(cs, task.name())
            })?;
            if deadline.is_past() {
                return Err(Error::TIMEOUT);
            }
            if !self.spread.is_wildcard() && self.spread.parts().iter().all(|p| p.device == 0) {
                return Err(Error::NET_DOWN);
            }
            match self.try_accept(conn) {
                Err(Error::WOULD_BLOCK) => {}
                done => return done,
            }
            self.watch_parts(&mut set, 0, false)?;
            set.wait(&task, deadline);
        }
    }

    /// One try on a part: the accepted socket.
    fn attempt(&self, dev: &Dev, part: &Part) -> OpResult {
        let mut peer = dunlin_addr::NONE;
        let news = dev.news(part.sock);
        let tried = wait::attempt(dev, &mut |t, flags, d| t.accept(part.sock, &mut peer, flags, d));
        let seen = if wait::is_unready(&tried) { news } else { 0 };
        self.spread.change(part.device, |p| p.seen = seen);
        tried
    }

    fn try_accept(&self, conn: &Conn) -> Result<()> {
        let mut last = Error::WOULD_BLOCK;
        for part in self.spread.open_parts() {
            let Ok(dev) = DEVICES.enter(Handle(part.device)) else { continue };
            let ahead = self.spread.change(part.device, |p| core::mem::replace(&mut p.ahead, -1));
            if let Some(sock) = ahead.filter(|sock| *sock >= 0) {
                tcp::make(conn, self.spread.place().0, &dev, sock, part.own.ahead_epoch);
                return Ok(());
            }
            let epoch = dev.epoch();
            match self.attempt(&dev, &part) {
                Ok(sock) => return self.take(conn, &dev, sock, epoch),
                Err(f) if f.error == Error::WOULD_BLOCK => {}
                Err(f) => last = self.fault(OpKind::Accept, f),
            }
        }
        Err(last)
    }

    /// Adds the listener to a set, or says that a connection waits.
    pub fn watch(&self, set: &mut PollSet, token: u16) -> Result<u16> {
        self.watch_parts(set, token, true)
    }

    /// `ahead` says that a connection may be taken ahead to learn that there is one; otherwise the
    /// caller has just tried itself.
    fn watch_parts(&self, set: &mut PollSet, token: u16, ahead: bool) -> Result<u16> {
        if cs::with(|cs| self.state.borrow(cs).closed.get()) {
            return Err(Error::CLOSED);
        }
        for part in self.spread.open_parts() {
            let device = Handle(part.device);
            let Ok((table, _)) = cs::with(|cs| registry::peek(device, cs)) else { continue };
            if part.own.ahead >= 0 {
                set.add_ready();
                return Ok(DUNLIN_READABLE);
            }
            if table.has_poll() {
                set.add_socket(device, part.sock, DUNLIN_READABLE, token)?;
                continue;
            }
            let Ok(dev) = DEVICES.enter(device) else { continue };
            let mut probe = table.caps() & DUNLIN_CAP_NOTIFY == 0;
            if dev.worth_a_try(part.sock, part.own.seen) {
                // When the caller's own try could not ask, nothing tells when it is worth another.
                probe |= !ahead;
                if ahead {
                    match self.look_ahead(&dev, &part) {
                        Ok(true) => {
                            set.add_ready();
                            return Ok(DUNLIN_READABLE);
                        }
                        Ok(false) => {}
                        Err(_) => probe = true,
                    }
                }
            }
            if table.caps() & DUNLIN_CAP_NOTIFY != 0 {
                set.add_told();
            }
            if probe {
                set.add_probe();
            }
        }
        Ok(0)
    }

    /// Accepts a connection ahead: true when there was one. An error says that nothing was learnt.
    fn look_ahead(&self, dev: &Dev, part: &Part) -> Result<bool> {
        let _looking = cs::with(|cs| {
            let s = self.state.borrow(cs);
            // Who accepts has the next connection.
            if s.busy.get() || s.looking.replace(true) {
                return Err(Error::BUSY);
            }
            Ok(Looking(self))
        })?;
        // Another poller may have been here since `part` was read: its connection must not be lost.
        if self.spread.change(part.device, |p| p.ahead).is_some_and(|sock| sock >= 0) {
            return Ok(true);
        }
        let epoch = dev.epoch();
        match self.attempt(dev, part) {
            Ok(sock) => {
                let sock = tcp::adopt(dev, sock)?;
                self.begin_socket(dev, sock);
                self.spread.change(part.device, |p| (p.ahead, p.ahead_epoch) = (sock, epoch));
                Ok(true)
            }
            Err(fault) if wait::is_unready(&Err(fault)) => Ok(false),
            Err(fault) => Err(fault.error),
        }
    }
}

impl ListenerSlot {
    /// Makes a slot the connection that a driver accepted. `epoch` was read before: when the link fell
    /// meanwhile, the connection may be older than that.
    fn take(&self, conn: &Conn, dev: &Dev, sock: usize, epoch: u16) -> Result<()> {
        let sock = tcp::adopt(dev, sock)?;
        self.begin_socket(dev, sock);
        tcp::make(conn, self.spread.place().0, dev, sock, epoch);
        Ok(())
    }

    /// Go's options for an accepted socket.
    fn begin_socket(&self, dev: &Dev, sock: i32) {
        let (network, keep_alive) = cs::with(|cs| {
            let s = self.state.borrow(cs);
            (self.spread.place().0, s.keep_alive.get())
        });
        if network.carrier() == Carrier::Tcp {
            option::set_defaults(dev, sock, &keep_alive);
        }
    }
}

/// Waits for a connection on the only part.
fn accept_on(conn: &Conn, only: Part, gate: &AcceptGate<'_>) -> Result<()> {
    let dev = DEVICES.enter(Handle(only.device)).map_err(|_| Error::NET_DOWN)?;
    let mut epoch = 0;
    let mut peer = dunlin_addr::NONE;
    let sock = wait::blocking(&dev, only.sock, false, gate, &mut |t, flags, d| {
        // A link that falls during the call ends the call.
        epoch = dev.epoch();
        t.accept(only.sock, &mut peer, flags, d)
    });
    let sock = sock.map_err(|fault| match fault.error {
        Error::INTERRUPTED => fault.error,
        _ => gate.listener.fault(OpKind::Accept, fault),
    })?;
    gate.listener.take(conn, &dev, sock, epoch)
}
