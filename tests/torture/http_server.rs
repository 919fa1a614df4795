//! Two requests to an HTTP server over one connection.

use std::ffi::c_void;

use dunlin::error::Error;
use dunlin::ffi::http_exchange::*;
use dunlin::ffi::http_server::*;
use dunlin::http::server::route::{dunlin_http_exchange_t, dunlin_http_route};

use dunlin::time::Deadline;

use crate::rig::*;

const REQUESTS: &[u8] = b"POST /page HTTP/1.1\r\nHost: h\r\nContent-Length: 2000\r\n\r\n";
const SECOND: &[u8] = b"GET /page HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
const BODY: usize = 2000;

/// Reads the body and says how much it was.
unsafe extern "C" fn handler(_ctx: *mut c_void, x: dunlin_http_exchange_t) -> i32 {
    let mut total = 0;
    let mut buf = [0u8; 512];
    loop {
        // SAFETY: a buffer.
        let n = unsafe { dunlin_http_read(x, buf.as_mut_ptr().cast(), buf.len()) };
        match n {
            0 => break,
            n if n < 0 => return n as i32,
            n => total += n as u32,
        }
    }
    dunlin_http_write_u32(x, total)
}

pub fn config(routes: &[dunlin_http_route]) -> dunlin_http_server_config {
    // SAFETY: only numbers and pointers, for which 0 is the default.
    let mut config: dunlin_http_server_config = unsafe { std::mem::zeroed() };
    config.size = size_of::<dunlin_http_server_config>() as u32;
    config.routes = routes.as_ptr();
    config.route_count = routes.len() as u32;
    config.max_conns = 2;
    config
}

pub fn routes() -> [dunlin_http_route; 1] {
    let route = dunlin_http_route {
        pattern: c"/page".as_ptr(),
        handler: Some(handler),
        ctx: std::ptr::null_mut(),
        options: std::ptr::null(),
    };
    [route]
}

/// Serves until the visitor has gone; whether it got both answers.
fn visit(bench: &Bench, server: i32) -> Result<bool, Fail> {
    bench.device.leave();
    bench.device.visit(&[REQUESTS, &vec![b'b'; BODY], SECOND].concat());
    let end = bench.soon();
    loop {
        // With a deadline that has passed: what is ready now, and no wait for anything else.
        match dunlin_http_server_serve_until(server, Deadline::after_ms(2).0.min(end)) {
            code if code == Error::TIMEOUT.code() => {}
            code => return Err(Fail { call: "dunlin_http_server_serve_until", code }),
        }
        let got = bench.device.answered();
        let answers = got.windows(12).filter(|w| w == b"HTTP/1.1 200").count();
        if answers == 2 && got.ends_with(b"0") {
            return Ok(true);
        }
        if Deadline(end).is_past() || (bench.device.met() && !is_served(server)) {
            return Ok(false);
        }
    }
}

/// Has a connection still.
fn is_served(server: i32) -> bool {
    // SAFETY: only numbers.
    let mut stats: dunlin_http_server_stats = unsafe { std::mem::zeroed() };
    stats.size = size_of::<dunlin_http_server_stats>() as u32;
    // SAFETY: a whole struct.
    assert_eq!(unsafe { dunlin_http_server_stats(server, &mut stats) }, 0);
    stats.active > 0
}

fn run(bench: &Bench) -> Outcome {
    let routes = routes();
    // SAFETY: a whole struct; the routes stay until the server is closed.
    let server = ask("dunlin_http_server_new", unsafe { dunlin_http_server_new(&config(&routes)) })?;
    // SAFETY: a string.
    let listens =
        ask("dunlin_http_server_listen", unsafe { dunlin_http_server_listen(server, c":80".as_ptr()) });
    let mut done = listens.and_then(|_| visit(bench, server)).and_then(|answered| {
        // What a visitor sees of a fault is a connection that ends; no call of the server fails.
        let lost = Fail { call: "dunlin_conn_read", code: Error::CONN_RESET.code() };
        answered.then_some(()).ok_or(lost)
    });
    if listens.is_ok() && done.is_err() {
        bench.disarm();
        // The visitor that was not answered in time is answered now, or has gone.
        for _ in 0..2000 {
            if !is_served(server) {
                break;
            }
            dunlin_http_server_serve_until(server, Deadline::after_ms(2).0);
        }
        let next = visit(bench, server);
        assert!(matches!(next, Ok(true)), "the same server's next visitor after {done:?}: {next:?}");
    }
    let closed = ask("dunlin_http_server_close", dunlin_http_server_close(server));
    done = done.and(closed.map(|_| ()));
    done
}

#[test]
fn every_call_of_an_http_server_fails() {
    sweep(&Scenario { name: "http server", names: false, messages: false, run });
}
