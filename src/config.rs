//! Build numbers (see `build.rs`): they flow one way, from Kconfig or the CMake cache through
//! `DUNLIN_*` variables to these constants, and are readable at run time by `dunlin_build_config`.

include!(concat!(env!("OUT_DIR"), "/config.rs"));
