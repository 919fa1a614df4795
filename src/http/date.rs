//! Times in fields (RFC 9110 §5.6.7).

use super::token;
use crate::error::{Error, Result};

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

/// Days since 1970 of a date (the inverse of [`civil`]).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let yoe = year.rem_euclid(400);
    let doy = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

/// The Unix seconds of a date field in one of its three forms (RFC 9110 §5.6.7; Go: `ParseTime`),
/// as lax as Go about case, runs of spaces and fractions of seconds. `INVALID` for anything else.
/// Zones other than GMT count as GMT, as in Go.
pub fn parse(text: &[u8]) -> Result<i64> {
    let preferred = |p: &mut Scan<'_>| {
        p.name(DAYS)?;
        p.literal(b", ")?;
        let day = p.number(true)?;
        p.literal(b" ")?;
        let month = p.name(MONTHS)?;
        p.literal(b" ")?;
        let year = p.year()?;
        p.literal(b" ")?;
        let time = p.time()?;
        p.literal(b" GMT")?;
        p.end(year, month, day, time)
    };
    let rfc850 = |p: &mut Scan<'_>| {
        p.long_day()?;
        p.literal(b", ")?;
        let day = p.number(true)?;
        p.literal(b"-")?;
        let month = p.name(MONTHS)?;
        p.literal(b"-")?;
        let year = p.short_year()?;
        p.literal(b" ")?;
        let time = p.time()?;
        p.literal(b" ")?;
        p.zone()?;
        p.end(year, month, day, time)
    };
    let asctime = |p: &mut Scan<'_>| {
        p.name(DAYS)?;
        p.literal(b" ")?;
        let month = p.name(MONTHS)?;
        p.literal(b" ")?;
        let day = p.number(false)?;
        p.literal(b" ")?;
        let time = p.time()?;
        p.literal(b" ")?;
        let year = p.year()?;
        p.end(year, month, day, time)
    };
    let tried = preferred(&mut Scan(text)).or_else(|| rfc850(&mut Scan(text)));
    tried.or_else(|| asctime(&mut Scan(text))).ok_or(Error::INVALID)
}

/// The Unix seconds of a cookie's Expires: the first form with any zone, or with hyphens (Go:
/// `time.RFC1123`, and the layout of `ParseSetCookie`).
pub fn parse_expires(text: &[u8]) -> Option<i64> {
    let with = |between: &[u8]| {
        let p = &mut Scan(text);
        p.name(DAYS)?;
        p.literal(b", ")?;
        let day = p.number(true)?;
        p.literal(between)?;
        let month = p.name(MONTHS)?;
        p.literal(between)?;
        let year = p.year()?;
        p.literal(b" ")?;
        let time = p.time()?;
        p.literal(b" ")?;
        p.zone()?;
        p.end(year, month, day, time)
    };
    with(b" ").or_else(|| with(b"-"))
}

/// What is still to be read.
struct Scan<'a>(&'a [u8]);

impl<'a> Scan<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(head)
    }

    /// Bytes as they are; a space stands for any number of them, even for none at the end.
    fn literal(&mut self, want: &[u8]) -> Option<()> {
        for b in want {
            if *b == b' ' {
                if self.0.first().is_some_and(|b| *b != b' ') {
                    return None;
                }
                while let [b' ', rest @ ..] = self.0 {
                    self.0 = rest;
                }
            } else {
                self.0 = self.0.strip_prefix(&[*b])?;
            }
        }
        Some(())
    }

    /// A name of three letters; its number, from 0.
    fn name(&mut self, names: &[u8]) -> Option<i64> {
        let found = names.chunks_exact(3).position(|n| starts(self.0, n))?;
        self.take(3)?;
        i64::try_from(found).ok()
    }

    fn long_day(&mut self) -> Option<()> {
        let ends: [&[u8]; 7] = [b"day", b"day", b"sday", b"nesday", b"rsday", b"day", b"urday"];
        let end = ends.get(usize::try_from(self.name(DAYS)?).ok()?)?;
        starts(self.0, end).then(|| self.take(end.len()))?.map(|_| ())
    }

    /// One digit or two.
    fn number(&mut self, two: bool) -> Option<i64> {
        let digit = |b: Option<&u8>| b.filter(|b| b.is_ascii_digit()).map(|b| i64::from(b - b'0'));
        let first = digit(self.0.first())?;
        match digit(self.0.get(1)) {
            Some(second) => self.take(2).map(|_| first * 10 + second),
            None if two => None,
            None => self.take(1).map(|_| first),
        }
    }

    fn year(&mut self) -> Option<i64> {
        let digits = self.take(4)?;
        i64::try_from(token::decimal(digits)?).ok()
    }

    /// Two digits, or as Go has it a sign and a digit; from 1969 on.
    fn short_year(&mut self) -> Option<i64> {
        let year = match self.take(2)? {
            [b'-', digit] => -i64::try_from(token::decimal(&[*digit])?).ok()?,
            [b'+', digit] => i64::try_from(token::decimal(&[*digit])?).ok()?,
            digits => i64::try_from(token::decimal(digits)?).ok()?,
        };
        Some(year + if year >= 69 { 1900 } else { 2000 })
    }

    /// Hours, minutes and seconds, in seconds; a fraction does not count.
    fn time(&mut self) -> Option<i64> {
        let hours = self.number(false)?;
        self.literal(b":")?;
        let minutes = self.number(true)?;
        self.literal(b":")?;
        let seconds = self.number(true)?;
        if let [b'.' | b',', rest @ ..] = self.0 {
            if rest.first().is_some_and(u8::is_ascii_digit) {
                let n = rest.iter().position(|b| !b.is_ascii_digit()).unwrap_or(rest.len());
                self.take(1 + n)?;
            }
        }
        (hours < 24 && minutes < 60 && seconds < 60).then_some(hours * 3600 + minutes * 60 + seconds)
    }

    /// An abbreviation of a zone (Go: `parseTimeZone`).
    fn zone(&mut self) -> Option<()> {
        let s = self.0;
        let upper = s.iter().take(6).take_while(|b| b.is_ascii_uppercase()).count();
        let len = if s.starts_with(b"UTC") {
            3
        } else if s.starts_with(b"ChST") || s.starts_with(b"MeST") || s.starts_with(b"WITA") && upper == 4 {
            4
        } else if s.starts_with(b"GMT") {
            3 + offset_len(s.get(3..)?)
        } else if matches!(s, [b'+' | b'-', _, _, ..]) {
            offset_len(s)
        } else {
            match (upper, s.get(upper.wrapping_sub(1))) {
                (3, _) | (4 | 5, Some(b'T')) => upper,
                _ => 0,
            }
        };
        self.take(len).filter(|zone| !zone.is_empty()).map(|_| ())
    }

    /// The time, if nothing is left and the day is one of the month (from 0).
    fn end(&self, year: i64, month: i64, day: i64, time: i64) -> Option<i64> {
        let first = days(year, month + 1, 1);
        let next = if month == 11 { days(year + 1, 1, 1) } else { days(year, month + 2, 1) };
        let there = self.0.is_empty() && (1..=next - first).contains(&day);
        there.then_some((first + day - 1) * 86_400 + time)
    }
}

fn starts(s: &[u8], word: &[u8]) -> bool {
    s.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
}

/// The length of a sign and hours up to 23; 0 for anything else.
fn offset_len(s: &[u8]) -> usize {
    let [b'+' | b'-', rest @ ..] = s else { return 0 };
    let n = rest.iter().position(|b| !b.is_ascii_digit()).unwrap_or(rest.len());
    match rest.get(..n).and_then(token::decimal) {
        Some(0..=23) => 1 + n,
        _ => 0,
    }
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
    use super::*;

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
    #[test]
    fn formatted_times_are_read_back() {
        for unix in [FIRST, -1, 0, 951_782_400, 4_107_542_399, LAST] {
            assert_eq!(parse(&format(unix)), Ok(unix));
        }
        assert_eq!(parse(b"Sunday, 06-Nov-94 8:49:37.25 MeST"), Ok(784_111_777));
        assert_eq!(parse(b"sun nov 6  08:49:37  1994"), Ok(784_111_777));
        for bad in [&b"Sun, 06 Nov 1994 08:49:37 GMT "[..], b"Sun, 29 Feb 1994 08:49:37 GMT", b"Sun", b""] {
            assert_eq!(parse(bad), Err(Error::INVALID));
        }
    }
}
