//! Moves of bytes inside one buffer that, unlike the slice's own, cannot panic: a place outside the
//! buffer moves nothing.

/// Moves the bytes `from..to` to where `at` is; the two may overlap.
#[inline(never)]
pub(crate) fn shift(bytes: &mut [u8], from: usize, to: usize, at: usize) {
    // In this form the compiler sees that the checks of `copy_within` hold.
    let Some(count) = to.checked_sub(from) else { return };
    let Some(last) = bytes.len().checked_sub(count) else { return };
    if to <= bytes.len() && at <= last {
        bytes.copy_within(from..to, at);
    }
}

/// The first `n` bytes go behind the others.
pub(crate) fn rotate_left(bytes: &mut [u8], n: usize) {
    if let Some((front, back)) = bytes.split_at_mut_checked(n) {
        reverse(front);
        reverse(back);
        reverse(bytes);
    }
}

#[inline(never)]
fn reverse(bytes: &mut [u8]) {
    bytes.reverse();
}

/// Puts `value` at `at`; what is there and behind, of the first `len`, moves up by one place.
pub(crate) fn insert<T>(row: &mut [T], len: usize, at: usize, mut value: T) {
    for place in row.iter_mut().take(len + 1).skip(at) {
        core::mem::swap(place, &mut value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shifts() {
        for (from, to, at, want) in [
            (2, 4, 0, b"cdcdef"),
            (0, 4, 1, b"aabcdf"),
            (0, 0, 6, b"abcdef"),
            (3, 6, 3, b"abcdef"),
            // Outside: nothing moves.
            (3, 7, 0, b"abcdef"),
            (4, 3, 0, b"abcdef"),
            (0, 4, 3, b"abcdef"),
            (0, 1, usize::MAX, b"abcdef"),
        ] {
            let mut bytes = *b"abcdef";
            shift(&mut bytes, from, to, at);
            assert_eq!(&bytes, want, "{from}..{to} to {at}");
        }
    }

    #[test]
    fn rotates() {
        for n in 0..8 {
            let mut bytes = *b"abcdef";
            rotate_left(&mut bytes, n);
            let mut want = *b"abcdef";
            want.rotate_left(if n > 6 { 0 } else { n });
            assert_eq!(bytes, want, "by {n}");
        }
    }

    #[test]
    fn inserts() {
        let mut row = [1, 2, 3, 0, 9];
        insert(&mut row, 3, 1, 7);
        assert_eq!(row, [1, 7, 2, 3, 9]);
        insert(&mut row, 4, 4, 8);
        assert_eq!(row, [1, 7, 2, 3, 8]);
        insert(&mut row, 5, 9, 6);
        assert_eq!(row, [1, 7, 2, 3, 8]);
    }
}
