//! `net.Pipe`: a writer and a reader in tasks of their own, as in Go.

use crate::case::{Outcome, Run};
use dunlin::error::Error;
use dunlin::net::{conn, pipe, Limit};
use dunlin::runtime;
use dunlin::time::Deadline;
use dunlin_host as _;
use serde_json::{json, Value};
use std::sync::Once;
use std::thread;

pub fn find(name: &str) -> Option<Run> {
    match name {
        "net.Pipe" => Some(net_pipe),
        _ => None,
    }
}

/// The library, made ready once.
pub fn up() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        runtime::init(Box::leak(vec![0u8; 16 << 20].into_boxed_slice())).expect("the library starts");
    });
}

/// A pipe; the server gives the last one's end back a moment after ours.
pub fn fresh() -> Result<(conn::Conn, conn::Conn), String> {
    let until = Deadline::after_ms(10_000);
    loop {
        match pipe::new() {
            Ok(ends) => return Ok(ends),
            Err(_) if !until.is_past() => thread::yield_now(),
            Err(e) => return Err(format!("the server does not let go: {e:?}")),
        }
    }
}

fn soon() -> Limit<'static> {
    Limit::until(Deadline::after_ms(10_000))
}

fn text(error: Error) -> &'static str {
    error.text()
}

fn net_pipe(case: &Value) -> Outcome {
    up();
    let strings = |v: &Value| -> Vec<Vec<u8>> {
        let list = v.as_array().cloned().unwrap_or_default();
        list.iter().map(|s| s.as_str().unwrap_or("").chars().map(|c| c as u8).collect()).collect()
    };
    let writes = strings(&case["in"]["writes"]);
    let sizes: Vec<usize> = case["in"]["reads"]
        .as_array()
        .map(|l| l.iter().filter_map(Value::as_u64).map(|n| n as usize).collect())
        .unwrap_or_default();
    let Ok((a, b)) = pipe::new() else { return Outcome::Fail("no pipe".into()) };
    let writer = thread::spawn(move || {
        let mut results = Vec::new();
        for data in &writes {
            let mut n = 0;
            let done = a.write_counted(&[data], soon(), &mut n);
            results.push(json!({"n": n, "err": done.err().map_or("", text)}));
        }
        conn::end(a);
        results
    });
    let mut reads = Vec::new();
    for size in sizes {
        let mut buf = vec![0u8; size];
        let (data, err) = match b.read(&mut buf, soon()) {
            Ok(n) => (buf[..n].iter().map(|b| *b as char).collect::<String>(), ""),
            Err(e) => (String::new(), text(e)),
        };
        reads.push(json!({"data": data, "err": err}));
    }
    // What Go's reader left unread its writer never got rid of: end it from this side.
    conn::end(b);
    let Ok(writes) = writer.join() else { return Outcome::Fail("the writer stopped".into()) };
    let got = json!({"reads": reads, "writes": writes});
    if got == case["out"] {
        Outcome::Pass
    } else {
        Outcome::Fail(format!("{} gave {got}", case["in"]))
    }
}
