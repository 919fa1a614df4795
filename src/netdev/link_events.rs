//! Links that come and go, told to those who subscribed: in the task that does background work, without
//! locks, one event after another. No queue: what is remembered is what was told last.

use core::cell::Cell;

use crate::config::{MAX_NETDEVS, MAX_SUBSCRIPTIONS};
use crate::error::{Error, Result};
use crate::handle::{Handle, Kind};
use crate::netdev::link::AGAIN_MS;
use crate::netdev::link_ops::{DUNLIN_NETLINK_DOWN, DUNLIN_NETLINK_UP};
use crate::netdev::link_table::Subscriber;
use crate::netdev::netlink;
use crate::netdev::registry::{Dev, DEVICES};
use crate::port;
use crate::sync::cs::{self, Mutex};
use crate::sync::park;
use crate::sync::pool::{Pool, Slot};
use crate::time::Deadline;

/// Events that one task delivers before it goes on with its own affairs.
const EVENTS: u32 = 8;

/// What was told of a device.
struct Known {
    device: Cell<Handle>,
    up: Cell<bool>,
    epoch: Cell<u16>,
}

static KNOWN: [Mutex<Known>; MAX_NETDEVS] = [const {
    Mutex::new(Known { device: Cell::new(Handle::NONE), up: Cell::new(false), epoch: Cell::new(0) })
}; MAX_NETDEVS];

/// Who delivers events: they come one after another.
struct Delivery {
    /// The task, 0 is nobody.
    task: Cell<usize>,
    /// Another task had something to deliver meanwhile.
    again: Cell<bool>,
}

static DELIVERY: Mutex<Delivery> = Mutex::new(Delivery { task: Cell::new(0), again: Cell::new(false) });

/// Somebody who wants to know.
pub struct Subscription(Mutex<Cell<Option<Subscriber>>>);

/// All subscriptions.
pub static SUBSCRIPTIONS: Pool<Subscription, MAX_SUBSCRIPTIONS> = Pool::new();

impl Slot for Subscription {
    const KIND: Kind = Kind::Subscription;
    #[allow(clippy::declare_interior_mutable_const)]
    const EMPTY: Subscription = Subscription(Mutex::new(Cell::new(None)));

    fn finish(&self) {
        cs::with(|cs| self.0.borrow(cs).set(None));
    }
}

/// What is to be told next of a device. A link that fell and came back before anybody was told has
/// fallen all the same: its connections are gone. One that came up only briefly is not told of.
fn next_event(dev: &Dev) -> Option<u32> {
    let (own, up, epoch) = (dev.handle(), dev.is_up(), dev.epoch());
    let known = KNOWN.get(usize::from(dev.index()))?;
    cs::with(|cs| {
        let known = known.borrow(cs);
        if known.device.replace(own) != own {
            // It counted as up when it was registered.
            known.up.set(true);
            known.epoch.set(epoch);
        }
        let fell = known.up.get() && (known.epoch.get() != epoch || !up);
        known.epoch.set(epoch);
        if fell {
            known.up.set(false);
            return Some(DUNLIN_NETLINK_DOWN);
        }
        if up && !known.up.get() {
            known.up.set(true);
            return Some(DUNLIN_NETLINK_UP);
        }
        None
    })
}

/// Takes how a device is as told.
pub(super) fn know(dev: &Dev) {
    while next_event(dev).is_some() {}
}

/// Tells the subscribers what is new, unless another task does; false when there is more.
pub(super) fn deliver(handles: &[Handle]) -> bool {
    let me = port::task_id();
    let mine = cs::with(|cs| {
        let delivery = DELIVERY.borrow(cs);
        let free = delivery.task.get() == 0;
        if free {
            delivery.task.set(me);
        }
        delivery.again.set(!free);
        free
    });
    if !mine {
        return true;
    }
    let mut left = EVENTS;
    loop {
        let before = left;
        for handle in handles {
            let Some(event) = DEVICES.enter(*handle).ok().and_then(|dev| next_event(&dev)) else { continue };
            left = left.saturating_sub(1);
            SUBSCRIPTIONS.each(|s| {
                if let Some(subscriber) = cs::with(|cs| s.0.borrow(cs).get()) {
                    subscriber.call(handle.0, event);
                }
            });
        }
        // Nothing new in a whole round, and nobody came meanwhile: given up in the same step.
        let done = cs::with(|cs| {
            let delivery = DELIVERY.borrow(cs);
            let done = left == 0 || (before == left && !delivery.again.replace(false));
            if done {
                delivery.task.set(0);
            }
            done
        });
        if done {
            return left > 0;
        }
    }
}

/// Has `subscriber` called with every event from now on.
pub fn subscribe(subscriber: Subscriber) -> Result<Handle> {
    netlink::enable();
    // What happened before is not told.
    if SUBSCRIPTIONS.in_use() == 0 {
        DEVICES.each(know);
    }
    cs::with(|cs| {
        let subscription = SUBSCRIPTIONS.claim()?;
        subscription.0.borrow(cs).set(Some(subscriber));
        Ok(subscription.handle())
    })
}

/// Ends a subscription; when it returns, its callback is not inside and not called any more. From inside
/// the callback it does not wait. `TIMEOUT` when the callback did not come back by `deadline`: then the
/// subscription stands.
pub fn unsubscribe(handle: Handle, deadline: Deadline) -> Result<()> {
    let task = park::table().acquire()?;
    let subscription = SUBSCRIPTIONS.close(handle)?;
    let own = cs::with(|cs| DELIVERY.borrow(cs).task.get()) == port::task_id();
    while !own && subscription.in_flight() > 1 {
        if deadline.is_past() {
            subscription.reopen();
            return Err(Error::TIMEOUT);
        }
        cs::with(|cs| task.prepare(cs));
        task.wait(Deadline::after_ms(AGAIN_MS).earliest(deadline));
    }
    Ok(())
}
