//! Stands for another vendor's Rust library in the same image.
#![no_std]

use core::panic::PanicInfo;

use critical_section::{set_impl, Impl, RawRestoreState};

struct OneCore;
set_impl!(OneCore);

// SAFETY: the images have one core and no interrupt that uses this.
unsafe impl Impl for OneCore {
    unsafe fn acquire() -> RawRestoreState {
        0
    }

    unsafe fn release(_: RawRestoreState) {}
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
