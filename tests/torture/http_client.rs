//! Two requests of an HTTP client, the second one over the connection that was kept.

use dunlin::ffi::http_client::*;

use crate::rig::*;

fn get(bench: &Bench, client: i32) -> Outcome {
    // SAFETY: only numbers and pointers, for which 0 is the default.
    let mut request: dunlin_http_request = unsafe { std::mem::zeroed() };
    request.size = size_of::<dunlin_http_request>() as u32;
    request.url = c"http://192.0.2.1/page".as_ptr();
    request.deadline = bench.soon();
    // SAFETY: a whole struct.
    let r = ask("dunlin_http_do", unsafe { dunlin_http_do(client, &request) })?;
    let done = read(bench, r);
    assert_eq!(dunlin_http_response_close(r), 0);
    done
}

fn read(bench: &Bench, r: i32) -> Outcome {
    assert_eq!(dunlin_http_response_status(r), 200);
    dunlin_http_response_set_deadline(r, bench.soon());
    let mut all = Vec::new();
    loop {
        let mut buf = [0u8; 8];
        // SAFETY: a buffer.
        let n = unsafe { dunlin_http_response_read(r, buf.as_mut_ptr().cast(), buf.len()) };
        match ask_size("dunlin_http_response_read", n)? {
            0 => break,
            n => all.extend_from_slice(&buf[..n]),
        }
    }
    assert_eq!(all, b"Hello, World!", "an end of the body, and not all had come");
    Ok(())
}

pub fn config() -> dunlin_http_client_config {
    // SAFETY: only numbers and pointers, for which 0 is the default.
    let mut config: dunlin_http_client_config = unsafe { std::mem::zeroed() };
    config.size = size_of::<dunlin_http_client_config>() as u32;
    config
}

fn run(bench: &Bench) -> Outcome {
    // SAFETY: a whole struct.
    let client = ask("dunlin_http_client_new", unsafe { dunlin_http_client_new(&config()) })?;
    let done = get(bench, client).and_then(|()| get(bench, client));
    if done.is_err() {
        bench.disarm();
        let next = get(bench, client);
        assert!(next.is_ok(), "with the same client after {done:?}: {next:?}");
    }
    assert_eq!(dunlin_http_client_close(client), 0);
    done
}

#[test]
fn every_call_of_an_http_client_fails() {
    sweep(&Scenario { name: "http client", names: false, messages: false, run });
}
