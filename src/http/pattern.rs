//! Patterns of the mux: `[METHOD ][HOST]/PATH` (Go: `net/http/pattern.go`).

use super::escaped::Escaped;
use super::path::{Path, Token};
use super::token::{self, is_blank, TOKEN};

/// What is wrong with a pattern (Go's texts from [`PatternError::text`]).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)] // the texts document them
pub enum PatternError {
    Empty,
    Method,
    NoSlash,
    HostBrace,
    Unclean,
    WildcardStart,
    WildcardEnd,
    DollarNotLast,
    MultiNotLast,
    WildcardEmpty,
    WildcardName,
    WildcardTwice,
    TooLong,
}

impl PatternError {
    /// An English text.
    pub fn text(self) -> &'static str {
        match self {
            PatternError::Empty => "empty pattern",
            PatternError::Method => "invalid method",
            PatternError::NoSlash => "host/path missing /",
            PatternError::HostBrace => "host contains '{' (missing initial '/'?)",
            PatternError::Unclean => "non-CONNECT pattern with unclean path can never match",
            PatternError::WildcardStart => "bad wildcard segment (must start with '{')",
            PatternError::WildcardEnd => "bad wildcard segment (must end with '}')",
            PatternError::DollarNotLast => "{$} not at end",
            PatternError::MultiNotLast => "{...} wildcard not at end",
            PatternError::WildcardEmpty => "empty wildcard",
            PatternError::WildcardName => "bad wildcard name",
            PatternError::WildcardTwice => "duplicate wildcard name",
            PatternError::TooLong => "host behind byte 255, path behind byte 65535 or more than 255 segments",
        }
    }
}

/// A part of a pattern's path.
#[derive(Clone, Copy, Debug)]
pub enum Segment<'a> {
    /// An escaped literal.
    Literal(&'a [u8]),
    /// `{$}`: the slash at the end. A literal `%2F` is the same to Go.
    Slash,
    /// `{name}`.
    Wild(&'a [u8]),
    /// `{name...}`, or with an empty name the slash at the end of a pattern.
    Multi(&'a [u8]),
}

impl Segment<'_> {
    /// Order of precedence among segments that match the same: literal, wildcard, rest. An empty
    /// literal acts as a wildcard in Go's routing tree.
    fn class(&self) -> u8 {
        match self {
            Segment::Literal(b"") | Segment::Wild(_) => 1,
            Segment::Literal(_) | Segment::Slash => 0,
            Segment::Multi(_) => 2,
        }
    }

    /// Go: `compareSegments`.
    fn compare(&self, other: &Segment<'_>) -> Relation {
        match (self, other) {
            (Segment::Multi(_), Segment::Multi(_)) | (Segment::Wild(_), Segment::Wild(_)) => {
                Relation::Equivalent
            }
            (Segment::Multi(_), _) => Relation::MoreGeneral,
            (_, Segment::Multi(_)) => Relation::MoreSpecific,
            (Segment::Slash, Segment::Slash) => Relation::Equivalent,
            (Segment::Slash, _) | (_, Segment::Slash) => Relation::Disjoint,
            (Segment::Wild(_), _) => Relation::MoreGeneral,
            (_, Segment::Wild(_)) => Relation::MoreSpecific,
            (Segment::Literal(a), Segment::Literal(b)) if Escaped(a).same(Escaped(b)) => Relation::Equivalent,
            _ => Relation::Disjoint,
        }
    }
}

/// The segments of a pattern's path that was found valid.
#[derive(Clone, Debug)]
pub struct Segments<'a>(&'a [u8]);

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    fn next(&mut self) -> Option<Segment<'a>> {
        let (_, path) = self.0.split_first()?;
        let end = path.iter().position(|b| *b == b'/').unwrap_or(path.len());
        let (segment, rest) = path.split_at_checked(end)?;
        self.0 = rest;
        Some(match segment {
            b"" if rest.is_empty() => Segment::Multi(b""),
            b"{$}" | b"%2F" | b"%2f" => Segment::Slash,
            [b'{', name @ .., b'.', b'.', b'.', b'}'] => Segment::Multi(name),
            [b'{', name @ .., b'}'] => Segment::Wild(name),
            literal => Segment::Literal(literal),
        })
    }
}

/// How the requests that two patterns match relate (Go: `relationship`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Relation {
    /// The same requests.
    Equivalent,
    /// The first matches all that the second matches, and more.
    MoreGeneral,
    /// The second matches all that the first matches, and more.
    MoreSpecific,
    /// No request matches both.
    Disjoint,
    /// Some match both, but neither is more specific.
    Overlaps,
}

impl Relation {
    /// The relation of two wholes by those of their parts (Go: `combineRelationships`).
    fn and(self, other: Relation) -> Relation {
        use Relation::{Disjoint, Equivalent, Overlaps};
        match (self, other) {
            (Disjoint, _) | (_, Disjoint) => Disjoint,
            (Equivalent, r) | (r, Equivalent) => r,
            (a, b) if a == b => a,
            _ => Overlaps,
        }
    }
}

/// A view of a valid pattern: three parts of its text.
#[derive(Clone, Copy, Debug)]
pub struct Pattern<'a> {
    /// The method, empty for all.
    pub method: &'a [u8],
    /// The host, empty for all.
    pub host: &'a [u8],
    /// The path from its first `/`.
    pub path: &'a [u8],
}

impl<'a> Pattern<'a> {
    /// Parses and checks a pattern in place (Go: `parsePattern`).
    pub fn parse(text: &'a [u8]) -> Result<Pattern<'a>, PatternError> {
        if text.is_empty() {
            return Err(PatternError::Empty);
        }
        let (method, rest) =
            match text.iter().position(|b| is_blank(*b)).and_then(|i| text.split_at_checked(i)) {
                Some((method, rest)) => {
                    let blanks = rest.iter().take_while(|b| is_blank(**b)).count();
                    (method, rest.get(blanks..).unwrap_or_default())
                }
                None => (&b""[..], text),
            };
        if !token::all(method, TOKEN) {
            return Err(PatternError::Method);
        }
        let slash = rest.iter().position(|b| *b == b'/').ok_or(PatternError::NoSlash)?;
        let (host, path) = rest.split_at_checked(slash).ok_or(PatternError::NoSlash)?;
        if host.contains(&b'{') {
            return Err(PatternError::HostBrace);
        }
        // Paths are cleaned before they are matched, except those of CONNECT.
        if !method.is_empty() && method != b"CONNECT" && !Path::literal(path).is_clean() {
            return Err(PatternError::Unclean);
        }
        check_path(path)?;
        Ok(Pattern { method, host, path })
    }

    /// The parts of the path.
    pub fn segments(&self) -> Segments<'a> {
        Segments(self.path)
    }

    /// Whether the path ends in `/` or `{name...}`.
    pub fn is_multi(&self) -> bool {
        self.path.ends_with(b"/") || self.path.ends_with(b"...}")
    }

    /// Whether the path part matches (Go: `routingNode.matchPath`).
    pub fn matches_path(&self, path: Path<'_>) -> bool {
        let mut tokens = path.tokens();
        for segment in self.segments() {
            if let Segment::Multi(_) = segment {
                return !tokens.is_empty();
            }
            let same = match (segment, tokens.next()) {
                (Segment::Wild(_) | Segment::Literal(b""), Some(Token::Segment(_))) => true,
                (Segment::Slash, Some(Token::Slash)) => true,
                (Segment::Literal(a), Some(Token::Segment(b))) => Escaped(a).same(Escaped(b)),
                _ => false,
            };
            if !same {
                return false;
            }
        }
        tokens.is_empty()
    }

    /// The part of a matching path that the wildcard `name` stands for (Go: `Request.PathValue`).
    pub fn value<'p>(&self, path: Path<'p>, name: &[u8]) -> Option<Escaped<'p>> {
        let mut tokens = path.tokens();
        for segment in self.segments() {
            match segment {
                Segment::Multi(n) if n == name && !n.is_empty() => return tokens.rest().map(Escaped),
                Segment::Multi(_) => return None,
                Segment::Wild(n) if n == name => {
                    return match tokens.next()? {
                        Token::Segment(s) => Some(Escaped(s)),
                        Token::Slash => None,
                    }
                }
                _ => {
                    tokens.next()?;
                }
            }
        }
        None
    }

    /// How the methods and paths relate (Go: `comparePathsAndMethods`); hosts are not looked at.
    pub fn compare(&self, other: &Pattern<'_>) -> Relation {
        match self.compare_methods(other) {
            Relation::Disjoint => Relation::Disjoint,
            methods => methods.and(self.compare_paths(other)),
        }
    }

    fn compare_methods(&self, other: &Pattern<'_>) -> Relation {
        match (self.method, other.method) {
            (a, b) if a == b => Relation::Equivalent,
            (b"", _) | (b"GET", b"HEAD") => Relation::MoreGeneral,
            (_, b"") | (b"HEAD", b"GET") => Relation::MoreSpecific,
            _ => Relation::Disjoint,
        }
    }

    fn compare_paths(&self, other: &Pattern<'_>) -> Relation {
        let (mut ours, mut theirs) = (self.segments(), other.segments());
        let mut relation = Relation::Equivalent;
        loop {
            relation = match (ours.next(), theirs.next()) {
                (None, None) => return relation,
                (Some(a), Some(b)) => relation.and(a.compare(&b)),
                // The shorter one reaches the rest of the longer only by its last segment.
                (Some(_), None) if other.is_multi() => return relation.and(Relation::MoreSpecific),
                (None, Some(_)) if self.is_multi() => return relation.and(Relation::MoreGeneral),
                _ => return Relation::Disjoint,
            };
            if relation == Relation::Disjoint {
                return relation;
            }
        }
    }

    /// Whether both cannot be in one mux (Go: `conflictsWith`, and the panic of a routing tree where
    /// an empty literal and a wildcard meet).
    pub fn conflicts_with(&self, other: &Pattern<'_>) -> bool {
        self.host == other.host
            && (matches!(self.compare(other), Relation::Equivalent | Relation::Overlaps)
                || (self.method == other.method && !self.is_multi() && self.same_node(other)))
    }

    /// Both end at the same node of Go's routing tree.
    fn same_node(&self, other: &Pattern<'_>) -> bool {
        let (mut ours, mut theirs) = (self.segments(), other.segments());
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return true,
                (Some(a), Some(b)) if a.class() == 1 && b.class() == 1 => {}
                (Some(a), Some(b)) if a.compare(&b) == Relation::Equivalent => {}
                _ => return false,
            }
        }
    }

    /// Whether this pattern is asked before the other: of those that match a request, the first in
    /// this order is the most specific. With a host before without, with a method before without,
    /// HEAD before GET, then by the first segment that differs in kind.
    pub fn precedes(&self, other: &Pattern<'_>) -> bool {
        let key = |p: &Pattern<'_>| (p.host.is_empty(), p.method.is_empty(), p.method != b"HEAD");
        let class = |s: Segment<'_>| s.class();
        let by_path = || self.segments().map(class).lt(other.segments().map(class));
        key(self) < key(other) || (key(self) == key(other) && by_path())
    }
}

fn check_path(path: &[u8]) -> Result<(), PatternError> {
    let mut rest = path;
    while let Some((_, path)) = rest.split_first() {
        let end = path.iter().position(|b| *b == b'/').unwrap_or(path.len());
        let (segment, next) = path.split_at_checked(end).unwrap_or_default();
        rest = next;
        let name = match segment.iter().position(|b| *b == b'{') {
            None => continue,
            Some(0) => segment.get(1..).unwrap_or_default(),
            Some(_) => return Err(PatternError::WildcardStart),
        };
        let name = name.strip_suffix(b"}").ok_or(PatternError::WildcardEnd)?;
        if name == b"$" {
            if next.is_empty() {
                return Ok(());
            }
            return Err(PatternError::DollarNotLast);
        }
        let name = match name.strip_suffix(b"...") {
            Some(_) if !next.is_empty() => return Err(PatternError::MultiNotLast),
            Some(name) => name,
            None => name,
        };
        if name.is_empty() {
            return Err(PatternError::WildcardEmpty);
        }
        if !super::ident::is_identifier(name) {
            return Err(PatternError::WildcardName);
        }
        let same = |s: Segment<'_>| matches!(s, Segment::Wild(n) | Segment::Multi(n) if n == name);
        if Segments(next).any(same) {
            return Err(PatternError::WildcardTwice);
        }
    }
    Ok(())
}
