//! What the rest is built on when several tasks and interrupts meet: short critical sections
//! ([`cs`]), generational slots ([`pool`]), RTOS mutexes ([`lock`]), tasks that wait ([`park`]), and
//! turns on a device that takes one call at a time ([`line`]).

pub mod cs;
#[cfg(not(loom))]
pub(crate) mod hook;
#[cfg(not(loom))]
pub(crate) mod inside;
pub mod line;
#[cfg(not(loom))]
pub mod lock;
pub mod park;
pub mod pool;
#[cfg(not(loom))]
pub(crate) mod rendezvous;
#[cfg(not(loom))]
pub mod shared;
