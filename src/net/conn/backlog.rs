//! Bytes that were read from a connection and given back, for who reads next (Go: the `bufio.Reader` of
//! `Hijacker.Hijack`).

use super::*;
use crate::arena::Buf;

/// Where they are: the first four bytes say how many behind them were taken.
pub(super) type Place = Cell<Option<Buf<u8>>>;

const TAKEN: usize = size_of::<u32>();

impl ConnSlot {
    /// Reads give these bytes first, whatever the deadlines say. `NO_MEMORY` when the arena has no
    /// room for them.
    pub(crate) fn give_back(&self, bytes: &[u8]) -> Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        let len = bytes.len().checked_add(TAKEN).ok_or(Error::NO_MEMORY)?;
        let byte = |at: usize| at.checked_sub(TAKEN).and_then(|k| bytes.get(k)).copied().unwrap_or(0);
        self.set_backlog(Some(Buf::new(len, byte)?));
        Ok(())
    }

    /// Gives the memory of what was not read back to the arena.
    pub(super) fn drop_backlog(&self) {
        self.set_backlog(None);
    }

    fn set_backlog(&self, bytes: Option<Buf<u8>>) {
        let before = cs::with(|cs| {
            let s = self.state.borrow(cs);
            let bit = if bytes.is_some() { BACKLOG } else { 0 };
            s.flags.set(s.flags.get() & !BACKLOG | bit);
            s.backlog.replace(bytes)
        });
        // The arena's own lock is not taken inside a critical section.
        drop(before);
    }

    /// Takes the first of what was given back; called by the one task that reads.
    pub(super) fn take_back(&self, buf: &mut [u8]) -> Option<usize> {
        let mut all = cs::with(|cs| self.state.borrow(cs).backlog.take())?;
        let (taken, bytes) = all.split_first_chunk_mut::<TAKEN>()?;
        let from = u32::from_le_bytes(*taken) as usize;
        let rest = bytes.get(from..).unwrap_or(&[]);
        let n = rest.len().min(buf.len());
        buf.iter_mut().zip(rest).for_each(|(to, b)| *to = *b);
        let more = n < rest.len();
        *taken = ((from + n) as u32).to_le_bytes();
        self.set_backlog(Some(all).filter(|_| more));
        Some(n)
    }
}
