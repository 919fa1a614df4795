//! Times in fields (RFC 9110 §5.6.7).

const DAYS: &[u8; 21] = b"SunMonTueWedThuFriSat";
const MONTHS: &[u8; 36] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
/// The last second of the year 9999.
const LAST: i64 = 253_402_300_799;
/// The first second of the year 0.
const FIRST: i64 = -62_167_219_200;

/// A time in Unix seconds as `Thu, 01 Jan 1970 00:00:00 GMT` (Go: `Time.Format(http.TimeFormat)`);
/// years outside 0..=9999 become the nearest one.
pub fn format(unix: i64) -> [u8; 29] {
    let unix = unix.clamp(FIRST, LAST);
    let (days, secs) = (unix.div_euclid(86_400), unix.rem_euclid(86_400) as u32);
    let (year, month, day) = civil(days);
    let weekday = (days + 4).rem_euclid(7) as usize;
    let mut out = *b"Ddd, 00 Mmm 0000 00:00:00 GMT";
    put(&mut out, 0, name(DAYS, weekday));
    put(&mut out, 5, &two(day));
    put(&mut out, 8, name(MONTHS, month as usize - 1));
    put(&mut out, 12, &two(year / 100));
    put(&mut out, 14, &two(year % 100));
    put(&mut out, 17, &two(secs / 3600));
    put(&mut out, 20, &two(secs / 60 % 60));
    put(&mut out, 23, &two(secs % 60));
    out
}

/// Year, month 1..=12 and day of a number of days since 1970 (H. Hinnant, "chrono-compatible
/// low-level date algorithms").
fn civil(days: i64) -> (u32, u32, u32) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    (year as u32, month as u32, day as u32)
}

fn two(n: u32) -> [u8; 2] {
    [b'0' + (n / 10 % 10) as u8, b'0' + (n % 10) as u8]
}

fn name(names: &[u8], i: usize) -> &[u8] {
    names.chunks_exact(3).nth(i).unwrap_or(b"???")
}

fn put(out: &mut [u8; 29], at: usize, bytes: &[u8]) {
    out.iter_mut().skip(at).zip(bytes).for_each(|(to, b)| *to = *b);
}

#[cfg(test)]
mod tests {
    use super::format;

    #[test]
    fn known_times() {
        for (unix, want) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
            (i64::MAX, "Fri, 31 Dec 9999 23:59:59 GMT"),
            (i64::MIN, "Sat, 01 Jan 0000 00:00:00 GMT"),
        ] {
            assert_eq!(std::str::from_utf8(&format(unix)).unwrap(), want);
        }
    }
}
