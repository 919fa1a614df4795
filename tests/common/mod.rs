//! An in-memory device for tests, written as a driver is: a table of `extern "C"` functions. What
//! it can (poll, notify, wake, one line only, `step`) is chosen per test; it counts and checks how
//! it is called.
#![allow(dead_code)] // each test uses a part
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // helpers of tests fail by panicking

mod calls;
pub mod rig;

use std::collections::{HashMap, VecDeque};
use std::ffi::{c_char, c_void, CStr};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicI64, AtomicU32, Ordering::SeqCst};
use std::sync::{Condvar, Mutex, MutexGuard, Once};
use std::time::Duration;

use dunlin::error::Error;
use dunlin::handle::Handle;
use dunlin::net::conn::Conn;
use dunlin::net::dial::{dial, Dialer};
use dunlin::net::listen::{listen, Listener};
use dunlin::net::{device, Limit};
use dunlin::netdev::registry;
use dunlin::netdev::table::*;
use dunlin::runtime;
use dunlin::time::{now_ms, Deadline};

use calls::*;

/// Makes the library ready, and lets one test at a time use it: its tables are process-wide.
pub fn alone() -> MutexGuard<'static, ()> {
    static ONCE: Once = Once::new();
    static LOCK: Mutex<()> = Mutex::new(());
    ONCE.call_once(|| {
        let _ = dunlin_host::posix_ops();
        runtime::init(Box::leak(vec![0u8; 131_072].into_boxed_slice())).unwrap();
    });
    LOCK.lock().unwrap_or_else(|e| e.into_inner())
}

pub fn soon() -> Limit<'static> {
    Limit::until(Deadline::after_ms(5000))
}

pub fn within(ms: i64) -> Limit<'static> {
    Limit::until(Deadline::after_ms(ms))
}

/// What a device can.
#[derive(Clone, Copy, Default, Debug)]
pub struct Can {
    pub poll: bool,
    pub notify: bool,
    pub wake: bool,
    /// One call at a time.
    pub serial: bool,
    /// Never blocks: `PENDING`, and `step` does the work after an "interrupt" of another thread.
    pub step: bool,
    /// Bytes a stream holds before its writer blocks; 0 is 4096.
    pub room: usize,
    /// Cannot look at a datagram without taking it.
    pub blind: bool,
    pub max_sockets: usize,
    /// Takes options, and can join groups.
    pub options: bool,
    /// Does not look names up itself.
    pub nameless: bool,
}

pub const POLL: Can = Can {
    poll: true,
    notify: false,
    wake: true,
    serial: false,
    step: false,
    room: 0,
    blind: false,
    max_sockets: 0,
    options: false,
    nameless: false,
};
pub const NOTIFY: Can = Can { poll: false, notify: true, ..POLL };
pub const NEITHER: Can = Can { poll: false, notify: false, ..POLL };
pub const NO_WAKE: Can = Can { poll: false, wake: false, ..POLL };
pub const SERIAL: Can = Can { poll: false, serial: true, ..POLL };
pub const STEP: Can = Can { poll: false, notify: true, serial: true, wake: false, step: true, ..POLL };

/// An address at which nobody ever answers.
pub const DEAD: [u8; 4] = [10, 0, 0, 9];

#[derive(Default)]
struct Sock {
    listening: Option<u16>,
    bound: u16,
    backlog: VecDeque<i32>,
    /// The other end; streams only.
    peer: Option<i32>,
    rx: VecDeque<u8>,
    /// Datagrams that came, with the sender's port.
    packets: VecDeque<(Vec<u8>, u16)>,
    datagram: bool,
    /// Where the datagrams of a connected one go.
    dest: u16,
    eof: bool,
    reset: bool,
    pending: [bool; 2],
    /// What the device with `step` finished: connect or send.
    done: bool,
    asked: bool,
}

#[derive(Default)]
struct Net {
    socks: HashMap<i32, Sock>,
    next: i32,
    next_port: u16,
    poll_wakes: u32,
    polling: u32,
    lookup_wake: bool,
    lookup: (bool, bool),
    /// Sockets whose work the interrupt has told of and `step` has not done yet.
    work: Vec<i32>,
    /// Notifies to make when the lock is given up.
    told: Vec<i32>,
}

/// Counts of calls, and what must not happen.
#[derive(Default)]
pub struct Seen {
    pub sockets: AtomicU32,
    pub closes: AtomicU32,
    pub connects: AtomicU32,
    pub lookups: AtomicU32,
    pub accepts: AtomicU32,
    pub sends: AtomicU32,
    pub recvs: AtomicU32,
    pub polls: AtomicU32,
    pub steps: AtomicU32,
    pub wakes: AtomicU32,
    /// The longest wait that a recv was asked for, -1 when one was without end.
    pub longest_ms: AtomicI64,
    /// Two calls were inside a serial device, or two readers in a socket.
    pub overlaps: AtomicU32,
    pub bad_closes: AtomicU32,
    /// What was set: level, option, value.
    pub options: Mutex<Vec<(u32, u32, Vec<u8>)>>,
    inside: AtomicU32,
}

pub struct Device {
    pub can: Can,
    pub ops: dunlin_netdev_ops,
    pub seen: Seen,
    pub name: String,
    handle: AtomicI32,
    net: Mutex<Net>,
    changed: Condvar,
    pub jammed: AtomicBool,
}

impl Device {
    /// A device, not registered yet.
    pub fn new(name: &str, can: Can) -> &'static Device {
        let caps = DUNLIN_CAP_UDP
            | if can.serial { DUNLIN_CAP_BLOCKING } else { DUNLIN_CAP_CONCURRENT }
            | if can.options { DUNLIN_CAP_MULTICAST } else { 0 }
            | if can.notify { DUNLIN_CAP_NOTIFY } else { 0 };
        let ops = dunlin_netdev_ops {
            size: size_of::<dunlin_netdev_ops>() as u32,
            caps,
            max_sockets: 0,
            reserved: 0,
            get_host_by_name: if can.nameless { None } else { Some(get_host_by_name) },
            addr: None,
            socket: Some(socket),
            bind: Some(bind),
            connect: Some(connect),
            listen: Some(listen_),
            accept: Some(accept),
            send: Some(send),
            recv: Some(recv),
            send_to: Some(send_to),
            recv_from: Some(recv_from),
            close: Some(close),
            set_sock_opt: if can.options { Some(set_sock_opt) } else { None },
            shutdown: Some(shutdown),
            poll: if can.poll { Some(poll) } else { None },
            wake: if can.wake { Some(wake) } else { None },
            step: if can.step { Some(step) } else { None },
            send_vec: None,
            local_addr: Some(local_addr),
            peer_addr: None,
            get_sock_opt: None,
            tls_provision: None,
        };
        Box::leak(Box::new(Device {
            can,
            ops,
            seen: Seen::default(),
            name: name.to_string(),
            handle: AtomicI32::new(0),
            net: Mutex::new(Net { next: 3, next_port: 40000, ..Net::default() }),
            changed: Condvar::new(),
            jammed: AtomicBool::new(false),
        }))
    }

    pub fn ctx(&'static self) -> *mut c_void {
        (self as *const Device).cast_mut().cast()
    }

    /// Makes it known to the library.
    pub fn register(&'static self) -> Handle {
        self.register_as(&self.ops, self.ctx())
    }

    /// As `register`, behind another table.
    pub fn register_as(&self, ops: *const dunlin_netdev_ops, ctx: *mut c_void) -> Handle {
        // SAFETY: the table lives for ever.
        let table = unsafe { Table::new(ops, ctx) }.unwrap();
        let handle = device::register(self.name.as_bytes(), table).unwrap().handle();
        self.handle.store(handle.0, SeqCst);
        handle
    }

    pub fn handle(&self) -> Handle {
        Handle(self.handle.load(SeqCst))
    }

    /// Takes it away and checks that it has got everything back.
    pub fn unregister(&self) {
        device::unregister(self.handle(), Deadline::after_ms(2000)).unwrap();
        self.check();
    }

    pub fn check(&self) {
        assert_eq!(self.open_sockets(), 0, "{}: sockets left", self.name);
        assert_eq!(self.seen.overlaps.load(SeqCst), 0, "{}: two calls at once", self.name);
        assert_eq!(self.seen.bad_closes.load(SeqCst), 0, "{}: closed twice", self.name);
    }

    pub fn open_sockets(&self) -> usize {
        self.net().socks.len()
    }

    pub fn listen(&self) -> (Listener, u16) {
        let l = listen(Some(self.name.as_bytes()), b"tcp", b"127.0.0.1:0", 4).unwrap();
        let port = l.local_addr().unwrap().port;
        (l, port)
    }

    pub fn dial(&self, port: u16, limit: Limit<'_>) -> Result<Conn, Error> {
        let dialer = Dialer { device: Some(self.name.as_bytes()), ..Dialer::default() };
        dial(&dialer, b"tcp", format!("127.0.0.1:{port}").as_bytes(), limit)
    }

    /// Two ends of a connection.
    pub fn pair(&self) -> (Conn, Conn) {
        let (l, port) = self.listen();
        let client = self.dial(port, soon()).unwrap();
        let server = l.accept(soon()).unwrap();
        dunlin::net::listen::end(l);
        (client, server)
    }

    fn net(&self) -> MutexGuard<'_, Net> {
        self.net.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Gives the lock up, wakes who is blocked, and tells.
    fn tell(&self, mut net: MutexGuard<'_, Net>) {
        let told = std::mem::take(&mut net.told);
        drop(net);
        self.changed.notify_all();
        if self.can.notify {
            for sock in told {
                registry::notify(self.handle(), sock, DUNLIN_READABLE | DUNLIN_WRITABLE);
            }
        }
    }

    /// Runs a call that may wait: `look` until it has an answer, a wake or the deadline.
    fn block(
        &self,
        sock: i32,
        direction: usize,
        flags: u32,
        deadline: i64,
        mut look: impl FnMut(&mut Net) -> Option<i32>,
    ) -> i32 {
        let waits = flags & DUNLIN_DONTWAIT == 0 && !Deadline(deadline).is_past();
        assert!(!(waits && self.can.step), "a driver with step must not be asked to wait");
        let mut net = self.net();
        loop {
            if waits {
                let net = &mut *net;
                let pending = match sock {
                    DUNLIN_WAKE_LOOKUP => Some(&mut net.lookup_wake),
                    _ => net.socks.get_mut(&sock).map(|s| &mut s.pending[direction]),
                };
                if pending.is_some_and(std::mem::take) {
                    return Error::INTERRUPTED.code();
                }
            }
            if !self.jammed.load(SeqCst) {
                if let Some(answer) = look(&mut net) {
                    self.tell(net);
                    return answer;
                }
            }
            if !waits {
                return Error::WOULD_BLOCK.code();
            }
            let left = Deadline(deadline).remaining_ms();
            if left == Some(0) {
                return Error::TIMEOUT.code();
            }
            let wait = Duration::from_millis(left.unwrap_or(1000).min(1000) as u64);
            net = self.changed.wait_timeout(net, wait).unwrap_or_else(|e| e.into_inner()).0;
        }
    }

    /// Begins the work of a device with `step`; an interrupt tells of it soon.
    fn begin_work(&'static self, sock: i32) {
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(3));
            self.net().work.push(sock);
            registry::notify(self.handle(), -1, DUNLIN_WORK);
        });
    }

    /// Changes what blocks everything, and wakes.
    pub fn jam(&self, on: bool) {
        self.jammed.store(on, SeqCst);
        let mut net = self.net();
        net.told = net.socks.keys().copied().collect();
        self.tell(net);
    }

    /// The link's other end drops every stream.
    pub fn reset_all(&self) {
        let mut net = self.net();
        let numbers: Vec<i32> = net.socks.keys().copied().collect();
        for n in numbers {
            let s = net.socks.get_mut(&n).unwrap();
            s.reset = s.listening.is_none();
            net.told.push(n);
        }
        self.tell(net);
    }
}
