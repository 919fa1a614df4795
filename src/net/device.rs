//! Devices coming and going, as far as listeners and connections are concerned.

use crate::error::Result;
use crate::handle::Handle;
use crate::net::conn::CONNS;
use crate::net::spread;
use crate::netdev::registry::{self, Dev};
use crate::netdev::table::Table;
use crate::time::Deadline;

/// Registers a device; wildcard listeners and packet connections open on it too.
pub fn register(name: &[u8], table: Table) -> Result<Dev> {
    let dev = registry::register(name, table)?;
    spread::kept().for_each(|kept| (kept.attach)(&dev));
    Ok(dev)
}

/// Takes a device away: its connections fail with `NET_DOWN`, its sockets are closed. Returns when no
/// call is inside the driver any more; `TIMEOUT` when one did not leave in time: the device is then
/// still registered, with its link down.
pub fn unregister(device: Handle, deadline: Deadline) -> Result<()> {
    registry::unregister(device, deadline, |table| {
        registry::leave(device);
        let mut close = |sock: i32| {
            // Nobody else is inside: the driver gets its sockets back before its context goes.
            let _ = table.close(sock);
        };
        spread::kept().for_each(|kept| (kept.detach)(device, &mut close));
        // Connections too that are closed but still held by a task.
        CONNS.each_item(|conn| {
            if conn.place().0 == device {
                let sock = conn.take_sock();
                if sock >= 0 {
                    close(sock);
                }
            }
        });
    })
}
