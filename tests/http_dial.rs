//! What ends an HTTP request while its connection is still dialed.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)] // helpers of tests fail by panicking

mod common;

use std::thread;
use std::time::{Duration, Instant};

use common::*;
use dunlin::error::Error;
use dunlin::handle::Handle;
use dunlin::http::client::{self, Config, Stage};
use dunlin::http::outgoing::Request;
use dunlin::net::cancel;
use dunlin::runtime;

/// A name that is never found and an address that never answers, by the device in `common`.
const URLS: [&[u8]; 2] = [b"http://slow/", b"http://10.0.0.9/"];

/// Runs a request that `end` is to end; how it ended, and how soon after.
fn ended(url: &[u8], own_token: bool, end: impl Fn(Handle, Handle)) -> (Error, Duration, Stage) {
    let c = client::new(&Config::DEFAULT).unwrap();
    let token = if own_token { cancel::new().unwrap() } else { Handle::NONE };
    let result = thread::scope(|s| {
        let request = s.spawn(|| {
            let sent = client::send(c, &mut Request { cancel: token, ..Request::get(url) });
            (sent.unwrap_err(), Instant::now())
        });
        thread::sleep(Duration::from_millis(50));
        let began = Instant::now();
        end(c, token);
        let (error, at) = request.join().unwrap();
        (error, at.saturating_duration_since(began))
    });
    let stage = client::failure(c).map_or(Stage::None, |f| f.stage);
    let _ = client::close(c);
    let _ = cancel::close(token);
    (result.0, result.1, stage)
}

#[test]
fn closing_the_client_ends_a_dial_under_any_token() {
    let _alone = alone();
    for can in [POLL, NOTIFY, NO_WAKE] {
        let before = runtime::usage();
        let d = Device::new("dial0", can);
        d.register();
        for url in URLS {
            for own_token in [false, true] {
                let (error, took, _) = ended(url, own_token, |c, _| client::close(c).unwrap());
                let what = format!("{can:?} {} {own_token}", String::from_utf8_lossy(url));
                assert_eq!(error, Error::CLOSED, "{what}");
                assert!(took < Duration::from_secs(2), "{what}: {took:?}");
            }
        }
        d.unregister();
        let mut after = runtime::usage();
        after.arena.peak = before.arena.peak;
        assert_eq!(after, before, "{can:?}");
    }
}

#[test]
fn canceling_or_closing_the_token_ends_a_dial() {
    let _alone = alone();
    let d = Device::new("dial0", POLL);
    d.register();
    for url in URLS {
        for whole in [false, true] {
            let (error, took, stage) = ended(url, true, |_, token| {
                if whole {
                    cancel::close(token).unwrap();
                } else {
                    cancel::cancel(token).unwrap();
                }
            });
            assert_eq!((error, stage), (Error::CANCELED, Stage::Dial));
            assert!(took < Duration::from_secs(2), "{took:?}");
        }
    }
    d.unregister();
}
