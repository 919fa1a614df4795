use super::*;

fn conflict(a: &str, b: &str) -> bool {
    let routes: &[&str] = &[a, b];
    let mut records = [Record::default(); 2];
    matches!(Mux::build(&routes, &mut records), Err(TableError::Conflict { route: 1, with: 0 }))
}

/// Method, host and target to what the mux says.
fn ask(routes: &[&str], method: &str, host: &str, target: &str) -> String {
    let mut records = vec![Record::default(); routes.len()];
    let mux = Mux::build(&routes, &mut records).unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let request = Request {
        method: method.as_bytes(),
        host: host.as_bytes(),
        target_host: b"",
        path: path.as_bytes(),
        query: query.as_bytes(),
    };
    let mut location = [0; 100];
    match mux.find(&request, &mut location).unwrap() {
        Match::Route(r) => routes[r].to_string(),
        Match::Redirect { location, route } => {
            format!("307 {} {}", core::str::from_utf8(location).unwrap(), route.map_or("-", |r| routes[r]))
        }
        Match::NotFound => "404".into(),
        Match::MethodNotAllowed => {
            let allow: Vec<_> = mux.allow(&request).map(|m| core::str::from_utf8(m).unwrap()).collect();
            format!("405 {}", allow.join(", "))
        }
        Match::BadRequest => "400".into(),
    }
}

#[test]
fn conflicts() {
    for (a, b) in [
        ("/a", "/a"),
        ("/{x}", "/{y}"),
        ("/a/", "/a/{x...}"),
        ("/{x}/b", "/a/{y}"),
        ("GET /{x}", "/a"),
        ("/a%62", "/ab"),
        ("/a/{$}", "/a/%2F"),
        ("//x", "/{y}/x"),
    ] {
        assert!(conflict(a, b) && conflict(b, a), "{a} {b}");
    }
    for (a, b) in [
        ("/a", "/a/"),
        ("GET /a", "HEAD /a"),
        ("GET /a", "POST /a"),
        ("h/a", "/a"),
        ("/a/{x}", "/a/b"),
        ("/a/{$}", "/a/{x}"),
        ("/a/{$}", "/a/"),
        ("//", "/{x}/"),
    ] {
        assert!(!conflict(a, b) && !conflict(b, a), "{a} {b}");
    }
}

#[test]
fn the_most_specific_route_serves() {
    let routes =
        ["/", "/a/{x}", "/a/b", "GET /a/b", "/a/{rest...}", "h/a/b", "HEAD /a/b", "/a/{$}", "/a/b/{y}/c"];
    let mut backwards = routes;
    backwards.reverse();
    for routes in [routes, backwards] {
        assert_eq!(ask(&routes, "GET", "", "/a/b"), "GET /a/b");
        assert_eq!(ask(&routes, "HEAD", "", "/a/b"), "HEAD /a/b");
        assert_eq!(ask(&routes, "PUT", "", "/a/b"), "/a/b");
        assert_eq!(ask(&routes, "PUT", "h:80", "/a/b"), "h/a/b");
        assert_eq!(ask(&routes, "PUT", "", "/a/c"), "/a/{x}");
        assert_eq!(ask(&routes, "PUT", "", "/a/b/c"), "/a/{rest...}");
        assert_eq!(ask(&routes, "PUT", "", "/a/b/x/c"), "/a/b/{y}/c");
        assert_eq!(ask(&routes, "PUT", "", "/a/"), "/a/{$}");
        assert_eq!(ask(&routes, "PUT", "", "/x/y"), "/");
    }
}

#[test]
fn redirects_and_refusals() {
    let routes = ["GET /tree/", "POST /only", "/x/{y}", "/sp%20ace"];
    assert_eq!(ask(&routes, "GET", "h", "/tree?q=\u{e9}"), "307 /tree/?q=%c3%a9 GET /tree/");
    assert_eq!(ask(&routes, "GET", "h", "/tree/../x//1?q"), "307 /x/1?q /x/{y}");
    assert_eq!(ask(&routes, "GET", "h", "/a/./tree/.."), "307 /a -");
    assert_eq!(ask(&routes, "GET", "h", ""), "307 / -");
    assert_eq!(ask(&routes, "GET", "h", "/a|b/../tree"), "307 /tree/ GET /tree/");
    assert_eq!(ask(&routes, "GET", "h", "/a|%2F.."), "307 / -");
    assert_eq!(ask(&routes, "GET", "h", "/a%2F.."), "404");
    assert_eq!(ask(&routes, "GET", "h", "/only"), "405 POST");
    assert_eq!(ask(&routes, "PUT", "h", "/tree"), "405 GET, HEAD");
    assert_eq!(ask(&routes, "GET", "h", "/x/%2F"), "404");
    assert_eq!(ask(&routes, "GET", "h", "/x/a%2Fb"), "/x/{y}");
    assert_eq!(ask(&routes, "GET", "h", "/sp%20ace"), "/sp%20ace");
    assert_eq!(ask(&routes, "OPTIONS", "h", "*"), "400");
    assert_eq!(ask(&routes, "CONNECT", "h", "/x/../x/1"), "404");
}

#[test]
fn values() {
    let routes: &[&str] = &["/{a}/{b...}"];
    let mut records = [Record::default(); 1];
    let mux = Mux::build(&routes, &mut records).unwrap();
    let mut buf = [0; 8];
    assert_eq!(mux.value(0, b"/x%20y/p/%2F", b"a", &mut buf), Ok(Some(3)));
    assert_eq!(&buf[..3], b"x y");
    assert_eq!(mux.value(0, b"/x%20y/p/%2F", b"b", &mut buf), Ok(Some(3)));
    assert_eq!(&buf[..3], b"p//");
    assert_eq!(mux.value(0, b"/x/", b"b", &mut buf), Ok(Some(0)));
    assert_eq!(mux.value(0, b"/x/", b"c", &mut buf), Ok(None));
    assert_eq!(mux.value(0, b"/x/123456789", b"b", &mut buf), Err(Error::BUFFER_TOO_SMALL));
}

#[test]
fn errors_name_the_routes() {
    let routes: &[&str] = &["/a", "GET b"];
    let mut records = [Record::default(); 2];
    let error = Mux::build(&routes, &mut records).err().unwrap();
    assert_eq!(error, TableError::Pattern { route: 1, error: PatternError::NoSlash });
    assert_eq!(error.error(), Error::HTTP_PATTERN);
    assert_eq!(Mux::build(&routes, &mut records[..1]).err(), Some(TableError::NoMemory));
    assert_eq!(core::mem::size_of::<Record>(), 8);
}

#[test]
fn a_location_that_does_not_fit_is_an_error() {
    let routes: &[&str] = &["/tree/"];
    let mut records = [Record::default(); 1];
    let mux = Mux::build(&routes, &mut records).unwrap();
    let request = Request { method: b"GET", host: b"", target_host: b"", path: b"/tree", query: b"q" };
    assert_eq!(mux.find(&request, &mut [0; 7]), Err(Error::BUFFER_TOO_SMALL));
    assert!(mux.find(&request, &mut [0; 8]).is_ok());
}

#[test]
fn work_is_linear_in_the_path() {
    let routes: &[&str] = &["/{x}/{y...}", "POST /a/", "GET /a/a/a/{$}", "/b%2Fc/{x}/d"];
    let mut records = [Record::default(); 4];
    let mux = Mux::build(&routes, &mut records).unwrap();
    for unit in ["/a", "/", "/..", "/a/..", "/a/b/../..", "/.", "%2F", "|%2F..", "/%61", "aaa"] {
        let work = |n: usize| {
            let path = format!("/{}", unit.repeat(n));
            let request =
                Request { method: b"PUT", host: b"h:1", target_host: b"", path: path.as_bytes(), query: b"" };
            let mut location = vec![0; 3 * path.len() + 3];
            super::super::token::steps::of(|| assert!(mux.find(&request, &mut location).is_ok()))
        };
        let one = work(200);
        assert!(work(400) <= 2 * one + 40 && work(800) <= 4 * one + 120, "{unit:?}");
    }
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    const SEGMENT: &str = "(a|b|\\{x\\}|%61|%2F)";

    fn pattern() -> impl Strategy<Value = String> {
        (
            prop_oneof![Just(""), Just("GET "), Just("HEAD "), Just("POST ")],
            prop_oneof![3 => Just(""), 1 => Just("h")],
            prop::collection::vec("(a|b|%61|%2F|\\{\\})", 0..3),
            prop_oneof![Just("/"), Just("/{r...}"), Just("/{$}"), Just("/a"), Just("/{r}")],
        )
            .prop_map(|(method, host, segments, end)| {
                let mut path = String::new();
                for (i, s) in segments.iter().enumerate() {
                    path += &if s == "{}" { format!("/{{x{i}}}") } else { format!("/{s}") };
                }
                format!("{method}{host}{path}{end}")
            })
    }

    /// The patterns that can be together, in the order given.
    fn table(patterns: Vec<String>) -> Vec<String> {
        let mut kept: Vec<String> = Vec::new();
        for p in patterns {
            let parsed = Pattern::parse(p.as_bytes()).unwrap();
            if !kept.iter().any(|k| parsed.conflicts_with(&Pattern::parse(k.as_bytes()).unwrap())) {
                kept.push(p);
            }
        }
        kept
    }

    proptest! {
        #[test]
        fn the_winner_does_not_depend_on_the_order(
            patterns in prop::collection::vec(pattern(), 1..9).prop_map(table),
            turn in 0usize..9,
            method in prop_oneof![Just("GET"), Just("HEAD"), Just("POST"), Just("PUT")],
            path in prop::collection::vec(SEGMENT, 0..4),
        ) {
            let target = format!("/{}", path.join("/").replace("{x}", ""));
            let forward: Vec<&str> = patterns.iter().map(String::as_str).collect();
            let mut turned = forward.clone();
            turned.rotate_left(turn % forward.len());
            turned.reverse();
            prop_assert_eq!(ask(&forward, method, "h", &target), ask(&turned, method, "h", &target));
        }

        #[test]
        fn the_winner_is_the_most_specific(
            patterns in prop::collection::vec(pattern(), 1..9).prop_map(table),
            path in prop::collection::vec("(a|b|%61)", 1..4),
        ) {
            let routes: Vec<&str> = patterns.iter().map(String::as_str).collect();
            let target = format!("/{}", path.join("/"));
            let won = ask(&routes, "GET", "o", &target);
            if let Some(won) = routes.iter().find(|r| **r == won) {
                let winner = Pattern::parse(won.as_bytes()).unwrap();
                for other in routes.iter().filter(|r| *r != won) {
                    let p = Pattern::parse(other.as_bytes()).unwrap();
                    let serves = p.host.is_empty() && matches!(p.method, b"" | b"GET");
                    if serves && p.matches_path(Path::new(target.as_bytes())) {
                        prop_assert_eq!(winner.compare(&p), crate::http::pattern::Relation::MoreSpecific);
                    }
                }
            }
        }

        #[test]
        fn relations_have_inverses(a in pattern(), b in pattern()) {
            use crate::http::pattern::Relation::{MoreGeneral, MoreSpecific};
            let (a, b) = (Pattern::parse(a.as_bytes()).unwrap(), Pattern::parse(b.as_bytes()).unwrap());
            let inverse = match a.compare(&b) {
                MoreGeneral => MoreSpecific,
                MoreSpecific => MoreGeneral,
                same => same,
            };
            prop_assert_eq!(b.compare(&a), inverse);
        }

        #[test]
        fn any_bytes_are_survived(
            pattern in prop::collection::vec(any::<u8>(), 0..40),
            path in prop::collection::vec(any::<u8>(), 0..40),
            size in 0usize..140,
        ) {
            let patterns: &[&[u8]] = &[&pattern, b"/a/", b"/{x}"];
            let mut records = [Record::default(); 3];
            let mux = match Mux::build(&patterns, &mut records) {
                Ok(mux) => mux,
                Err(_) => return Ok(()),
            };
            for method in [&b"GET"[..], b"CONNECT", &pattern] {
                let request = Request { method, host: &path, target_host: &path, path: &path, query: &path };
                let mut location = vec![0; size];
                if let Err(e) = mux.find(&request, &mut location) {
                    prop_assert_eq!(e, Error::BUFFER_TOO_SMALL);
                    prop_assert!(size < 6 * path.len() + 3);
                }
                prop_assert!(mux.allow(&request).count() < 6);
            }
        }

        #[test]
        fn cleaning_is_idempotent_and_known_beforehand(path in "(/|\\.|a|%2F|%2E|\\|){0,24}") {
            let mut buf = [0; 300];
            let mut out = Text::new(&mut buf);
            let path = Path::new(path.as_bytes());
            path.write_clean(&mut out).unwrap();
            let clean = Path::new(out.bytes());
            prop_assert!(clean.is_clean());
            let mut again = [0; 300];
            let mut second = Text::new(&mut again);
            clean.write_clean(&mut second).unwrap();
            prop_assert_eq!(second.bytes(), out.bytes());
        }
    }
}
