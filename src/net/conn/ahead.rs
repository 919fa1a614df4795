//! What a connection over a device without `poll` remembers, so that a poller learns what is ready: a byte
//! read ahead, and which tries are worth it.

use super::*;

impl ConnSlot {
    /// The right to read ahead; `None` when another task reads, whose the next byte is.
    pub(crate) fn begin_look(&self) -> Option<impl Drop + '_> {
        cs::with(|cs| {
            let flags = &self.state.borrow(cs).flags;
            if flags.get() & (READING | LOOKING) != 0 {
                return None;
            }
            flags.set(flags.get() | LOOKING);
            Some(Busy { conn: self, flag: LOOKING, kind: None, flags: 0 })
        })
    }

    /// What was read ahead to learn that something can be read: a byte, or an error, which stands for
    /// every later read too.
    pub(crate) fn take_ahead(&self) -> Option<Result<u8>> {
        cs::with(|cs| {
            let s = self.state.borrow(cs);
            match s.ahead.get() {
                0 => None,
                code if code < 0 => Some(Err(Error::from_code(code))),
                byte => {
                    s.ahead.set(0);
                    Some(Ok((byte - 1) as u8))
                }
            }
        })
    }

    pub(crate) fn put_ahead(&self, ahead: Result<u8>) {
        cs::with(|cs| {
            self.state.borrow(cs).ahead.set(ahead.map_or_else(Error::code, |byte| i32::from(byte) + 1));
        });
    }

    /// What the device had told when the last read (or write) found the socket not ready, 0 if it did
    /// not.
    pub(crate) fn seen(&self, writing: bool) -> u32 {
        cs::with(|cs| {
            let [read, write] = &self.state.borrow(cs).seen;
            if writing { write } else { read }.get()
        })
    }

    pub(crate) fn set_seen(&self, writing: bool, news: u32) {
        cs::with(|cs| {
            let [read, write] = &self.state.borrow(cs).seen;
            if writing { write } else { read }.set(news);
        });
    }

    /// Remembers whether the last write found the socket full; what was remembered before.
    pub(crate) fn write_full(&self, full: bool) -> bool {
        cs::with(|cs| {
            let s = self.state.borrow(cs);
            let had = s.flags.get() & WRITE_FULL != 0;
            s.flags.set(if full { s.flags.get() | WRITE_FULL } else { s.flags.get() & !WRITE_FULL });
            had
        })
    }
}
