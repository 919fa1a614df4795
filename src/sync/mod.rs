//! What the rest is built on when several tasks and interrupts meet: short critical sections
//! ([`cs`]), generational slots ([`pool`]), RTOS mutexes ([`lock`]), and tasks that wait ([`park`]).

pub mod cs;
#[cfg(not(loom))]
pub(crate) mod inside;
#[cfg(not(loom))]
pub mod lock;
pub mod park;
pub mod pool;
#[cfg(not(loom))]
pub(crate) mod rendezvous;
#[cfg(not(loom))]
pub mod shared;
