//! The DNS client over devices of every kind, with a server that is a packet connection of the same
//! device; without entropy, over a link that falls, and along aliases.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)] // helpers of tests fail by panicking

mod common;
mod dns_server;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use common::*;
use dns_server::{reply, wire, Asked, CNAME};
use dunlin::error::Error;
use dunlin::handle::Handle;
use dunlin::net::addr::Addr;
use dunlin::net::{cancel, lookup, packet, Limit};
use dunlin::netdev::registry::{Dev, DEVICES};
use dunlin::netdev::table::*;
use dunlin::runtime;
use dunlin::time::Deadline;

const fn nameless(can: Can) -> Can {
    Can { nameless: true, ..can }
}

const KINDS: [Can; 7] = [
    nameless(POLL),
    nameless(NOTIFY),
    nameless(NEITHER),
    nameless(NO_WAKE),
    nameless(SERIAL),
    nameless(STEP),
    Can { blind: true, ..nameless(NOTIFY) },
];

type Answer = dyn Fn(&Asked) -> Vec<Vec<u8>> + Send + Sync;

/// A device, and a server of names on it, while `check` runs.
fn serve(can: Can, answer: Arc<Answer>, check: impl FnOnce(&'static Device, &Dev, &AtomicUsize)) {
    let before = runtime::usage();
    let d = Device::new("names0", can);
    d.register();
    let server = packet::listen(Some(b"names0"), b"udp4", b"127.0.0.1:0").unwrap();
    let at = Addr::new([127, 0, 0, 1].into(), server.local_addr().unwrap().port).to_c();
    let (ended, asked) = (AtomicBool::new(false), AtomicUsize::new(0));
    {
        let dev = DEVICES.enter(d.handle()).unwrap();
        lookup::set_servers(&dev, &[at]).unwrap();
        thread::scope(|s| {
            s.spawn(|| {
                let mut buf = [0u8; 1500];
                while !ended.load(SeqCst) {
                    let Ok(got) = server.read_from(&mut buf, within(50)) else { continue };
                    let q = dns_server::read(&buf[..got.len]).unwrap();
                    asked.fetch_add(1, SeqCst);
                    for reply in answer(&q) {
                        let _ = server.write_to(&reply, &got.from, Handle::NONE, soon());
                    }
                }
            });
            struct End<'a>(&'a AtomicBool);
            impl Drop for End<'_> {
                fn drop(&mut self) {
                    self.0.store(true, SeqCst);
                }
            }
            let _end = End(&ended);
            check(d, &dev, &asked);
        });
    }
    packet::end(server);
    d.unregister();
    assert_eq!(runtime::usage(), before, "{can:?}");
}

fn host(dev: &Dev, name: &str, limit: Limit<'_>) -> Result<String, Error> {
    let mut addrs = [dunlin_addr::NONE; 4];
    let n = lookup::host(dev, DUNLIN_AF_INET, name.as_bytes(), &mut addrs, limit)?;
    assert_eq!(n, 1);
    Ok(Addr::from_c(&addrs[0]).unwrap().unwrap().ip.to_string())
}

fn good(q: &Asked) -> Vec<u8> {
    reply(q, 0, &[(&q.name, 1, 60, &[192, 0, 2, 1])])
}

#[test]
fn over_devices_of_every_kind() {
    let _alone = alone();
    for can in KINDS {
        // The first question goes unheard; forged replies come before the true ones.
        let first = AtomicBool::new(true);
        let answer = move |q: &Asked| {
            if q.name == wire("deaf.example") && first.swap(false, SeqCst) {
                return vec![];
            }
            let evil = [(&q.name[..], 1, 60, &[6u8, 6, 6, 6][..])];
            vec![reply(&Asked { id: !q.id, ..q.clone() }, 0, &evil), good(q)]
        };
        serve(can, Arc::new(answer), |_, dev, asked| {
            assert_eq!(host(dev, "host.example", soon()).unwrap(), "192.0.2.1", "{can:?}");
            assert_eq!(host(dev, "host.example", soon()).unwrap(), "192.0.2.1");
            assert_eq!(asked.load(SeqCst), 1, "{can:?}");
            assert_eq!(host(dev, "deaf.example", within(9000)).unwrap(), "192.0.2.1", "{can:?}");
            assert_eq!(asked.load(SeqCst), 3, "{can:?}");
        });
    }
}

#[test]
fn silence_ends_by_deadline_cancel_and_the_link_s_fall() {
    let _alone = alone();
    for can in KINDS {
        serve(can, Arc::new(|_: &Asked| vec![]), |d, dev, asked| {
            let began = Instant::now();
            assert_eq!(host(dev, "a.example", within(250)), Err(Error::TIMEOUT), "{can:?}");
            assert!(began.elapsed() >= Duration::from_millis(249), "{can:?}");
            for by_cancel in [true, false] {
                let token = cancel::new().unwrap();
                let heard = asked.load(SeqCst);
                thread::scope(|s| {
                    let task = s.spawn(|| {
                        let token = cancel::enter(token).unwrap();
                        let limit = Limit { deadline: Deadline::after_ms(30_000), cancel: token.as_deref() };
                        host(dev, "b.example", limit)
                    });
                    let began = Instant::now();
                    while asked.load(SeqCst) == heard && began.elapsed() < Duration::from_secs(5) {
                        thread::sleep(Duration::from_millis(2));
                    }
                    let began = Instant::now();
                    if by_cancel {
                        cancel::cancel(token).unwrap();
                    } else {
                        DEVICES.enter(d.handle()).unwrap().set_link(false);
                    }
                    let want = if by_cancel { Error::CANCELED } else { Error::NET_DOWN };
                    assert_eq!(task.join().unwrap(), Err(want), "{can:?}");
                    assert!(began.elapsed() < Duration::from_millis(1200), "{can:?}");
                });
                cancel::close(token).unwrap();
            }
            assert_eq!(host(dev, "c.example", soon()), Err(Error::NET_DOWN));
            DEVICES.enter(d.handle()).unwrap().set_link(true);
            assert_eq!(host(dev, "d.example", within(100)), Err(Error::TIMEOUT));
        });
    }
}

#[test]
fn without_entropy_nothing_is_asked() {
    let _alone = alone();
    serve(nameless(POLL), Arc::new(|q: &Asked| vec![good(q)]), |d, dev, asked| {
        // Every draw in turn: the ids', then the port's.
        for draws in 0..3 {
            let sockets = d.seen.sockets.load(SeqCst);
            dunlin_host::fail_random_after(Some(draws));
            let got = host(dev, "dry.example", soon());
            dunlin_host::fail_random_after(None);
            assert_eq!(got, Err(Error::ENTROPY), "after {draws}");
            assert!(d.seen.sockets.load(SeqCst) <= sockets + 1);
            assert_eq!((asked.load(SeqCst), d.open_sockets()), (0, 1));
        }
        assert_eq!(host(dev, "dry.example", soon()).unwrap(), "192.0.2.1");
    });
}

#[test]
fn aliases_are_followed_as_far_as_they_go() {
    let _alone = alone();
    // "c3.example" has three aliases on its way to the address; "loop" and "self" have no end.
    let answer = |q: &Asked| {
        let text = String::from_utf8_lossy(&q.name[1..]).into_owned();
        let links = |count: usize, last: Vec<u8>| {
            let mut names: Vec<Vec<u8>> = vec![q.name.clone()];
            names.extend((1..count).map(|i| wire(&format!("n{i}.example"))));
            names.push(last);
            names
        };
        let with = |names: &[Vec<u8>], addr: bool| {
            let mut records: Vec<(&[u8], u16, u32, &[u8])> =
                names.windows(2).map(|w| (&w[0][..], CNAME, 60, &w[1][..])).collect();
            records.reverse(); // in whatever order they stand
            if addr {
                records.push((names.last().unwrap(), 1, 60, &[192, 0, 2, 1]));
            }
            vec![reply(q, 0, &records)]
        };
        match text.split('\u{7}').next().unwrap() {
            "loop" => with(&[q.name.clone(), wire("n1.example"), q.name.clone()], false),
            "self" => with(&[q.name.clone(), q.name.clone()], false),
            "open" => with(&links(2, wire("nowhere.example")), false),
            count => {
                let count = count[1..].parse().unwrap();
                with(&links(count, wire("end.example")), true)
            }
        }
    };
    serve(nameless(POLL), Arc::new(answer), |_, dev, _| {
        for count in [1, 3, 8] {
            let name = format!("c{count}.example");
            assert_eq!(host(dev, &name, soon()).unwrap(), "192.0.2.1", "{name}");
        }
        for name in ["c9.example", "c20.example", "loop.example", "self.example", "open.example"] {
            let began = Instant::now();
            assert_eq!(host(dev, name, soon()), Err(Error::NO_SUCH_HOST), "{name}");
            assert!(began.elapsed() < Duration::from_secs(4), "{name}: nobody else was asked");
        }
    });
}
