//! What a static library needs of the image when it is the only Rust in it: the panic handler
//! (feature `rt`) and the critical section (feature `critical-section-port`), both over the port.

#[cfg(feature = "rt")]
mod panic {
    use core::ffi::c_char;
    use core::panic::PanicInfo;

    /// Bytes of a file name that reach the port: the end of a path says more than its beginning.
    const FILE_MAX: usize = 48;

    extern "C" {
        fn dunlin_port_panic(file: *const c_char, line: u32);
    }

    #[panic_handler]
    fn panic(info: &PanicInfo<'_>) -> ! {
        let mut file = [0u8; FILE_MAX];
        let mut line = 0;
        if let Some(at) = info.location() {
            line = at.line();
            let name = at.file().as_bytes();
            let skip = name.len().saturating_sub(FILE_MAX - 1);
            // The last byte stays NUL.
            for (to, from) in file.iter_mut().zip(name.iter().skip(skip).take(FILE_MAX - 1)) {
                *to = *from;
            }
        }
        // SAFETY: `file` is NUL-terminated and outlives the call, which does not come back.
        unsafe { dunlin_port_panic(file.as_ptr().cast(), line) };
        // A port that returns against its contract stops the task here.
        loop {
            core::hint::spin_loop();
        }
    }
}

#[cfg(feature = "critical-section-port")]
mod critical {
    use critical_section::{set_impl, Impl, RawRestoreState};

    extern "C" {
        fn dunlin_port_critical_enter() -> u32;
        fn dunlin_port_critical_exit(state: u32);
    }

    struct Port;
    set_impl!(Port);

    // SAFETY: port.h asks that enter and exit nest and exclude every other task and interrupt that
    // calls Dunlin; each release gets the state of its acquire.
    unsafe impl Impl for Port {
        unsafe fn acquire() -> RawRestoreState {
            // SAFETY: callable from anywhere, by port.h.
            unsafe { dunlin_port_critical_enter() }
        }

        unsafe fn release(state: RawRestoreState) {
            // SAFETY: `state` is the result of the matching enter.
            unsafe { dunlin_port_critical_exit(state) }
        }
    }
}
