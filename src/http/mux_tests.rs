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
