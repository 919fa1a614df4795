//! The sweep: a scenario runs clean and its calls of the driver are counted; then it runs again for
//! each of them, with each fault, once and from then on.

use std::cell::UnsafeCell;
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard, Once};
use std::time::{Duration, Instant};

use dunlin::error::Error;
use dunlin::ffi::netdev::{dunlin_netdev_link, dunlin_netdev_register, dunlin_netdev_unregister};
use dunlin::ffi::netdev_fault::*;
use dunlin::netdev::fault::*;
use dunlin::runtime::{self, Usage};
use dunlin::time::Deadline;

use crate::device::{Flavour, Loop, FLAVOURS};
use crate::docs;

pub const ARENA: usize = 256 * 1024;
/// A run in which something may wait ends by its deadline, this soon.
const SHORT_MS: i64 = 25;
/// A run in which nothing has to wait.
const LONG_MS: i64 = 20_000;

/// Makes the library ready, lets one test at a time use it, and ends the process when it hangs.
pub fn alone() -> MutexGuard<'static, ()> {
    static ONCE: Once = Once::new();
    static LOCK: Mutex<()> = Mutex::new(());
    ONCE.call_once(|| {
        let _ = dunlin_host::posix_ops();
        runtime::init(Box::leak(vec![0u8; ARENA].into_boxed_slice())).unwrap();
        std::thread::spawn(|| loop {
            let before = RUNS.load(SeqCst);
            std::thread::sleep(Duration::from_secs(60));
            if before == RUNS.load(SeqCst) && BUSY.load(SeqCst) > 0 {
                eprintln!("hung: run {before} did not end for a minute");
                std::process::abort();
            }
        });
    });
    LOCK.lock().unwrap_or_else(|e| e.into_inner())
}

/// Runs so far; a run is under way.
static RUNS: AtomicU32 = AtomicU32::new(0);
static BUSY: AtomicU32 = AtomicU32::new(0);

/// What failed: the function, and its result.
#[derive(Clone, Copy, Debug)]
pub struct Fail {
    pub call: &'static str,
    pub code: i32,
}

pub type Outcome = Result<(), Fail>;

/// A result of the C ABI.
pub fn ask(call: &'static str, code: i32) -> Result<i32, Fail> {
    if code < 0 {
        Err(Fail { call, code })
    } else {
        Ok(code)
    }
}

pub fn ask_size(call: &'static str, size: isize) -> Result<usize, Fail> {
    usize::try_from(size).map_err(|_| Fail { call, code: size as i32 })
}

pub struct Scenario {
    pub name: &'static str,
    /// The device finds names itself.
    pub names: bool,
    /// It is about messages, of which a short one is another one.
    pub messages: bool,
    /// Does it all, checks what came, and gives everything back. After a failure it calls
    /// [`Bench::disarm`] and tries again with what it still has.
    pub run: fn(&Bench) -> Outcome,
}

/// A device behind a faulty one.
pub struct Bench {
    pub device: Box<Loop>,
    fault: Box<MaybeUninit<dunlin_netdev_fault>>,
    script: Box<UnsafeCell<dunlin_netdev_fault_step>>,
    pub handle: i32,
    before: Usage,
    ms: std::cell::Cell<i64>,
}

#[derive(Clone, Copy, Debug)]
struct Plan {
    kind: u32,
    arg: i32,
    forever: bool,
}

fn usage() -> Usage {
    let mut usage = runtime::usage();
    usage.arena.peak = 0;
    usage
}

impl Bench {
    fn new(scenario: &Scenario, flavour: Flavour, step: dunlin_netdev_fault_step, ms: i64) -> Bench {
        let before = usage();
        let device = Loop::new(flavour, scenario.names);
        let mut fault = Box::new(MaybeUninit::<dunlin_netdev_fault>::uninit());
        let script = Box::new(UnsafeCell::new(step));
        let config = dunlin_netdev_fault_config {
            size: size_of::<dunlin_netdev_fault_config>() as u32,
            seed: step.nth,
            ops: &device.ops,
            ctx: device.ctx(),
            script: script.get(),
            script_len: 1,
            rates: [0; DUNLIN_FAULT_KINDS],
        };
        // SAFETY: the storage and all that the config points to stay in their boxes until `end`.
        let handle = unsafe {
            assert_eq!(dunlin_netdev_fault_init(fault.as_mut_ptr(), &config), 0);
            let ops = dunlin_netdev_fault_ops(fault.as_ptr());
            dunlin_netdev_register(c"torture0".as_ptr(), ops, fault.as_mut_ptr().cast::<c_void>())
        };
        assert!(handle > 0, "{handle}");
        device.registered(handle);
        Bench { device, fault, script, handle, before, ms: ms.into() }
    }

    /// The end of a call that begins now.
    pub fn soon(&self) -> i64 {
        Deadline::after_ms(self.ms.get()).0
    }

    /// No more faults: from here on everything must work.
    pub fn disarm(&self) {
        // SAFETY: one task; the library reads the step only inside a call.
        unsafe { (*self.script.get()).kind = DUNLIN_FAULT_NONE };
        self.ms.set(LONG_MS);
        assert_eq!(dunlin_netdev_link(self.handle, 1), 0);
    }

    fn stats(&self) -> dunlin_netdev_fault_stats {
        let mut stats = dunlin_netdev_fault_stats {
            size: size_of::<dunlin_netdev_fault_stats>() as u32,
            open_sockets: 0,
            calls: [0; DUNLIN_FAULT_OPS],
            injected: [0; DUNLIN_FAULT_KINDS],
        };
        // SAFETY: made by `new`.
        assert_eq!(unsafe { dunlin_netdev_fault_get_stats(self.fault.as_ptr(), &mut stats) }, 0);
        stats
    }

    /// Nothing is left of a run but the device.
    fn check(&self) {
        let now = usage();
        let device = Usage { netdevs: self.before.netdevs + 1, ..self.before };
        assert_eq!(now, device, "left behind");
        assert_eq!(self.stats().open_sockets, 0, "sockets left");
        let (bad, socks) = self.device.verdict();
        assert_eq!((bad, socks), (None, 0), "at the device");
        self.device.leave();
    }

    fn end(mut self) {
        assert_eq!(dunlin_netdev_unregister(self.handle, Deadline::after_ms(5000).0), 0);
        assert_eq!(usage(), self.before, "left behind by the device");
        // SAFETY: made by `new`, unregistered.
        unsafe { dunlin_netdev_fault_free(self.fault.as_mut_ptr()) };
    }
}

/// Says what is being done when a test fails.
struct Telling(String);

impl Drop for Telling {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("while {}", self.0);
        }
    }
}

const KINDS: [u32; 11] = [
    DUNLIN_FAULT_SHORT,
    DUNLIN_FAULT_WOULD_BLOCK,
    DUNLIN_FAULT_INTERRUPTED,
    DUNLIN_FAULT_LENGTH,
    DUNLIN_FAULT_STUCK,
    DUNLIN_FAULT_RESET,
    DUNLIN_FAULT_LATE,
    DUNLIN_FAULT_NO_SOCKETS,
    DUNLIN_FAULT_NO_NAME,
    DUNLIN_FAULT_LINK,
    DUNLIN_FAULT_DROP,
];

/// What drivers return when something is wrong; 0 is a number that none may return.
const CODES: [i32; 10] = [
    0,
    Error::IO.code(),
    Error::NO_MEMORY.code(),
    Error::NOT_SUPPORTED.code(),
    Error::CONN_REFUSED.code(),
    Error::HOST_UNREACHABLE.code(),
    Error::ADDR_IN_USE.code(),
    Error::EOF.code(),
    Error::CLOSED.code(),
    -10_007,
];

fn plans() -> Vec<Plan> {
    let faults = KINDS.iter().map(|k| (*k, 0)).chain([(DUNLIN_FAULT_LINK, 1)]);
    let faults: Vec<_> = faults.chain(CODES.iter().map(|c| (DUNLIN_FAULT_CODE, *c))).collect();
    let plan = |forever| faults.iter().map(move |(kind, arg)| Plan { kind: *kind, arg: *arg, forever });
    plan(false).chain(plan(true)).collect()
}

impl Plan {
    /// Once, these change nothing.
    fn is_harmless(self, scenario: &Scenario) -> bool {
        match self.kind {
            DUNLIN_FAULT_SHORT => !scenario.messages,
            DUNLIN_FAULT_WOULD_BLOCK | DUNLIN_FAULT_INTERRUPTED | DUNLIN_FAULT_LATE => !self.forever,
            _ => false,
        }
    }

    /// May last until the deadline.
    fn waits(self, scenario: &Scenario) -> bool {
        if self.kind == DUNLIN_FAULT_SHORT {
            return scenario.messages;
        }
        // Nobody sends again what was dropped.
        let down = self.kind == DUNLIN_FAULT_LINK && self.arg == 0;
        down || matches!(self.kind, DUNLIN_FAULT_STUCK | DUNLIN_FAULT_DROP) || self.forever
    }

    /// What the driver returns.
    fn raw(self) -> Vec<i32> {
        match self.kind {
            DUNLIN_FAULT_CODE => vec![self.arg],
            DUNLIN_FAULT_RESET => vec![Error::CONN_RESET.code(), Error::CONN_ABORTED.code()],
            DUNLIN_FAULT_NO_SOCKETS => vec![Error::NO_SOCKETS.code()],
            DUNLIN_FAULT_NO_NAME => vec![Error::NO_SUCH_HOST.code()],
            DUNLIN_FAULT_LINK => vec![Error::NET_DOWN.code()],
            _ => Vec::new(),
        }
    }
}

/// Every place and every fault with `TORTURE=full`; otherwise of the runs that last until their
/// deadline a quarter, another one on each kind of device.
fn is_full() -> bool {
    std::env::var("TORTURE").is_ok_and(|v| v == "full")
}

/// How many calls of the driver a clean run makes.
fn count(scenario: &Scenario, flavour: Flavour) -> u32 {
    let _telling = Telling(format!("{} runs clean on {flavour:?}", scenario.name));
    let none = dunlin_netdev_fault_step { op: 0, nth: 0, count: 0, kind: DUNLIN_FAULT_NONE, arg: 0 };
    let bench = Bench::new(scenario, flavour, none, LONG_MS);
    (scenario.run)(&bench).unwrap();
    let calls = bench.stats().calls[0];
    bench.check();
    bench.end();
    calls
}

/// Fails every call of the scenario in turn.
pub fn sweep(scenario: &Scenario) {
    let _alone = alone();
    BUSY.fetch_add(1, SeqCst);
    let started = Instant::now();
    let (mut runs, mut injected, mut failed, mut counts) = (0u32, 0u32, 0u32, Vec::new());
    for (f, flavour) in FLAVOURS.into_iter().enumerate() {
        let calls = count(scenario, flavour);
        counts.push(calls);
        let mut reached = vec![[false; 2]; calls as usize];
        for (p, plan) in plans().into_iter().enumerate() {
            for nth in 1..=calls {
                if plan.waits(scenario) && !is_full() && (nth as usize + p + f) % FLAVOURS.len() != 0 {
                    continue;
                }
                let (hit, outcome) = one(scenario, flavour, plan, nth);
                reached[nth as usize - 1][usize::from(plan.forever)] |= hit;
                RUNS.fetch_add(1, SeqCst);
                runs += 1;
                injected += u32::from(hit);
                failed += u32::from(outcome.is_err());
            }
        }
        assert!(reached.iter().all(|r| *r == [true; 2]), "{flavour:?}: a call that was never failed");
    }
    assert!(injected > 0 && failed > 0);
    BUSY.fetch_sub(1, SeqCst);
    println!(
        "torture {}: {counts:?} calls of the driver, {runs} runs, {injected} met their fault, {failed} ended with an error, {:.1} s",
        scenario.name,
        started.elapsed().as_secs_f32()
    );
}

/// One run with one fault; whether it was met.
fn one(scenario: &Scenario, flavour: Flavour, plan: Plan, nth: u32) -> (bool, Outcome) {
    let _telling = Telling(format!("{} on {flavour:?}: call {nth} meets {plan:?}", scenario.name));
    let count = if plan.forever { u32::MAX } else { 1 };
    let step = dunlin_netdev_fault_step { op: 0, nth, count, kind: plan.kind, arg: plan.arg };
    let ms = if plan.waits(scenario) { SHORT_MS } else { LONG_MS };
    let bench = Bench::new(scenario, flavour, step, ms);
    let start = Instant::now();
    let outcome = (scenario.run)(&bench);
    // Some calls one after another, each with the same time.
    assert!(start.elapsed() < Duration::from_secs(10), "it took {:?}", start.elapsed());
    let hit = bench.stats().injected[plan.kind as usize] > 0;
    if let Err(fail) = outcome {
        assert!(hit, "{fail:?} without a fault");
        assert!(!plan.is_harmless(scenario), "{fail:?}");
        assert!(docs::allows(fail.call, fail.code, &plan.raw()), "{fail:?} is not what its comment says");
    }
    bench.check();
    if hit {
        bench.disarm();
        let next = (scenario.run)(&bench);
        assert!(next.is_ok(), "the next attempt: {next:?}");
        bench.check();
    }
    bench.end();
    (hit, outcome)
}
