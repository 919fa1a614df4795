//! What a faulty device knows of one call, and which faults can happen to it.

use super::fault_config::*;
use super::table::{DUNLIN_DONTWAIT, DUNLIN_PEEK};
use crate::time::Deadline;

/// The direction of what receives.
pub const RX: u8 = 1;
/// The direction of what sends.
pub const TX: u8 = 2;

/// One call as far as faults are concerned.
#[derive(Clone, Copy)]
pub struct Call {
    pub op: u32,
    pub sock: i32,
    /// `RX`, `TX`, or 0 for operations that never wait.
    pub direction: u8,
    /// Room, or bytes to send.
    pub len: usize,
    pub waits: bool,
    /// Takes a message away, or sends one.
    pub datagram: bool,
    pub deadline: Deadline,
}

/// A call that never waits.
pub fn call(op: u32, sock: i32) -> Call {
    Call { op, sock, direction: 0, len: 0, waits: false, datagram: false, deadline: Deadline::NOW }
}

/// A call that may wait.
pub fn waiting(op: u32, sock: i32, direction: u8, len: usize, flags: u32, deadline: i64) -> Call {
    let deadline = Deadline(deadline);
    let waits = flags & DUNLIN_DONTWAIT == 0 && !deadline.is_past();
    Call { op, sock, direction, len, waits, datagram: false, deadline }
}

impl Call {
    /// The call is one of a message, unless it only looks at it.
    pub fn of_message(self, flags: u32) -> Call {
        Call { datagram: flags & DUNLIN_PEEK == 0, ..self }
    }

    /// Says whether a fault of this kind can happen to the call.
    pub fn takes(&self, kind: u32, told: bool) -> bool {
        use DUNLIN_FAULT_OP_ACCEPT as ACCEPT;
        use DUNLIN_FAULT_OP_CONNECT as CONNECT;
        use DUNLIN_FAULT_OP_LOOKUP as LOOKUP;
        use DUNLIN_FAULT_OP_POLL as POLL;
        use DUNLIN_FAULT_OP_RECV as RECV;
        use DUNLIN_FAULT_OP_SEND as SEND;
        let op = self.op;
        match kind {
            DUNLIN_FAULT_SHORT if self.datagram => op == RECV && self.len > 1,
            DUNLIN_FAULT_SHORT => matches!(op, SEND | RECV) && self.len > 1,
            DUNLIN_FAULT_DROP => self.datagram,
            DUNLIN_FAULT_WOULD_BLOCK => matches!(op, LOOKUP | CONNECT | ACCEPT | SEND | RECV | POLL),
            DUNLIN_FAULT_INTERRUPTED => {
                self.waits && matches!(op, LOOKUP | CONNECT | ACCEPT | SEND | RECV | POLL)
            }
            DUNLIN_FAULT_LENGTH => matches!(op, LOOKUP | SEND | RECV | POLL),
            DUNLIN_FAULT_CODE => true,
            DUNLIN_FAULT_STUCK => self.waits && self.direction != 0,
            DUNLIN_FAULT_RESET => matches!(op, CONNECT | ACCEPT | SEND | RECV),
            DUNLIN_FAULT_LATE => told && matches!(op, LOOKUP | CONNECT | SEND),
            DUNLIN_FAULT_NO_SOCKETS => matches!(op, DUNLIN_FAULT_OP_SOCKET | ACCEPT),
            DUNLIN_FAULT_NO_NAME => op == LOOKUP,
            DUNLIN_FAULT_LINK => matches!(op, CONNECT | ACCEPT | SEND | RECV),
            _ => false,
        }
    }
}
