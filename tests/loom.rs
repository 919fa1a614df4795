//! Every interleaving (loom) of what the ground promises: slots, closing against a blocked call,
//! waking against entering a driver, and turns on a line.
//!
//! `RUSTFLAGS="--cfg loom" cargo test --release --test loom`
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)] // helpers of tests fail by panicking
#![cfg(loom)]

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

use dunlin::error::Error;
use dunlin::handle::{Handle, Kind};
use dunlin::sync::cs;
use dunlin::sync::line::Line;
use dunlin::sync::park::{self, Task, TaskRef};
use dunlin::sync::pool::{Pool, Slot};
use dunlin::time::Deadline;
use loom::sync::{Condvar, Mutex};
use loom::thread;

/// An object that knows its value and whether it was given up. The numbers are std's: the switch
/// points are the critical sections.
struct Item {
    value: AtomicU32,
    finished: AtomicU32,
}

impl Slot for Item {
    const KIND: Kind = Kind::Conn;
    #[allow(clippy::declare_interior_mutable_const)]
    const EMPTY: Item = Item { value: AtomicU32::new(0), finished: AtomicU32::new(0) };
    fn finish(&self) {
        self.value.store(0, Relaxed);
        pause();
        self.finished.fetch_add(1, Relaxed);
    }
}

/// A point at which loom may switch.
fn pause() {
    cs::with(|_| ());
}

fn pool<const N: usize>() -> &'static Pool<Item, N> {
    Box::leak(Box::new(Pool::new()))
}

fn model(preemptions: usize, f: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(f);
}

fn claim<const N: usize>(pool: &'static Pool<Item, N>, value: u32) -> Handle {
    let guard = pool.claim().unwrap();
    guard.value.store(value, Relaxed);
    guard.handle()
}

#[test]
fn a_slot_is_finished_once_when_the_last_call_is_out() {
    model(4, || {
        let pool = pool::<2>();
        let handle = claim(pool, 7);
        let user = move || {
            if let Ok(guard) = pool.enter(handle) {
                for _ in 0..2 {
                    assert_eq!(guard.value.load(Relaxed), 7);
                    pause();
                }
            }
        };
        let (a, b) = (thread::spawn(user), thread::spawn(user));
        let first = pool.close(handle).is_ok();
        assert!(first && pool.close(handle).is_err());
        a.join().unwrap();
        b.join().unwrap();
        assert_eq!(pool.in_use(), 0);
        let mut finished = 0;
        pool.each_item(|item| finished += item.finished.load(Relaxed));
        assert_eq!(finished, 1);
        assert!(pool.enter(handle).is_err());
    });
}

#[test]
fn a_stale_handle_never_reaches_the_next_object_of_its_slot() {
    model(4, || {
        let pool = pool::<1>();
        let old = claim(pool, 1);
        let user = thread::spawn(move || {
            if let Ok(guard) = pool.enter(old) {
                pause();
                assert_eq!(guard.value.load(Relaxed), 1);
            }
        });
        let maker = thread::spawn(move || {
            drop(pool.close(old));
            // The slot is free when the last user is out.
            if let Ok(guard) = pool.claim() {
                guard.value.store(2, Relaxed);
                assert_ne!(guard.handle(), old);
            }
        });
        user.join().unwrap();
        maker.join().unwrap();
        assert_eq!(pool.enter(old).err(), Some(Error::BAD_HANDLE));
    });
}

/// As `unregister` does it: who wakes calls may still reach the device, but not after it was sealed.
#[test]
fn nobody_is_inside_after_the_seal() {
    model(4, || {
        let pool = pool::<1>();
        let handle = claim(pool, 5);
        static GONE: AtomicBool = AtomicBool::new(false);
        GONE.store(false, Relaxed);
        let waker = move || {
            if let Ok(guard) = pool.reach(handle) {
                for _ in 0..2 {
                    assert!(!GONE.load(Relaxed));
                    assert_eq!(guard.value.load(Relaxed), 5);
                    pause();
                }
            }
        };
        let (a, b) = (thread::spawn(waker), thread::spawn(waker));
        let guard = pool.close(handle).unwrap();
        if guard.in_flight() == 1 && guard.seal() {
            GONE.store(true, Relaxed);
            pause();
        }
        drop(guard);
        a.join().unwrap();
        b.join().unwrap();
        assert_eq!(pool.in_use(), 0);
    });
}

/// What a connection keeps of its blocked reader.
struct Conn {
    closed: bool,
    data: bool,
    reader: TaskRef,
    writer: TaskRef,
}

type Shared = loom::sync::Arc<Mutex<Conn>>;

fn conn() -> Shared {
    let conn = Conn { closed: false, data: false, reader: TaskRef::NONE, writer: TaskRef::NONE };
    loom::sync::Arc::new(Mutex::new(conn))
}

/// Closes, and wakes whoever is named.
fn close(conn: &Shared) {
    let (reader, writer) = {
        let mut c = conn.lock().unwrap();
        c.closed = true;
        (c.reader, c.writer)
    };
    park::table().wake(reader);
    park::table().wake(writer);
}

fn prepare(task: &Task) {
    cs::with(|cs| task.prepare(cs));
}

#[test]
fn a_close_always_ends_a_blocked_read() {
    model(4, || {
        let shared = conn();
        let other = shared.clone();
        let reader = thread::spawn(move || {
            let task = park::table().acquire().unwrap();
            loop {
                prepare(&task);
                {
                    let mut c = other.lock().unwrap();
                    if c.closed {
                        return;
                    }
                    c.reader = task.name();
                }
                // Lost wakes end in a deadlock, which loom reports.
                task.wait(Deadline::NONE);
            }
        });
        close(&shared);
        reader.join().unwrap();
        assert_eq!(park::table().in_use(), 0);
    });
}

#[test]
fn of_two_wakes_at_once_the_condition_of_neither_is_missed() {
    model(3, || {
        let shared = conn();
        let (at_reader, at_giver) = (shared.clone(), shared.clone());
        let reader = thread::spawn(move || {
            let task = park::table().acquire().unwrap();
            loop {
                prepare(&task);
                {
                    let mut c = at_reader.lock().unwrap();
                    if c.closed && c.data {
                        return;
                    }
                    c.reader = task.name();
                }
                task.wait(Deadline::NONE);
            }
        });
        let giver = thread::spawn(move || {
            let who = {
                let mut c = at_giver.lock().unwrap();
                c.data = true;
                c.reader
            };
            park::table().wake(who);
        });
        close(&shared);
        giver.join().unwrap();
        reader.join().unwrap();
    });
}

/// A driver as the contract has it: two sticky bits, one per direction.
struct Driver {
    pending: Mutex<[bool; 2]>,
    changed: Condvar,
}

loom::lazy_static! {
    static ref DRIVER: Driver = Driver { pending: Mutex::new([false; 2]), changed: Condvar::new() };
}

impl Driver {
    /// Blocks until a wake; there is never any data.
    fn block(&self, direction: usize) {
        let mut pending = self.pending.lock().unwrap();
        while !pending[direction] {
            pending = self.changed.wait(pending).unwrap();
        }
        pending[direction] = false;
    }

    fn wake(&self) {
        *self.pending.lock().unwrap() = [true; 2];
        self.changed.notify_all();
    }
}

fn wake_driver(_device: i32, _sock: i32, _from_interrupt: bool) {
    DRIVER.wake();
}

/// A blocking call as `wait::blocking` makes it.
fn blocking(conn: &Shared, direction: usize) {
    let task = park::table().acquire().unwrap();
    loop {
        prepare(&task);
        {
            let mut c = conn.lock().unwrap();
            if c.closed {
                return;
            }
            if direction == 0 {
                c.reader = task.name();
            } else {
                c.writer = task.name();
            }
        }
        if !task.enter_driver(wake_driver, 1, 3) {
            continue;
        }
        DRIVER.block(direction);
        task.leave_driver();
    }
}

#[test]
fn a_wake_reaches_a_call_that_enters_the_driver() {
    model(4, || {
        let shared = conn();
        let other = shared.clone();
        let reader = thread::spawn(move || blocking(&other, 0));
        close(&shared);
        reader.join().unwrap();
    });
}

#[test]
fn a_wake_reaches_both_directions_inside_the_driver() {
    model(3, || {
        let shared = conn();
        let (one, two) = (shared.clone(), shared.clone());
        let reader = thread::spawn(move || blocking(&one, 0));
        let writer = thread::spawn(move || blocking(&two, 1));
        close(&shared);
        reader.join().unwrap();
        writer.join().unwrap();
        assert_eq!(park::table().in_use(), 0);
    });
}

/// A device with one line: nobody may be inside with somebody else.
struct Serial {
    line: Line,
    inside: AtomicU32,
}

fn serial() -> &'static Serial {
    Box::leak(Box::new(Serial { line: Line::FREE, inside: AtomicU32::new(0) }))
}

impl Serial {
    fn call(&self) {
        assert_eq!(self.inside.fetch_add(1, Relaxed), 0);
        pause();
        self.inside.fetch_sub(1, Relaxed);
    }
}

/// Queues for the line, `slices` times; with `patience` off, gives up at the first interruption.
fn turns(device: &Serial, slices: u32, patience: bool) {
    let task = park::table().acquire().unwrap();
    let turn = device.line.turn(&task);
    for _ in 0..slices {
        loop {
            prepare(&task);
            match turn.take(Deadline::NONE) {
                Ok(()) => break,
                Err(_) if patience => {}
                Err(_) => return,
            }
        }
        assert!(turn.is_mine());
        device.call();
        turn.give_way();
    }
}

#[test]
fn the_line_is_handed_over_and_never_shared() {
    model(3, || {
        let device = serial();
        let a = thread::spawn(move || turns(device, 2, true));
        let b = thread::spawn(move || {
            if let Some(_short) = device.line.try_short() {
                device.call();
            }
        });
        turns(device, 2, true);
        a.join().unwrap();
        b.join().unwrap();
        assert!(device.line.try_short().is_some());
    });
}

#[test]
fn a_task_that_leaves_the_queue_does_not_keep_the_line() {
    model(3, || {
        let device = serial();
        let a = thread::spawn(move || turns(device, 1, false));
        let b = thread::spawn(move || {
            // Whoever has the first two places is woken for nothing.
            park::table().wake_mask(3, false);
        });
        turns(device, 1, true);
        a.join().unwrap();
        b.join().unwrap();
        assert!(device.line.try_short().is_some());
    });
}
