//! Which route serves a request (Go 1.22: `ServeMux`, `routing_tree.go`).

use super::path::{hint, Path};
use super::pattern::{Pattern, PatternError, Segment};
use crate::bytes::insert;
use crate::error::{Error, Result};
use crate::net::hostport::split_host_port;
use crate::text::Text;

/// A table of patterns, such as an array of routes in flash. It must give the same answers for as
/// long as a [`Mux`] is made over it.
pub trait Routes {
    /// Number of routes.
    fn count(&self) -> usize;
    /// The pattern of a route; empty if there is none of that number.
    fn pattern(&self, index: usize) -> &[u8];
}

impl<T: AsRef<[u8]>> Routes for &[T] {
    fn count(&self) -> usize {
        self.len()
    }

    fn pattern(&self, index: usize) -> &[u8] {
        self.get(index).map_or(b"", AsRef::as_ref)
    }
}

/// What a mux remembers of one route: 8 bytes, in storage of the caller.
#[derive(Clone, Copy, Debug, Default)]
pub struct Record {
    route: u16,
    /// Where the path begins in the pattern.
    path_at: u16,
    /// Where the host begins; it ends at `path_at`.
    host_at: u8,
    /// [`method_code`], 0 for all methods.
    method: u8,
    segments: u8,
    /// Two flags, and above them the [`hint`] of the first segment if it is a literal.
    flags: u8,
}

/// The pattern ends in `/` or `{name...}`.
const MULTI: u8 = 1;
/// The path is literal, without escapes and empty segments.
const PLAIN: u8 = 2;
const HINT_SHIFT: u32 = 2;

impl Record {
    fn of(route: usize, text: &[u8]) -> core::result::Result<Record, PatternError> {
        let pattern = Pattern::parse(text)?;
        let path_at = text.len() - pattern.path.len();
        let too_long = |_| PatternError::TooLong;
        let mut flags = if pattern.is_multi() { MULTI } else { 0 };
        if flags == 0 && !pattern.path.iter().any(|b| matches!(b, b'{' | b'%')) {
            let empty = pattern.path.windows(2).any(|w| w == b"//");
            flags |= if empty { 0 } else { PLAIN };
        }
        if let Some(Segment::Literal(first)) = pattern.segments().next() {
            if !first.is_empty() && !first.contains(&b'%') {
                flags |= hint(first) << HINT_SHIFT;
            }
        }
        Ok(Record {
            route: u16::try_from(route).map_err(too_long)?,
            path_at: u16::try_from(path_at).map_err(too_long)?,
            host_at: u8::try_from(path_at - pattern.host.len()).map_err(too_long)?,
            method: method_code(pattern.method),
            segments: u8::try_from(pattern.segments().count()).map_err(too_long)?,
            flags,
        })
    }

    fn is_multi(&self) -> bool {
        self.flags & MULTI != 0
    }

    fn has_host(&self) -> bool {
        usize::from(self.path_at) > usize::from(self.host_at)
    }

    fn view<'t>(&self, text: &'t [u8]) -> Pattern<'t> {
        let (head, path) = text.split_at_checked(self.path_at.into()).unwrap_or_default();
        let (method, host) = head.split_at_checked(self.host_at.into()).unwrap_or_default();
        let end = method.iter().position(|b| matches!(b, b' ' | b'\t')).unwrap_or(0);
        Pattern { method: method.get(..end).unwrap_or_default(), host, path }
    }

    /// Could match that path, as far as can be told without a look at the pattern.
    #[inline(always)]
    fn fits(&self, path: &Path<'_>) -> bool {
        let (ours, theirs) = (self.flags >> HINT_SHIFT, path.hint());
        let (segments, slashes) = (usize::from(self.segments), path.slashes());
        (ours == theirs || ours == 0 || theirs == 0)
            && (segments == slashes || (segments < slashes && self.is_multi()))
    }
}

const OTHER_METHOD: u8 = 255;
const GET: u8 = 1;
const HEAD: u8 = 2;

fn method_code(method: &[u8]) -> u8 {
    match method {
        b"" => 0,
        b"GET" => GET,
        b"HEAD" => HEAD,
        b"POST" => 3,
        b"PUT" => 4,
        b"DELETE" => 5,
        b"PATCH" => 6,
        b"OPTIONS" => 7,
        b"CONNECT" => 8,
        b"TRACE" => 9,
        _ => OTHER_METHOD,
    }
}

/// Why a table of routes was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TableError {
    /// A pattern is wrong.
    Pattern {
        /// The route.
        route: usize,
        /// What is wrong with it.
        error: PatternError,
    },
    /// Two patterns match the same requests and neither is more specific.
    Conflict {
        /// The later route.
        route: usize,
        /// The earlier route.
        with: usize,
    },
    /// There are fewer records than routes.
    NoMemory,
}

impl TableError {
    /// The code that an application sees.
    pub fn error(self) -> Error {
        match self {
            TableError::Pattern { .. } => Error::HTTP_PATTERN,
            TableError::Conflict { .. } => Error::HTTP_PATTERN_CONFLICT,
            TableError::NoMemory => Error::NO_MEMORY,
        }
    }
}

/// What of a request decides about its route.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The method.
    pub method: &'a [u8],
    /// The host: that of an absolute target, else of the `Host` field; a port may be there.
    pub host: &'a [u8],
    /// The host of the target alone, empty for a target that is a path (only CONNECT needs it).
    pub target_host: &'a [u8],
    /// The path of the target as it came, without query; `*` if that is the whole target.
    pub path: &'a [u8],
    /// The query without its `?`.
    pub query: &'a [u8],
}

/// What a mux says to a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Match<'b> {
    /// The route of this number serves it.
    Route(usize),
    /// Answer 307 with this `Location`.
    Redirect {
        /// Absolute path and query.
        location: &'b [u8],
        /// The route that will match there, if any.
        route: Option<usize>,
    },
    /// Answer 404.
    NotFound,
    /// Answer 405 with the methods of [`Mux::allow`] in an `Allow` field.
    MethodNotAllowed,
    /// Answer 400 (and close): the target is `*`.
    BadRequest,
}

/// Routes in the order of their precedence. Making one costs a comparison of each pair, a lookup at
/// most one pass over the routes (two if a slash at the end could help).
#[derive(Clone, Copy)]
pub struct Mux<'r> {
    routes: &'r dyn Routes,
    records: &'r [Record],
}

impl<'r> Mux<'r> {
    /// Checks a table and puts its routes in order, 8 bytes a route in `records` (Go: `Handle`, which
    /// panics where this gives a [`TableError`]). Nothing is allocated.
    pub fn build(
        routes: &'r dyn Routes,
        records: &'r mut [Record],
    ) -> core::result::Result<Mux<'r>, TableError> {
        let count = routes.count();
        let records = records.get_mut(..count).ok_or(TableError::NoMemory)?;
        for route in 0..count {
            let text = routes.pattern(route);
            let record = Record::of(route, text).map_err(|error| TableError::Pattern { route, error })?;
            let pattern = record.view(text);
            let mut place = route;
            for (i, other) in records.iter().take(route).enumerate() {
                let before = other.view(routes.pattern(other.route.into()));
                if pattern.conflicts_with(&before) {
                    return Err(TableError::Conflict { route, with: other.route.into() });
                }
                // Of equal ones the later comes first: Go's tree keeps the last it was given.
                if place == route && !before.precedes(&pattern) {
                    place = i;
                }
            }
            insert(records, route, place, record);
        }
        Ok(Mux { routes, records })
    }

    /// The mux over records that [`Mux::build`] filled from the same routes.
    pub fn over(routes: &'r dyn Routes, records: &'r [Record]) -> Mux<'r> {
        Mux { routes, records }
    }

    /// Finds the route of a request (Go: `ServeMux.findHandler`).
    ///
    /// `location` takes the target of a redirect: three times path and query, plus 3, is always
    /// enough. Errors: [`Error::BUFFER_TOO_SMALL`] when it does not fit there.
    pub fn find<'b>(&self, request: &Request<'_>, location: &'b mut [u8]) -> Result<Match<'b>> {
        let path = Path::new(request.path);
        let connect = request.method == b"CONNECT";
        if request.path == b"*" {
            return Ok(Match::BadRequest);
        }
        let mut out = Text::new(location);
        let host = self.host(request);
        if !connect && !path.is_clean() {
            return self.redirect_clean(host, request, path, out);
        }
        let route = match self.exact_or_slash(host, request.method, path) {
            Found::Slash(route) => {
                // The path of CONNECT is matched as it came, but Go's `Redirect` cleans what it sends.
                path.with_slash().write_clean(&mut out)?;
                return finish(request, out, Some(route));
            }
            // The second match of CONNECT is by the host with its port.
            _ if connect => self.best(request.host, request.method, path).map(|r| r.route.into()),
            Found::Route(route) => Some(route),
            Found::Nothing => None,
        };
        Ok(match route {
            Some(route) => Match::Route(route),
            None if (Allow { mux: *self, host, path, last: b"" }).next().is_some() => Match::MethodNotAllowed,
            None => Match::NotFound,
        })
    }

    /// The methods that the path of a request allows, in alphabetical order, for `Allow`.
    pub fn allow<'q>(&self, request: &Request<'q>) -> Allow<'q>
    where
        'r: 'q,
    {
        Allow { mux: *self, host: self.host(request), path: Path::new(request.path), last: b"" }
    }

    /// What the wildcard `name` of a route stands for in the path it matched (Go:
    /// `Request.PathValue`): unescaped into `buf`, gives the bytes written. `None` if the route has
    /// no such wildcard. Errors: [`Error::BUFFER_TOO_SMALL`].
    pub fn value(&self, route: usize, path: &[u8], name: &[u8], buf: &mut [u8]) -> Result<Option<usize>> {
        match path_value(self.routes.pattern(route), path, name) {
            Some(value) => value.unescape(buf).map(Some),
            None => Ok(None),
        }
    }

    fn redirect_clean<'b>(
        &self,
        host: &[u8],
        request: &Request<'_>,
        path: Path<'_>,
        mut out: Text<'b>,
    ) -> Result<Match<'b>> {
        path.write_clean(&mut out)?;
        let (slash, route) = match self.exact_or_slash(host, request.method, Path::literal(out.bytes())) {
            Found::Slash(route) => (true, Some(route)),
            Found::Route(route) => (false, Some(route)),
            Found::Nothing => (false, None),
        };
        if slash {
            out.push(b'/')?;
        }
        finish(request, out, route)
    }

    /// Go: `matchOrRedirect`.
    fn exact_or_slash(&self, host: &[u8], method: &[u8], path: Path<'_>) -> Found {
        let first = self.best(host, method, path);
        let found = first.map_or(Found::Nothing, |r| Found::Route(r.route.into()));
        if first.is_some_and(|r| is_exact(r, path)) || path.ends_with_slash() || path.is_empty() {
            return found;
        }
        let path = path.with_slash();
        match self.best(host, method, path) {
            Some(second) if is_exact(second, path) => Found::Slash(second.route.into()),
            _ => found,
        }
    }

    /// The first of the records, which are in order of precedence, that matches (Go: `match`).
    fn best(&self, host: &[u8], method: &[u8], path: Path<'_>) -> Option<&'r Record> {
        let code = method_code(method);
        let asked = |r: &&Record| {
            let same = match r.method {
                0 => true,
                GET => matches!(code, GET | HEAD),
                OTHER_METHOD => code == OTHER_METHOD && self.pattern(r).method == method,
                other => other == code,
            };
            same && self.matches(r, host, &path)
        };
        self.records.iter().find(asked)
    }

    /// The host to compare with (Go: `stripHostPort`); empty if no route has one.
    fn host<'q>(&self, request: &Request<'q>) -> &'q [u8] {
        // Routes with a host come first.
        if !self.records.first().is_some_and(Record::has_host) {
            return b"";
        }
        if request.method == b"CONNECT" {
            return request.target_host;
        }
        split_host_port(request.host).map_or(request.host, |(host, _)| host)
    }

    fn pattern(&self, record: &Record) -> Pattern<'r> {
        record.view(self.routes.pattern(record.route.into()))
    }

    /// Host and path match.
    #[inline(always)]
    fn matches(&self, record: &Record, host: &[u8], path: &Path<'_>) -> bool {
        record.fits(path) && self.matches_text(record, host, path)
    }

    #[inline(never)]
    fn matches_text(&self, record: &Record, host: &[u8], path: &Path<'_>) -> bool {
        let text = self.routes.pattern(record.route.into());
        let (head, pattern) = text.split_at_checked(record.path_at.into()).unwrap_or_default();
        if record.has_host() && head.get(record.host_at.into()..) != Some(host) {
            return false;
        }
        if record.flags & PLAIN != 0 {
            if let Some(same) = path.is_plainly(pattern) {
                return same;
            }
        }
        Pattern { method: b"", host: b"", path: pattern }.matches_path(*path)
    }
}

enum Found {
    Route(usize),
    /// The path matches that route exactly with one more slash.
    Slash(usize),
    Nothing,
}

/// No rest of the path was left to a `/` or `{name...}` at the end (Go: `exactMatch`).
fn is_exact(record: &Record, path: Path<'_>) -> bool {
    !record.is_multi() || (path.ends_with_slash() && usize::from(record.segments) == path.slashes())
}

/// Adds the query: `Redirect` of Go writes bytes over 127 as escapes in lower case.
fn finish<'b>(request: &Request<'_>, mut out: Text<'b>, route: Option<usize>) -> Result<Match<'b>> {
    if !request.query.is_empty() {
        out.push(b'?')?;
        for &byte in request.query {
            if byte < 0x80 {
                out.push(byte)?;
            } else {
                out.put_percent(byte, false)?;
            }
        }
    }
    Ok(Match::Redirect { location: out.into_bytes(), route })
}

/// The wildcard `name` of a pattern in a path that it matches, still escaped; `path` is the one of
/// the target, as it came.
pub fn path_value<'p>(pattern: &[u8], path: &'p [u8], name: &[u8]) -> Option<super::escaped::Escaped<'p>> {
    Pattern::parse(pattern).ok()?.value(Path::new(path), name)
}

/// Methods in alphabetical order; see [`Mux::allow`].
#[derive(Clone)]
pub struct Allow<'a> {
    mux: Mux<'a>,
    host: &'a [u8],
    path: Path<'a>,
    last: &'a [u8],
}

impl<'a> Iterator for Allow<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let mut least: Option<&'a [u8]> = None;
        let mut offer = |method: &'a [u8]| {
            if method > self.last && least.is_none_or(|m| method < m) {
                least = Some(method);
            }
        };
        let (mux, path) = (&self.mux, &self.path);
        let other = if path.ends_with_slash() { *path } else { path.with_slash() };
        for record in mux.records.iter().filter(|r| r.method != 0) {
            if mux.matches(record, self.host, path) || mux.matches(record, self.host, &other) {
                offer(mux.pattern(record).method);
                if record.method == GET {
                    offer(b"HEAD");
                }
            }
        }
        self.last = least?;
        least
    }
}

#[cfg(test)]
#[path = "mux_tests.rs"]
mod tests;
