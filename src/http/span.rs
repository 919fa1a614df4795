//! Where a part of a head lies: offsets into the buffer that holds it.

/// A part of a buffer by offset and length, so that a parsed head does not borrow its bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Number of bytes.
    pub len: u32,
}

impl Span {
    /// The span of nothing at offset 0.
    pub const EMPTY: Span = Span { start: 0, len: 0 };

    /// From `start` up to, not including, `end`; empty when `end` lies before `start`.
    pub const fn between(start: usize, end: usize) -> Span {
        Span { start: start as u32, len: end.saturating_sub(start) as u32 }
    }

    /// The bytes meant, out of the same buffer; empty when the span does not lie inside it.
    pub fn of(self, buf: &[u8]) -> &[u8] {
        buf.get(self.start as usize..).and_then(|b| b.get(..self.len as usize)).unwrap_or(&[])
    }

    /// The offset past the last byte.
    pub const fn end(self) -> usize {
        self.start as usize + self.len as usize
    }

    /// Whether no byte is meant.
    pub const fn is_empty(self) -> bool {
        self.len == 0
    }
}
