//! The image's own Rust: Dunlin as a dependency, with the panic handler and the critical section here.
#![no_std]

use core::panic::PanicInfo;
use core::sync::atomic::{AtomicU32, Ordering};

use critical_section::{set_impl, Impl, RawRestoreState};
// Named, so that its functions for C are linked.
use dunlin as _;

extern "C" {
    fn image_interrupts_off() -> u32;
    fn image_interrupts_restore(state: u32);
}

static SECTIONS: AtomicU32 = AtomicU32::new(0);

/// Critical sections entered so far.
#[no_mangle]
pub extern "C" fn own_sections() -> u32 {
    SECTIONS.load(Ordering::Relaxed)
}

struct OneCore;
set_impl!(OneCore);

// SAFETY: the images have one core.
unsafe impl Impl for OneCore {
    unsafe fn acquire() -> RawRestoreState {
        // SAFETY: callable from anywhere.
        let state = unsafe { image_interrupts_off() };
        SECTIONS.store(SECTIONS.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
        state
    }

    unsafe fn release(state: RawRestoreState) {
        // SAFETY: `state` is what the matching call gave.
        unsafe { image_interrupts_restore(state) };
    }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}
