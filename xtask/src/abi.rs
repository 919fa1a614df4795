use std::path::Path;
pub fn run(_root: &Path, _check: bool) -> Result<(), String> {
    Err("not yet".into())
}
