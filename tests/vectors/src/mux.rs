//! Checks of the functions of this group.

use crate::case::Run;

/// The check for a function name of this group.
pub fn find(_name: &str) -> Option<Run> {
    None
}
