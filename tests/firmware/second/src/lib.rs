//! Stands for another vendor's Rust library in the same image.
#![no_std]

use core::panic::PanicInfo;
use core::sync::atomic::{AtomicU32, Ordering};

use critical_section::{set_impl, Impl, RawRestoreState};

extern "C" {
    fn image_interrupts_off() -> u32;
    fn image_interrupts_restore(state: u32);
}

static SECTIONS: AtomicU32 = AtomicU32::new(0);

/// Critical sections entered so far.
#[no_mangle]
pub extern "C" fn second_sections() -> u32 {
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

/// The sum of `count` numbers.
///
/// # Safety
/// `values` points to `count` numbers.
#[no_mangle]
pub unsafe extern "C" fn second_sum(values: *const u32, count: u32) -> u32 {
    // SAFETY: by contract.
    let values = unsafe { core::slice::from_raw_parts(values, count as usize) };
    critical_section::with(|_| {
        let mut sum = 0u32;
        for value in values {
            // Panics on overflow, so that the panic handler is really used.
            sum = sum.checked_add(*value).unwrap();
        }
        sum
    })
}
