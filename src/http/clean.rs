//! The shortest path that names the same thing (Go: `path.Clean`).

use crate::error::Result;
use crate::text::Text;

/// Writes `path` without empty segments, `.`, and `..` where there is something to go back from; `.`
/// for nothing. `BUFFER_TOO_SMALL`: the result is never longer than the path, or one byte.
pub fn clean(path: &[u8], out: &mut Text<'_>) -> Result<()> {
    let start = out.len();
    let rooted = path.starts_with(b"/");
    if rooted {
        out.push(b'/')?;
    }
    // Nothing may go back past this: the root, or segments that go up from an unknown place.
    let mut floor = out.len();
    for segment in path.split(|b| *b == b'/') {
        match segment {
            b"" | b"." => {}
            b".." if out.len() > floor => {
                let written = out.bytes().get(floor..).unwrap_or(&[]);
                let back = written.iter().rposition(|b| *b == b'/').unwrap_or(0);
                out.truncate(floor + back);
            }
            b".." if rooted => {}
            _ => {
                if out.len() > start + usize::from(rooted) {
                    out.push(b'/')?;
                }
                out.put(segment)?;
                if segment == b".." {
                    floor = out.len();
                }
            }
        }
    }
    if out.len() == start {
        out.push(b'.')?;
    }
    Ok(())
}
