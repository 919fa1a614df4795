//! Cancel tokens: what Go's `context.Context` is to a dial, a lookup or an HTTP request. Any task
//! cancels; the operation ends with `CANCELED`, whatever it waits for.

use core::cell::Cell;

use crate::config::MAX_CANCELS;
use crate::error::{Error, Result};
use crate::handle::{Handle, Kind};
use crate::sync::cs::{self, CriticalSection, Mutex};
use crate::sync::park::{self, TaskRef};
use crate::sync::pool::{Guard, Pool, Slot};

/// A token. Once canceled it stays so.
pub struct CancelSlot {
    canceled: Mutex<Cell<bool>>,
    /// Tasks that began to wait under it; some may have left, waking them is harmless.
    waiting: Mutex<Cell<u32>>,
    /// The token that ends this one too.
    parent: Mutex<Cell<Handle>>,
}

/// A token in use.
pub type Cancel = Guard<CancelSlot, MAX_CANCELS>;

/// All tokens.
pub static CANCELS: Pool<CancelSlot, MAX_CANCELS> = Pool::new();

impl Slot for CancelSlot {
    const KIND: Kind = Kind::Cancel;
    #[allow(clippy::declare_interior_mutable_const)]
    const EMPTY: CancelSlot = CancelSlot {
        canceled: Mutex::new(Cell::new(false)),
        waiting: Mutex::new(Cell::new(0)),
        parent: Mutex::new(Cell::new(Handle::NONE)),
    };

    fn finish(&self) {
        cs::with(|cs| {
            self.canceled.borrow(cs).set(false);
            self.waiting.borrow(cs).set(0);
            self.parent.borrow(cs).set(Handle::NONE);
        });
    }
}

/// A new token; it lives until [`close`].
pub fn new() -> Result<Handle> {
    Ok(CANCELS.claim()?.handle())
}

/// Ends every operation under the token, now and later (Go: the `CancelFunc`). May be repeated.
pub fn cancel(token: Handle) -> Result<()> {
    CANCELS.enter(token)?.cancel();
    Ok(())
}

/// Gives the token up; operations under it end with `CANCELED` first.
pub fn close(token: Handle) -> Result<()> {
    CANCELS.close(token)?.cancel();
    Ok(())
}

/// The token for use by an operation; no token for 0.
pub fn enter(token: Handle) -> Result<Option<Cancel>> {
    if token == Handle::NONE {
        return Ok(None);
    }
    CANCELS.enter(token).map(Some)
}

impl CancelSlot {
    /// Says whether the token was canceled.
    pub fn is_canceled(&self) -> bool {
        cs::with(|cs| self.canceled.borrow(cs).get())
    }

    /// Makes another token end what waits under this one too (Go: `context.WithCancel` of a parent), until
    /// this one's slot is given up. One that was closed counts as canceled.
    pub(crate) fn follow(&self, parent: Handle) {
        cs::with(|cs| self.parent.borrow(cs).set(parent));
    }

    /// Names a task that waits under the token; `CANCELED` if it must not.
    pub fn enter(&self, cs: CriticalSection<'_>, task: TaskRef) -> Result<()> {
        self.enter_one(cs, task)?;
        match self.parent.borrow(cs).get() {
            Handle::NONE => Ok(()),
            parent => CANCELS.enter(parent).map_err(|_| Error::CANCELED)?.enter_one(cs, task),
        }
    }

    fn enter_one(&self, cs: CriticalSection<'_>, task: TaskRef) -> Result<()> {
        let waiting = self.waiting.borrow(cs);
        waiting.set(waiting.get() | task.bit());
        if self.canceled.borrow(cs).get() {
            return Err(Error::CANCELED);
        }
        Ok(())
    }

    /// Ends what waits under the token, now and later.
    pub(crate) fn cancel(&self) {
        let waiting = cs::with(|cs| {
            self.canceled.borrow(cs).set(true);
            self.waiting.borrow(cs).get()
        });
        park::table().wake_mask(waiting, false);
        park::table().wake_pollers(false);
    }
}
