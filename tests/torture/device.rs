//! A device in memory whose peers are part of it: whatever the library sends is answered before the
//! call returns, so a scenario needs one task only, and the same calls come in the same order each time.
//!
//! Peers by port: 7 gives back what it gets (stream and datagrams), 53 is a name server, 80 serves a
//! page. A listener finds the visitors that the test announced.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::c_void;
use std::sync::atomic::{AtomicI32, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use dunlin::error::Error;
use dunlin::netdev::registry;
use dunlin::netdev::table::*;
use dunlin::time::Deadline;

mod calls;

use calls::*;

/// How readiness is told, and whether calls may wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flavour {
    /// Concurrent, with `poll`.
    Poll,
    /// Concurrent, notifies.
    Notify,
    /// One line of I/O, no `poll`, no `wake`.
    Serial,
    /// Never waits: `PENDING`, then `step` and notify.
    Step,
}

pub const FLAVOURS: [Flavour; 4] = [Flavour::Poll, Flavour::Notify, Flavour::Serial, Flavour::Step];

pub const PAGE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello, World!";
/// The other end of everything.
pub const PEER: [u8; 4] = [192, 0, 2, 1];
pub const OWN: [u8; 4] = [192, 0, 2, 2];

#[derive(Default)]
struct Sock {
    stream: bool,
    listening: bool,
    local: u16,
    remote: u16,
    /// What the library has sent.
    sent: Vec<u8>,
    rx: VecDeque<u8>,
    eof: bool,
    /// Datagrams that came, with the port they are from.
    mail: VecDeque<(u16, Vec<u8>)>,
    /// Sticky wakes.
    pending: [bool; 2],
    /// A device with `step`: begun, and done.
    begun: bool,
    done: bool,
}

#[derive(Default)]
struct Net {
    socks: BTreeMap<i32, Sock>,
    next: i32,
    next_port: u16,
    /// What those will send who are to come.
    visitors: VecDeque<Vec<u8>>,
    /// What a visitor has got.
    answers: Vec<u8>,
    lookup: (bool, bool),
    poll_wakes: u32,
    bad: Option<&'static str>,
}

pub struct Loop {
    pub flavour: Flavour,
    pub ops: dunlin_netdev_ops,
    handle: AtomicI32,
    net: Mutex<Net>,
}

impl Loop {
    pub fn new(flavour: Flavour, names: bool) -> Box<Loop> {
        let serial = matches!(flavour, Flavour::Serial | Flavour::Step);
        let told = matches!(flavour, Flavour::Notify | Flavour::Step);
        let ops = dunlin_netdev_ops {
            size: size_of::<dunlin_netdev_ops>() as u32,
            caps: if serial { DUNLIN_CAP_BLOCKING } else { DUNLIN_CAP_CONCURRENT }
                | if told { DUNLIN_CAP_NOTIFY } else { 0 }
                | DUNLIN_CAP_UDP,
            max_sockets: 0,
            reserved: 0,
            get_host_by_name: if names { Some(get_host_by_name) } else { None },
            addr: Some(addr),
            socket: Some(socket),
            bind: Some(bind),
            connect: Some(connect),
            listen: Some(listen),
            accept: Some(accept),
            send: Some(send),
            recv: Some(recv),
            send_to: Some(send_to),
            recv_from: Some(recv_from),
            close: Some(close),
            set_sock_opt: Some(set_sock_opt),
            shutdown: Some(shutdown),
            poll: if flavour == Flavour::Poll { Some(poll) } else { None },
            wake: if serial { None } else { Some(wake) },
            step: if flavour == Flavour::Step { Some(step) } else { None },
            send_vec: None,
            local_addr: Some(local_addr),
            peer_addr: Some(peer_addr),
            get_sock_opt: None,
            tls_provision: None,
        };
        let net = Net { next: 3, next_port: 40000, ..Net::default() };
        Box::new(Loop { flavour, ops, handle: AtomicI32::new(0), net: Mutex::new(net) })
    }

    pub fn ctx(&self) -> *mut c_void {
        (self as *const Loop).cast_mut().cast()
    }

    pub fn registered(&self, handle: i32) {
        self.handle.store(handle, SeqCst);
    }

    /// Somebody will connect to whatever listens, and send this.
    pub fn visit(&self, bytes: &[u8]) {
        let mut net = self.net();
        net.visitors.push_back(bytes.to_vec());
        let told: Vec<i32> = net.socks.iter().filter(|(_, s)| s.listening).map(|(n, _)| *n).collect();
        drop(net);
        told.into_iter().for_each(|n| self.tell(n));
    }

    /// Nobody is waiting any more; what the visitors have got.
    pub fn leave(&self) -> Vec<u8> {
        let mut net = self.net();
        net.visitors.clear();
        std::mem::take(&mut net.answers)
    }

    /// What a visitor has got so far.
    pub fn answered(&self) -> Vec<u8> {
        self.net().answers.clone()
    }

    /// All who were announced have been accepted.
    pub fn met(&self) -> bool {
        self.net().visitors.is_empty()
    }

    /// A breach of the contract, and sockets that are open.
    pub fn verdict(&self) -> (Option<&'static str>, usize) {
        let net = self.net();
        (net.bad, net.socks.len())
    }

    fn net(&self) -> MutexGuard<'_, Net> {
        self.net.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn tell(&self, sock: i32) {
        if matches!(self.flavour, Flavour::Notify | Flavour::Step) {
            registry::notify(registry_handle(self), sock, DUNLIN_READABLE | DUNLIN_WRITABLE);
        }
    }

    /// A call that may wait. Nobody else can make it ready meanwhile, so it sleeps.
    fn block(
        &self,
        sock: i32,
        direction: usize,
        flags: u32,
        deadline: i64,
        look: impl FnOnce(&mut Net) -> Option<i32>,
    ) -> i32 {
        let waits = flags & DUNLIN_DONTWAIT == 0 && !Deadline(deadline).is_past();
        let mut net = self.net();
        if waits && self.flavour == Flavour::Step {
            net.bad = Some("a driver with step was asked to wait");
        }
        let woken = |net: &mut Net| {
            net.socks.get_mut(&sock).is_some_and(|s| std::mem::take(&mut s.pending[direction]))
        };
        if waits && woken(&mut net) {
            return Error::INTERRUPTED.code();
        }
        if let Some(answer) = look(&mut net) {
            drop(net);
            self.tell(sock);
            return answer;
        }
        if !waits {
            return Error::WOULD_BLOCK.code();
        }
        let Some(left) = Deadline(deadline).remaining_ms() else {
            net.bad = Some("a wait without end");
            return Error::TIMEOUT.code();
        };
        drop(net);
        std::thread::sleep(Duration::from_millis(left as u64));
        Error::TIMEOUT.code()
    }

    /// A device with `step` begins now and is done after `step`; whether it is.
    fn stepped(&self, sock: i32) -> bool {
        if self.flavour != Flavour::Step {
            return true;
        }
        let mut net = self.net();
        let Some(s) = net.socks.get_mut(&sock) else { return true };
        if s.done {
            (s.begun, s.done) = (false, false);
            return true;
        }
        s.begun = true;
        drop(net);
        registry::notify(registry_handle(self), -1, DUNLIN_WORK);
        false
    }
}

fn registry_handle(d: &Loop) -> dunlin::handle::Handle {
    dunlin::handle::Handle(d.handle.load(SeqCst))
}

fn at<'a>(ctx: *mut c_void) -> &'a Loop {
    // SAFETY: the context is a device that outlives its registration.
    unsafe { &*ctx.cast::<Loop>() }
}

pub fn peer(port: u16) -> dunlin_addr {
    let mut a = dunlin_addr { family: DUNLIN_AF_INET, port, ..dunlin_addr::NONE };
    a.ip[..4].copy_from_slice(&PEER);
    a
}
