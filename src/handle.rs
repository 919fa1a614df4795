//! Handles: positive `int32_t` made of kind (4 bits), generation (16 bits) and index (11 bits).
//!
//! Generations wrap and skip 0; a slot is used again first in first out. A stale handle is thus
//! mistaken for a live one only if its slot was reused a multiple of 65,535 times since.

/// What a handle names.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Kind {
    Netdev = 1,
    Conn = 2,
    Listener = 3,
    PacketConn = 4,
    Cancel = 5,
    HttpServer = 6,
    HttpClient = 7,
    HttpResponse = 8,
    Exchange = 9,
    TlsConfig = 10,
    WebSocket = 11,
    Subscription = 12,
}

/// A handle as C sees it; 0 is never a valid one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Handle(pub i32);

/// The greatest number of slots of one kind.
pub const MAX_INDEX: usize = 1 << 11;

impl Handle {
    /// No object.
    pub const NONE: Handle = Handle(0);

    pub(crate) const fn new(kind: u8, generation: u16, index: u16) -> Handle {
        Handle((((kind & 15) as u32) << 27 | (generation as u32) << 11 | (index as u32 & 0x7ff)) as i32)
    }

    /// The kind bits, 0 for a number that is no handle.
    pub const fn kind(self) -> u8 {
        if self.0 <= 0 {
            0
        } else {
            (self.0 as u32 >> 27) as u8
        }
    }

    pub(crate) const fn generation(self) -> u16 {
        (self.0 as u32 >> 11) as u16
    }

    pub(crate) const fn index(self) -> u16 {
        (self.0 as u32 & 0x7ff) as u16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_back() {
        for (k, g, i) in [(1, 1, 0), (11, 65535, 2047), (15, 32768, 1024)] {
            let h = Handle::new(k, g, i);
            assert!(h.0 > 0);
            assert_eq!((h.kind(), h.generation(), h.index()), (k, g, i));
        }
        assert_eq!(Handle(-5).kind(), 0);
    }
}
