//! Made by `cargo xtask abi`: the layout that C sees, asserted in every build.

/// The number for this target's pointer width.
#[allow(dead_code)]
const fn on(wide: usize, narrow: usize) -> usize {
    if cfg!(target_pointer_width = "64") {
        wide
    } else {
        narrow
    }
}
