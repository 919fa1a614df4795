//! Every interleaving (loom) of tasks that poll, and of who of those that wait does the devices' work.
//!
//! `RUSTFLAGS="--cfg loom" cargo test --release --test loom_poll`
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)] // helpers of tests fail by panicking
#![cfg(loom)]

use dunlin::sync::cs;
use dunlin::sync::park::{self, Task};
use dunlin::time::Deadline;
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;

fn model(preemptions: usize, f: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(f);
}

fn prepare(task: &Task) {
    cs::with(|cs| task.prepare(cs));
}

type Flag = Arc<Mutex<bool>>;

fn flag() -> Flag {
    Arc::new(Mutex::new(false))
}

fn set(flag: &Flag) {
    *flag.lock().unwrap() = true;
}

fn is_set(flag: &Flag) -> bool {
    *flag.lock().unwrap()
}

/// A set as `net::poll` fills it and waits, of an object whose change is told to all that poll.
#[test]
fn a_poller_that_fills_its_set_misses_no_notify() {
    model(4, || {
        let ready = [flag(), flag()];
        let seen = ready.clone();
        let poller = thread::spawn(move || {
            let task = park::table().acquire().unwrap();
            loop {
                task.begin_poll();
                let both = seen.iter().filter(|f| is_set(f)).count() == 2;
                if !both {
                    // Lost wakes end in a deadlock, which loom reports.
                    task.wait(Deadline::NONE);
                }
                task.end_poll();
                if both {
                    return;
                }
            }
        });
        for one in &ready {
            set(one);
            park::table().wake_pollers(true);
        }
        poller.join().unwrap();
        assert_eq!(park::table().in_use(), 0);
    });
}

/// The poll of a driver: a wake ends those in progress, or stays for the next one.
struct Driver {
    /// Who is inside, and wakes that were not used up.
    state: Mutex<(u32, u32)>,
    changed: Condvar,
}

loom::lazy_static! {
    static ref DRIVER: Driver = Driver { state: Mutex::new((0, 0)), changed: Condvar::new() };
}

fn wake_driver(_device: i32, _sock: i32, _from_interrupt: bool) {
    let mut state = DRIVER.state.lock().unwrap();
    state.1 = state.0.max(1);
    DRIVER.changed.notify_all();
}

fn poll_driver() {
    let mut state = DRIVER.state.lock().unwrap();
    state.0 += 1;
    while state.1 == 0 {
        state = DRIVER.changed.wait(state).unwrap();
    }
    state.1 -= 1;
    state.0 -= 1;
}

/// As `PollSet::wait` blocks in a device that has `poll`.
#[test]
fn a_poller_inside_the_driver_s_poll_misses_no_notify() {
    model(3, || {
        let ready = flag();
        let seen = ready.clone();
        let poller = thread::spawn(move || {
            let task = park::table().acquire().unwrap();
            loop {
                task.begin_poll();
                let done = is_set(&seen);
                if !done && task.enter_driver(wake_driver, 1, -1) {
                    poll_driver();
                    task.leave_driver();
                }
                task.end_poll();
                if done {
                    return;
                }
            }
        });
        set(&ready);
        park::table().wake_pollers(false);
        poller.join().unwrap();
    });
}

/// Work that was told, and its end, which somebody blocks for.
struct Work {
    /// Told and not begun, and done.
    state: Mutex<(bool, bool)>,
    changed: Condvar,
}

/// A task that waits for `own` and does the work that comes meanwhile, as `registry::on_duty` has it.
fn waits(own: &Flag, work: &Work) {
    let task = park::table().acquire().unwrap();
    loop {
        prepare(&task);
        if is_set(own) {
            return;
        }
        cs::with(|cs| task.on_duty(false, cs));
        let found = std::mem::take(&mut work.state.lock().unwrap().0);
        if found {
            cs::with(|cs| task.on_duty(true, cs));
            work.state.lock().unwrap().1 = true;
            work.changed.notify_all();
        }
        task.wait(Deadline::NONE);
    }
}

/// Work is told while one of two tasks leaves: the one that stays does it, if the other has not.
#[test]
fn work_is_done_by_who_stays_when_the_steward_leaves() {
    model(2, || {
        let work = Arc::new(Work { state: Mutex::new((false, false)), changed: Condvar::new() });
        let (leaves, stays) = (flag(), flag());
        let (one, two) = ((leaves.clone(), work.clone()), (stays.clone(), work.clone()));
        let a = thread::spawn(move || waits(&one.0, &one.1));
        let b = thread::spawn(move || waits(&two.0, &two.1));
        set(&leaves);
        park::table().wake_everyone();
        work.state.lock().unwrap().0 = true;
        park::table().wake_steward(true);
        // Lost work ends in a deadlock, which loom reports.
        let mut state = work.state.lock().unwrap();
        while !state.1 {
            state = work.changed.wait(state).unwrap();
        }
        drop(state);
        set(&stays);
        park::table().wake_everyone();
        a.join().unwrap();
        b.join().unwrap();
        assert_eq!(park::table().in_use(), 0);
    });
}
