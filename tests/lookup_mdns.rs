//! Names below ".local", by multicast over a real interface: a network of the test's own, in which a
//! responder is good, deaf in one family, or hostile.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)] // helpers of tests fail by panicking

mod dns_server;

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6, UdpSocket};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use dns_server::{reply, wire, Asked};
use dunlin::error::Error;
use dunlin::net::addr::Addr;
use dunlin::net::{lookup, Limit};
use dunlin::netdev::registry;
use dunlin::netdev::table::{dunlin_addr, dunlin_netdev_ops, Table, DUNLIN_AF_INET, DUNLIN_AF_INET6};
use dunlin::runtime;
use dunlin::time::Deadline;

const INSIDE: &str = "DUNLIN_TEST_INSIDE_A_NETWORK";
const CABLE: &str = "set -e; ip link set lo up; ip link add v0 type veth peer name v1; \
    echo 1 >/proc/sys/net/ipv6/conf/v1/disable_ipv6; ip addr add 10.9.0.1/24 dev v0; \
    ip -6 addr add fd09::1/64 dev v0 nodad; ip link set v0 up addrgenmode none; ip link set v1 up; \
    ip route add 224.0.0.0/4 dev v0; export CABLE_INDEX=$(ip -o link show v0 | cut -d: -f1); exec \"$0\" \"$@\"";

const A: u16 = 1;
const AAAA: u16 = 28;
const GOOD: [u8; 4] = [10, 9, 0, 7];
const EVIL: [u8; 4] = [6, 6, 6, 6];
const GOOD6: [u8; 16] = [0xfd, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7];

/// What was asked: name, type, from which address.
type Log = Arc<Mutex<Vec<(Vec<u8>, u16, SocketAddr)>>>;

/// One family's responder.
fn respond(socket: UdpSocket, ended: Arc<AtomicBool>, log: Log) {
    socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    let v6 = socket.local_addr().unwrap().is_ipv6();
    let other = UdpSocket::bind(if v6 { "[::]:0" } else { "0.0.0.0:0" }).unwrap();
    let mut buf = [0; 2048];
    while !ended.load(SeqCst) {
        let Ok((len, from)) = socket.recv_from(&mut buf) else { continue };
        let q = dns_server::read(&buf[..len]).unwrap();
        log.lock().unwrap().push((q.name.clone(), q.kind, from));
        let answer = |q: &Asked, addr: &[u8]| {
            // The top bit of the class says that there is no other: "cache flush".
            let mut msg = reply(q, 0, &[(&q.name, q.kind, 60, addr)]);
            let class = msg.len() - addr.len() - 8;
            msg[class] |= 0x80;
            msg[2..4].copy_from_slice(&[0x84, 0]);
            msg
        };
        let name = |n: &str| q.name == wire(n);
        let send = |msg: Vec<u8>| socket.send_to(&msg, from).map(drop).unwrap();
        match (q.kind, v6) {
            (A, false) if name("four.local") || name("both.local") => send(answer(&q, &GOOD)),
            (AAAA, true) if name("six.local") || name("both.local") => send(answer(&q, &GOOD6)),
            (A, false) if name("evil.local") => {
                // Not from the port; another's id; another question; garbage; no reply at all.
                other.send_to(&answer(&q, &EVIL), from).unwrap();
                send(answer(&Asked { id: q.id ^ 0x0100, ..q.clone() }, &EVIL));
                send(answer(&Asked { name: wire("other.local"), ..q.clone() }, &EVIL));
                send(answer(&Asked { kind: AAAA, ..q.clone() }, &GOOD6));
                send(vec![0xff; 40]);
                send(vec![]);
                let mut question = answer(&q, &EVIL);
                question[2] &= 0x7f;
                send(question);
                send(answer(&q, &GOOD));
            }
            (A, false) if name("forged.local") => drop(other.send_to(&answer(&q, &EVIL), from)),
            _ => {}
        }
    }
}

fn look_up(family: u16, name: &str, ms: i64) -> Result<Vec<String>, Error> {
    let dev = registry::by_name(b"bare0").unwrap();
    let mut addrs = [dunlin_addr::NONE; 4];
    let limit = Limit::until(Deadline::after_ms(ms));
    let n = lookup::host(&dev, family, name.as_bytes(), &mut addrs, limit)?;
    let mut found: Vec<_> =
        addrs[..n].iter().map(|a| Addr::from_c(a).unwrap().unwrap().ip.to_string()).collect();
    found.sort();
    Ok(found)
}

fn inside() {
    runtime::init(Box::leak(vec![0u8; 65536].into_boxed_slice())).unwrap();
    // SAFETY: the driver's table is constant.
    let mut ops = unsafe { *dunlin_host::posix_ops().cast::<dunlin_netdev_ops>() };
    ops.get_host_by_name = None;
    // SAFETY: lives for ever.
    let table = unsafe { Table::new(Box::leak(Box::new(ops)), std::ptr::null_mut()) }.unwrap();
    registry::register(b"bare0", table).unwrap();
    lookup::enable().unwrap();
    let before = runtime::usage();

    let ended = Arc::new(AtomicBool::new(false));
    let log = Log::default();
    // Each bound to its group's own address, as the port of both at once is one.
    let (group4, group6) = (Ipv4Addr::new(224, 0, 0, 251), Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0xfb));
    let four = UdpSocket::bind((group4, 5353)).unwrap();
    four.join_multicast_v4(&group4, &Ipv4Addr::new(10, 9, 0, 1)).unwrap();
    let index = std::env::var("CABLE_INDEX").unwrap().parse().unwrap();
    let six = UdpSocket::bind(SocketAddrV6::new(group6, 5353, 0, index)).unwrap();
    six.join_multicast_v6(&group6, index).unwrap();
    let threads = [four, six].map(|socket| {
        let (ended, log) = (ended.clone(), log.clone());
        thread::spawn(move || respond(socket, ended, log))
    });

    assert_eq!(look_up(DUNLIN_AF_INET, "four.local", 9000).unwrap(), ["10.9.0.7"]);
    {
        let asked = log.lock().unwrap();
        assert!(asked.iter().all(|(_, _, from)| from.port() != 5353), "one-shot: {asked:?}");
    }
    // Known now; letters of any case.
    let asked = log.lock().unwrap().len();
    assert_eq!(look_up(DUNLIN_AF_INET, "FOUR.local.", 9000).unwrap(), ["10.9.0.7"]);
    assert_eq!(log.lock().unwrap().len(), asked);
    // Only who speaks IPv6 knows it.
    assert_eq!(look_up(DUNLIN_AF_INET6, "six.local", 9000).unwrap(), ["fd09::7"]);
    assert_eq!(look_up(0, "both.local", 9000).unwrap(), ["10.9.0.7", "fd09::7"]);
    // Hostile replies are not even an end.
    assert_eq!(look_up(DUNLIN_AF_INET, "evil.local", 9000).unwrap(), ["10.9.0.7"]);
    let began = Instant::now();
    assert_eq!(look_up(DUNLIN_AF_INET, "forged.local", 700), Err(Error::TIMEOUT));
    assert_eq!(look_up(DUNLIN_AF_INET, "silent.local", 20_000), Err(Error::NO_SUCH_HOST));
    assert!(began.elapsed() < Duration::from_secs(15));
    assert_eq!(runtime::usage(), before);
    ended.store(true, SeqCst);
    threads.into_iter().for_each(|t| t.join().unwrap());
}

#[test]
fn names_of_a_link() {
    if std::env::var_os(INSIDE).is_some() {
        return inside();
    }
    // A user who is not root has a network of its own within a user namespace.
    let own = |flags: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(flags).args(["sh", "-c", CABLE]).env(INSIDE, "1");
        command
    };
    let may = |flags: &[&str]| own(flags).arg("true").status().is_ok_and(|s| s.success());
    let flags: &[&str] = if may(&["-n"]) { &["-n"] } else { &["-rn"] };
    let done = own(flags)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "names_of_a_link", "--nocapture"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout) + String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && said.contains("1 passed"), "{said}");
}
