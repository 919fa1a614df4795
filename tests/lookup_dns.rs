//! Looking names up by DNS, over a device that cannot do it itself, against servers that are good, lossy,
//! slow, hostile or wrong.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)] // helpers of tests fail by panicking

mod dns_server;

use std::net::UdpSocket;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Mutex, MutexGuard, Once};
use std::thread;
use std::time::{Duration, Instant};

use dunlin::error::Error;
use dunlin::net::addr::Addr;
use dunlin::net::dns::message::Kind;
use dunlin::net::dns::name::{self, Name};
use dunlin::net::{cancel, dial, lookup, Limit};
use dunlin::netdev::registry::{self, Dev};
use dunlin::netdev::table::{dunlin_addr, dunlin_netdev_ops, Table, DUNLIN_AF_INET, DUNLIN_AF_INET6};
use dunlin::runtime;
use dunlin::time::Deadline;

use dns_server::{reply, Asked, Server, CNAME, MX, PTR, SRV, TXT};

/// The POSIX driver, which is taken its own way to look names up.
fn alone() -> (MutexGuard<'static, ()>, Dev) {
    static ONCE: Once = Once::new();
    static LOCK: Mutex<()> = Mutex::new(());
    ONCE.call_once(|| {
        runtime::init(Box::leak(vec![0u8; 65536].into_boxed_slice())).unwrap();
        // SAFETY: the driver's table is constant.
        let mut ops = unsafe { *dunlin_host::posix_ops().cast::<dunlin_netdev_ops>() };
        ops.get_host_by_name = None;
        // SAFETY: lives for ever.
        let table = unsafe { Table::new(Box::leak(Box::new(ops)), std::ptr::null_mut()) }.unwrap();
        registry::register(b"bare0", table).unwrap();
    });
    let lock = LOCK.lock().unwrap_or_else(|e| e.into_inner());
    (lock, registry::by_name(b"bare0").unwrap())
}

fn within(ms: i64) -> Limit<'static> {
    Limit::until(Deadline::after_ms(ms))
}

fn use_servers(dev: &Dev, servers: &[&Server]) {
    let addrs: Vec<_> = servers.iter().map(|s| at("127.0.0.1", s.port)).collect();
    lookup::set_servers(dev, &addrs).unwrap();
}

fn at(ip: &str, port: u16) -> dunlin_addr {
    Addr::new(ip.parse().unwrap(), port).to_c()
}

fn texts(addrs: &[dunlin_addr]) -> Vec<String> {
    addrs.iter().map(|a| Addr::from_c(a).unwrap().unwrap().ip.to_string()).collect()
}

fn host(dev: &Dev, family: u16, name: &str, ms: i64) -> Result<Vec<String>, Error> {
    let mut addrs = [dunlin_addr::NONE; 8];
    let n = lookup::host(dev, family, name.as_bytes(), &mut addrs, within(ms))?;
    Ok(texts(&addrs[..n.min(8)]))
}

/// Everything of one name, as text.
fn all(dev: &Dev, kind: Kind, name: &str, ms: i64) -> Result<Vec<String>, Error> {
    let name = Name::parse(name.as_bytes())?;
    let mut found = vec![];
    let mut take = |r: &dunlin::net::dns::message::Record<'_>| {
        let mut buf = [0; 255];
        found.push(match kind {
            Kind::Txt => {
                let joined: Vec<u8> = r.strings().flat_map(|s| s.unwrap().to_vec()).collect();
                String::from_utf8(joined).unwrap()
            }
            _ => {
                let n = name::write(r.name(), &mut buf).unwrap();
                let target = String::from_utf8(buf[..n].to_vec()).unwrap();
                match kind {
                    Kind::Mx => format!("{} {target}", r.number(0)),
                    Kind::Srv => format!("{} {} {} {target}", r.number(0), r.number(1), r.number(2)),
                    _ => target,
                }
            }
        });
    };
    let count = match kind {
        Kind::Mx | Kind::Srv => lookup::each_by_priority(dev, &name, kind, within(ms), &mut take),
        _ => lookup::each(dev, &name, kind, within(ms), &mut take),
    }?;
    assert_eq!(count, found.len());
    Ok(found)
}

fn canonical(dev: &Dev, name: &str) -> Result<String, Error> {
    let mut buf = [0; 255];
    let n = lookup::canonical(dev, &Name::parse(name.as_bytes())?, &mut buf, within(5000))?;
    Ok(String::from_utf8(buf[..n].to_vec()).unwrap())
}

/// Both families of every name.
fn good(q: &Asked) -> Vec<Vec<u8>> {
    vec![match q.kind {
        1 => reply(q, 0, &[(&q.name, 1, 60, &[192, 0, 2, 1])]),
        _ => reply(q, 0, &[(&q.name, 28, 60, &[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])]),
    }]
}

#[test]
fn both_families_are_asked_at_once() {
    let (_alone, dev) = alone();
    let before = runtime::usage();
    let server = Server::start(good);
    use_servers(&dev, &[&server]);
    let mut found = host(&dev, 0, "both.example", 5000).unwrap();
    found.sort();
    assert_eq!(found, ["192.0.2.1", "2001:db8::1"]);
    assert_eq!(server.asked.load(SeqCst), 2);
    // From the cache, in either family.
    assert_eq!(host(&dev, DUNLIN_AF_INET, "BOTH.example.", 5000).unwrap(), ["192.0.2.1"]);
    assert_eq!(host(&dev, DUNLIN_AF_INET6, "both.example", 5000).unwrap(), ["2001:db8::1"]);
    assert_eq!(server.asked.load(SeqCst), 2);
    // Other servers may know better.
    use_servers(&dev, &[&server]);
    assert_eq!(host(&dev, DUNLIN_AF_INET, "both.example", 5000).unwrap(), ["192.0.2.1"]);
    assert_eq!(server.asked.load(SeqCst), 3);
    assert_eq!(runtime::usage(), before);
    // Ids and ports are not the same twice.
    let seen = server.seen.lock().unwrap();
    assert!(seen[0].0 != seen[2].0 || seen[0].1 != seen[2].1, "{seen:?}");
    assert!(seen.iter().all(|(_, port)| *port >= 1024));
}

#[test]
fn a_dial_uses_it() {
    let (_alone, dev) = alone();
    let server = Server::start(|q| {
        vec![match q.kind {
            1 => reply(q, 0, &[(&q.name, 1, 60, &[127, 0, 0, 1])]),
            _ => reply(q, 0, &[]),
        }]
    });
    use_servers(&dev, &[&server]);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let dialer = dial::Dialer { device: Some(b"bare0"), ..dial::Dialer::default() };
    let conn = dial::dial(&dialer, b"tcp", format!("dial.example:{port}").as_bytes(), within(5000)).unwrap();
    assert_eq!(conn.remote_addr().unwrap().port, port);
    dunlin::net::conn::end(conn);
    let none = dial::dial(&dialer, b"tcp6", format!("dial.example:{port}").as_bytes(), within(5000));
    assert_eq!(none.map(|_| ()), Err(Error::NO_SUCH_HOST));
}

#[test]
fn what_needs_no_server() {
    let (_alone, dev) = alone();
    lookup::set_servers(&dev, &[]).unwrap();
    assert_eq!(host(&dev, 0, "localhost", 100).unwrap(), ["127.0.0.1", "::1"]);
    assert_eq!(host(&dev, DUNLIN_AF_INET6, "a.LocalHost.", 100).unwrap(), ["::1"]);
    assert_eq!(host(&dev, 0, "192.0.2.7", 100).unwrap(), ["192.0.2.7"]);
    assert_eq!(host(&dev, 0, "2001:db8::7", 100).unwrap(), ["2001:db8::7"]);
    assert_eq!(host(&dev, DUNLIN_AF_INET6, "192.0.2.7", 100), Err(Error::NO_SUCH_HOST));
    for bad in ["", "a b", "1.2.3", "a..b", "x.onion", "-a"] {
        assert_eq!(host(&dev, 0, bad, 100), Err(Error::NO_SUCH_HOST), "{bad}");
    }
    assert_eq!(host(&dev, 0, "host.example", 100), Err(Error::NO_NAME_SERVER));
    assert_eq!(all(&dev, Kind::Txt, "host.example", 100), Err(Error::NO_NAME_SERVER));
    assert_eq!(lookup::set_servers(&dev, &[dunlin_addr::NONE]), Err(Error::INVALID_ADDRESS));
    assert_eq!(lookup::set_servers(&dev, &[at("127.0.0.1", 1); 4]), Err(Error::NO_SLOT));
    for (network, service, port) in [
        ("tcp", "http", Ok(80)),
        ("tcp6", "HTTPS", Ok(443)),
        ("udp4", "domain", Ok(53)),
        ("", "domain", Ok(53)),
        ("ip", "ssh", Ok(22)),
        ("tcp", "8080", Ok(8080)),
        ("tcp", "domain", Err(Error::INVALID_PORT)),
        ("tcp", "65536", Err(Error::INVALID_PORT)),
        ("ip4:1", "http", Err(Error::UNKNOWN_NETWORK)),
        ("nonsense", "http", Err(Error::UNKNOWN_NETWORK)),
    ] {
        assert_eq!(lookup::port(network.as_bytes(), service.as_bytes()), port, "{network} {service}");
    }
}

#[test]
fn every_kind_of_record() {
    let (_alone, dev) = alone();
    let server = Server::start(|q| {
        let own = q.name.clone();
        let alias = wire("real.example");
        let n = |priority: u16, rest: &[u8]| [&priority.to_be_bytes()[..], rest].concat();
        vec![match q.kind {
            MX => {
                let (far, near) = (n(20, &wire("far.example")), n(10, &wire("near.example")));
                let bad = n(5, b"\x05a b\0c\0");
                reply(q, 0, &[(&own, MX, 60, &far), (&own, MX, 60, &bad), (&own, MX, 60, &near)])
            }
            SRV => {
                let service = |p: u16, port: u16, t: &str| n(p, &n(7, &n(port, &wire(t))));
                let (b, a) = (service(2, 81, "b.example"), service(1, 80, "a.example"));
                reply(q, 0, &[(&own, SRV, 60, &b), (&own, SRV, 60, &a)])
            }
            TXT => {
                // An alias, and texts of one and of two strings.
                let texts: [&[u8]; 2] = [b"\x05v=one", b"\x03two\x06 parts"];
                reply(
                    q,
                    0,
                    &[(&own, CNAME, 60, &alias), (&alias, TXT, 60, texts[0]), (&alias, TXT, 60, texts[1])],
                )
            }
            PTR => reply(q, 0, &[(&own, PTR, 60, &wire("host.example")), (&own, PTR, 60, b"\x03a.b\0")]),
            1 => reply(q, 0, &[(&alias, 1, 60, &[192, 0, 2, 1]), (&own, CNAME, 60, &alias)]),
            _ => reply(q, 0, &[(&own, CNAME, 60, &alias)]),
        }]
    });
    use_servers(&dev, &[&server]);
    assert_eq!(all(&dev, Kind::Mx, "example", 5000).unwrap(), ["10 near.example.", "20 far.example."]);
    let service = all(&dev, Kind::Srv, "_http._tcp.example", 5000).unwrap();
    assert_eq!(service, ["1 7 80 a.example.", "2 7 81 b.example."]);
    assert_eq!(all(&dev, Kind::Txt, "example", 5000).unwrap(), ["v=one", "two parts"]);
    for addr in [at("192.0.2.1", 9), at("2001:db8::1", 9)] {
        let name = lookup::reverse_name(&addr).unwrap();
        let mut buf = [0; 255];
        let n = name::write(name.labels(), &mut buf).unwrap();
        let text = std::str::from_utf8(&buf[..n]).unwrap().to_string();
        assert_eq!(all(&dev, Kind::Ptr, &text, 5000).unwrap(), ["host.example."]);
    }
    assert_eq!(canonical(&dev, "www.example").unwrap(), "real.example.");
    assert_eq!(host(&dev, 0, "www2.example", 5000).unwrap(), ["192.0.2.1"]);
}

fn wire(name: &str) -> Vec<u8> {
    dns_server::wire(name)
}

#[test]
fn what_is_not_there() {
    let (_alone, dev) = alone();
    // The second question of a name that has addresses of one family only; a name without any; none.
    let server = Server::start(|q| {
        let text = String::from_utf8_lossy(&q.name).into_owned();
        vec![match (text.contains("four"), text.contains("none"), q.kind) {
            (true, _, 1) => reply(q, 0, &[(&q.name, 1, 60, &[192, 0, 2, 4])]),
            (_, true, _) => dns_server::negative(q, 3, 60),
            _ => dns_server::negative(q, 0, 60),
        }]
    });
    use_servers(&dev, &[&server]);
    assert_eq!(host(&dev, 0, "four.example", 5000).unwrap(), ["192.0.2.4"]);
    assert_eq!(host(&dev, 0, "empty.example", 5000), Err(Error::NO_SUCH_HOST));
    assert_eq!(host(&dev, 0, "none.example", 5000), Err(Error::NO_SUCH_HOST));
    assert_eq!(all(&dev, Kind::Txt, "none.example", 5000), Err(Error::NO_SUCH_HOST));
    assert_eq!(canonical(&dev, "empty.example"), Err(Error::NO_SUCH_HOST));
    // The negative answers are known now too.
    let asked = server.asked.load(SeqCst);
    assert_eq!(host(&dev, 0, "none.example", 5000), Err(Error::NO_SUCH_HOST));
    assert_eq!(host(&dev, 0, "four.example", 5000).unwrap(), ["192.0.2.4"]);
    assert!(server.asked.load(SeqCst) <= asked + 2, "the cache holds four of the six");
}

#[test]
fn the_cache_honours_the_time() {
    let (_alone, dev) = alone();
    let server = Server::start(|q| vec![reply(q, 0, &[(&q.name, 1, 1, &[192, 0, 2, 1])])]);
    use_servers(&dev, &[&server]);
    let began = Instant::now();
    for _ in 0..3 {
        assert_eq!(host(&dev, DUNLIN_AF_INET, "short.example", 5000).unwrap(), ["192.0.2.1"]);
    }
    if began.elapsed() < Duration::from_millis(900) {
        assert_eq!(server.asked.load(SeqCst), 1);
    }
    let asked = server.asked.load(SeqCst);
    thread::sleep(Duration::from_millis(1100));
    assert_eq!(host(&dev, DUNLIN_AF_INET, "short.example", 5000).unwrap(), ["192.0.2.1"]);
    assert_eq!(server.asked.load(SeqCst), asked + 1);
}

#[test]
fn the_next_server_and_the_next_try() {
    let (_alone, dev) = alone();
    for rcode in [1u8, 2, 4, 5] {
        let bad = Server::start(move |q| vec![reply(q, rcode, &[])]);
        let server = Server::start(good);
        use_servers(&dev, &[&bad, &server]);
        let began = Instant::now();
        assert_eq!(host(&dev, DUNLIN_AF_INET, "next.example", 9000).unwrap(), ["192.0.2.1"]);
        assert!(began.elapsed() < Duration::from_millis(1400), "refusals are not waited for");
        assert_eq!(bad.asked.load(SeqCst), 1);
        // Alone it misbehaves.
        use_servers(&dev, &[&bad]);
        assert_eq!(host(&dev, DUNLIN_AF_INET, "next.example", 9000), Err(Error::NAME_SERVER));
        assert_eq!(bad.asked.load(SeqCst), 4);
    }
    // A server that does not know of long datagrams is asked without.
    let old = Server::start(|q| if q.sized { vec![reply(q, 1, &[])] } else { good(q) });
    use_servers(&dev, &[&old]);
    assert_eq!(host(&dev, DUNLIN_AF_INET, "old.example", 9000).unwrap(), ["192.0.2.1"]);
    // One that is deaf at first.
    let deaf = Server::start_with(|n, q| if n < 1 { vec![] } else { good(q) });
    use_servers(&dev, &[&deaf]);
    assert_eq!(host(&dev, DUNLIN_AF_INET, "deaf.example", 9000).unwrap(), ["192.0.2.1"]);
    assert_eq!(deaf.asked.load(SeqCst), 2);
    // One that is not there, and one that answers one family only: the other is not waited for long.
    let half = Server::start(|q| if q.kind == 1 { good(q) } else { vec![] });
    use_servers(&dev, &[&half]);
    let began = Instant::now();
    assert_eq!(host(&dev, 0, "half.example", 30_000).unwrap(), ["192.0.2.1"]);
    assert!(began.elapsed() < Duration::from_millis(8000));
}

#[test]
fn too_long_for_a_datagram() {
    let (_alone, dev) = alone();
    // 1,100 bytes of text; the datagram says that it is cut.
    let server = Server::start(|q| {
        if !q.stream {
            return vec![dns_server::truncated(q)];
        }
        let text = [&[250u8][..], &[b'x'; 250]].concat();
        vec![reply(q, 0, &[(&q.name[..], TXT, 60, &text[..]); 4])]
    });
    use_servers(&dev, &[&server]);
    let found = all(&dev, Kind::Txt, "long.example", 9000).unwrap();
    assert_eq!(found, vec!["x".repeat(250); 4]);
    assert_eq!((server.asked.load(SeqCst), server.streams.load(SeqCst)), (1, 1));
    // More than the library's buffer: what fits of it.
    let server = Server::start(|q| {
        if !q.stream {
            return vec![dns_server::truncated(q)];
        }
        let text = [&[200u8][..], &[b'y'; 200]].concat();
        vec![reply(q, 0, &[(&q.name[..], TXT, 60, &text[..]); 40])]
    });
    use_servers(&dev, &[&server]);
    let found = all(&dev, Kind::Txt, "longer.example", 9000).unwrap();
    assert!((4..=6).contains(&found.len()) && found.iter().all(|t| *t == "y".repeat(200)));
    // A stream that answers another question, and one that ends.
    for forged in [true, false] {
        let server = Server::start(move |q| match (q.stream, forged) {
            (false, _) => vec![dns_server::truncated(q)],
            (true, true) => {
                vec![reply(&Asked { id: q.id ^ 1, ..q.clone() }, 0, &[(&q.name, 1, 60, &[6; 4])])]
            }
            (true, false) => vec![],
        });
        use_servers(&dev, &[&server]);
        assert_eq!(host(&dev, DUNLIN_AF_INET, "forged.example", 20_000), Err(Error::NAME_SERVER));
    }
}

#[test]
fn forged_replies_are_ignored() {
    let (_alone, dev) = alone();
    // Each hostile reply, then the good one: the good one counts.
    let rows: Vec<Vec<u8>> = include_str!("data/dns_hostile.txt")
        .lines()
        .filter(|l| l.starts_with("foreign"))
        .map(|l| dns_server::bytes(l.rsplit('|').next().unwrap().trim()))
        .collect();
    assert!(rows.len() > 60);
    let server = Server::start(move |q| {
        let mut out = vec![];
        for row in &rows {
            // With the true id where the row has it: the fault is another one.
            let mut row = row.clone();
            if row.len() > 1 && row[..2] == [0x12, 0x34] {
                row[..2].copy_from_slice(&q.id.to_be_bytes());
            }
            out.push(row);
        }
        out.push(reply(q, 0, &[(&q.name, 1, 60, &[192, 0, 2, 99])]));
        out
    });
    use_servers(&dev, &[&server]);
    assert_eq!(host(&dev, DUNLIN_AF_INET, "host.example", 5000).unwrap(), ["192.0.2.99"]);
    assert_eq!(server.asked.load(SeqCst), 1);
}

#[test]
fn a_flood_of_forged_replies_ends_with_the_deadline() {
    let (_alone, dev) = alone();
    // All ids but the true one, from the true server; and the true one from another port of its host and
    // from another host's same port.
    let server = Server::start_with(|_, q| {
        let other = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = q.socket.as_ref().unwrap().local_addr().unwrap().port();
        let neighbour = UdpSocket::bind(("127.0.0.2", port)).unwrap();
        let evil = |id| reply(&Asked { id, ..q.clone() }, 0, &[(&q.name, 1, 60, &[6, 6, 6, 6])]);
        other.send_to(&evil(q.id), q.from.unwrap()).unwrap();
        neighbour.send_to(&evil(q.id), q.from.unwrap()).unwrap();
        let socket = q.socket.as_ref().unwrap();
        for id in (0..=u16::MAX).filter(|id| *id != q.id) {
            let _ = socket.send_to(&evil(id), q.from.unwrap());
        }
        other.send_to(&evil(q.id), q.from.unwrap()).unwrap();
        vec![]
    });
    use_servers(&dev, &[&server]);
    let began = Instant::now();
    assert_eq!(host(&dev, DUNLIN_AF_INET, "spoof.example", 1200), Err(Error::TIMEOUT));
    // The library's clock counts whole milliseconds.
    assert!(began.elapsed() >= Duration::from_millis(1199) && began.elapsed() < Duration::from_secs(5));
    // None of it was kept.
    let server = Server::start(good);
    use_servers(&dev, &[&server]);
    assert_eq!(host(&dev, DUNLIN_AF_INET, "spoof.example", 9000).unwrap(), ["192.0.2.1"]);
}

#[test]
fn a_late_reply_hits_nothing() {
    let (_alone, dev) = alone();
    let before = runtime::usage();
    // Every reply comes 700 ms late, with another address than the next server's.
    let late = Server::start_with(|_, q| {
        thread::sleep(Duration::from_millis(700));
        vec![reply(q, 0, &[(&q.name, 1, 60, &[6, 6, 6, 6])])]
    });
    use_servers(&dev, &[&late]);
    assert_eq!(host(&dev, DUNLIN_AF_INET, "late.example", 300), Err(Error::TIMEOUT));
    assert_eq!(runtime::usage(), before);
    let server = Server::start(|q| {
        thread::sleep(Duration::from_millis(800));
        good(q)
    });
    use_servers(&dev, &[&server]);
    assert_eq!(host(&dev, DUNLIN_AF_INET, "late.example", 9000).unwrap(), ["192.0.2.1"]);
}

#[test]
fn a_lookup_is_canceled() {
    let (_alone, dev) = alone();
    let before = runtime::usage();
    let silent = Server::start(|_| vec![]);
    use_servers(&dev, &[&silent]);
    let token = cancel::new().unwrap();
    let task = thread::spawn(move || {
        let dev = registry::by_name(b"bare0").unwrap();
        let guard = cancel::enter(token).unwrap();
        let limit = Limit { deadline: Deadline::after_ms(20_000), cancel: guard.as_deref() };
        let mut addrs = [dunlin_addr::NONE; 2];
        lookup::host(&dev, 0, b"canceled.example", &mut addrs, limit)
    });
    let began = Instant::now();
    while silent.asked.load(SeqCst) < 2 && began.elapsed() < Duration::from_secs(5) {
        thread::sleep(Duration::from_millis(5));
    }
    cancel::cancel(token).unwrap();
    assert_eq!(task.join().unwrap(), Err(Error::CANCELED));
    assert!(began.elapsed() < Duration::from_secs(8));
    cancel::close(token).unwrap();
    assert_eq!(runtime::usage(), before);
}

#[test]
fn several_tasks_at_once() {
    let (_alone, dev) = alone();
    let before = runtime::usage();
    // The name says which address it has.
    let server = Server::start(|q| {
        let number = q.name[1] - b'a';
        vec![match q.kind {
            1 => reply(q, 0, &[(&q.name, 1, 0, &[10, 0, 0, number])]),
            _ => reply(q, 0, &[]),
        }]
    });
    use_servers(&dev, &[&server]);
    let tasks: Vec<_> = (0..4u8)
        .map(|t| {
            thread::spawn(move || {
                let dev = registry::by_name(b"bare0").unwrap();
                for i in 0..25u8 {
                    let n = (i * 7 + t) % 26;
                    let name = format!("{}.example", (b'a' + n) as char);
                    assert_eq!(host(&dev, 0, &name, 20_000).unwrap(), [format!("10.0.0.{n}")]);
                }
            })
        })
        .collect();
    tasks.into_iter().for_each(|t| t.join().unwrap());
    assert_eq!(runtime::usage(), before);
}

#[test]
fn more_addresses_than_fit() {
    let (_alone, dev) = alone();
    let server = Server::start(|q| {
        let v4: Vec<[u8; 4]> = (0..12).map(|i| [192, 0, 2, i]).collect();
        let v6: Vec<[u8; 16]> =
            (0..12).map(|i| [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, i]).collect();
        let records: Vec<(&[u8], u16, u32, &[u8])> = match q.kind {
            1 => v4.iter().map(|a| (&q.name[..], 1, 60, &a[..])).collect(),
            _ => v6.iter().map(|a| (&q.name[..], 28, 60, &a[..])).collect(),
        };
        vec![reply(q, 0, &records)]
    });
    use_servers(&dev, &[&server]);
    for room in [0usize, 1, 2, 5, 8, 30] {
        let mut addrs = vec![dunlin_addr::NONE; room];
        let n = lookup::host(&dev, 0, b"many.example", &mut addrs, within(9000)).unwrap();
        assert_eq!(n, 24);
        let v6 = addrs.iter().filter(|a| a.family == DUNLIN_AF_INET6).count();
        let v4 = addrs.iter().filter(|a| a.family == DUNLIN_AF_INET).count();
        assert_eq!(v4 + v6, room.min(24));
        assert!(v4.abs_diff(v6) <= 1, "{v4} and {v6} of {room}");
    }
}
