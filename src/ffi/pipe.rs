//! Header section "Pipes".

use super::arg;
use super::conn::dunlin_conn_t;
use crate::net::pipe;

/// dunlin_pipe makes two connections, each the other's peer (Go: `net.Pipe`): in memory,
/// unbuffered; a write waits for reads that take all of it. Everything a connection does works,
/// closing included; their addresses are empty.
///
/// Returns 0, `DUNLIN_ERR_NO_SLOT` (pipes or connections), `DUNLIN_ERR_INVALID` for NULL. Does not
/// block. Any task. Both ends are released by `dunlin_conn_close`.
#[no_mangle]
pub unsafe extern "C" fn dunlin_pipe(a: *mut dunlin_conn_t, b: *mut dunlin_conn_t) -> i32 {
    arg::status(|| {
        // SAFETY: places by the caller's word; the second is checked before anything is made.
        unsafe {
            let _ = (arg::place(a)?, arg::place(b)?);
        }
        let (first, second) = pipe::new()?;
        // SAFETY: as above.
        unsafe {
            arg::place(a)?.write(first.handle().0);
            arg::place(b)?.write(second.handle().0);
        }
        Ok(())
    })
}
