//! One root for each parser. The panic handler calls a function that nobody has: what can panic does not
//! link.
#![no_std]

use core::hint::black_box;
use core::panic::PanicInfo;
use core::slice::from_raw_parts_mut;

use critical_section::RawRestoreState;
use dunlin::http::body::BodyLimits;
use dunlin::http::chunked::ChunkedDecoder;
use dunlin::http::escaped::Escaped;
use dunlin::http::mux::{Mux, Record, Request};
use dunlin::http::pattern::Pattern;
use dunlin::http::target;
use dunlin::http::trailer::TrailerDecoder;
use dunlin::http::url::Url;
use dunlin::http::{
    parse_request, parse_response, parse_trailers, parse_version, Fields, HeadScanner, Limits, Method,
};
use dunlin::net::addr::{parse_ip, write_ip, Addr};
use dunlin::net::hostport::{join_host_port, parse_port, split_host_port, Transport};

extern "C" {
    fn a_parser_can_panic() -> !;
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    // SAFETY: never linked.
    unsafe { a_parser_can_panic() }
}

struct None;
critical_section::set_impl!(None);

// SAFETY: never run.
unsafe impl critical_section::Impl for None {
    unsafe fn acquire() -> RawRestoreState {
        0
    }

    unsafe fn release(_: RawRestoreState) {}
}

/// # Safety
/// `data` points to `len` bytes.
unsafe fn input<'a>(data: *mut u8, len: usize) -> &'a mut [u8] {
    // SAFETY: the callers' promise.
    unsafe { from_raw_parts_mut(data, len) }
}

/// Each takes any input of any length, and a number that nothing is known of.
macro_rules! roots {
    ($($name:ident = |$bytes:ident, $n:ident| $body:block)*) => {$(
        /// # Safety
        /// `data` points to `len` bytes.
        #[no_mangle]
        pub unsafe extern "C" fn $name(data: *mut u8, len: usize, $n: usize) {
            // SAFETY: the caller's promise.
            let $bytes = unsafe { input(data, len) };
            $body
        }
    )*};
}

fn limits(n: usize) -> Limits {
    Limits { head_len: n as u32, fields: (n >> 8) as u32 }
}

roots! {
    parse_scan = |bytes, n| {
        let mut scanner = HeadScanner::new(n as u32);
        let _ = black_box((scanner.scan(bytes), scanner.scan(bytes), dunlin::http::leading_blank(bytes)));
    }
    parse_a_request = |bytes, n| {
        let Ok(head) = parse_request(bytes, limits(n)) else { return };
        let _ = black_box((head.check(), head.wants_continue(), head.content_length()));
        head.fields(bytes).for_each(|field| { black_box(field); });
        head.trailer_names(bytes).for_each(|name| { black_box(name); });
        black_box(head.header(bytes).get(b"Host"));
        head.header(bytes).iter().for_each(|field| { black_box(field); });
    }
    parse_a_response = |bytes, n| {
        let method = if n & 1 == 0 { Method::Get } else { Method::Head };
        let Ok(head) = parse_response(bytes, method, limits(n)) else { return };
        black_box(head.reason(bytes));
        head.fields(bytes).for_each(|field| { black_box(field); });
        head.trailer_names(bytes).for_each(|name| { black_box(name); });
    }
    parse_a_version = |bytes, _n| { let _ = black_box(parse_version(bytes)); }
    parse_fields = |bytes, n| {
        let (name, lines) = bytes.split_at_checked(n).unwrap_or_default();
        black_box(Fields::new(lines).get(name));
        Fields::new(lines).elements(name).for_each(|element| { black_box(element); });
    }
    parse_trailer_section = |bytes, n| {
        let _ = black_box(parse_trailers(bytes, limits(n)));
        let mut decoder = TrailerDecoder::new(n as u16, (n >> 16) as u16);
        let _ = black_box((decoder.step(bytes), decoder.step(bytes), decoder.eof()));
    }
    parse_chunks = |bytes, n| {
        let mut decoder = ChunkedDecoder::new(n as u16);
        let _ = black_box((decoder.step(bytes, n), decoder.step(bytes, n), decoder.eof()));
    }
    parse_a_body = |bytes, n| {
        let framings = [dunlin::http::Framing::Chunked, dunlin::http::Framing::Length(n as u64)];
        for framing in framings {
            let mut body = framing.body(BodyLimits::DEVICE);
            body.set_cap(n as u64);
            let _ = black_box((body.step(bytes, n), body.step(bytes, n), body.eof(), body.remaining()));
        }
    }
    parse_a_url = |bytes, _n| {
        let Ok(url) = Url::parse(bytes) else { return };
        let _ = black_box((url.name(), url.port(), url.address(), url.host_field(), url.user()));
        url.write_target(&mut |b| { black_box(b); });
    }
    parse_a_target = |bytes, n| {
        let Ok(parts) = target::parse(bytes, n & 1 == 0) else { return };
        parts.write(bytes, &mut |b| { black_box(b); });
        dunlin::http::escaped::unescape(bytes).for_each(|b| { black_box(b); });
    }
    parse_a_pattern = |bytes, n| {
        let (pattern, path) = bytes.split_at_checked(n).unwrap_or_default();
        let Ok(pattern) = Pattern::parse(pattern) else { return };
        let path = dunlin::http::path::Path::new(path);
        black_box((pattern.matches_path(path), pattern.compare(&pattern), path.is_clean()));
        pattern.segments().for_each(|segment| { black_box(segment); });
    }
    parse_by_mux = |bytes, n| {
        let (method, rest) = bytes.split_at_checked(n & 15).unwrap_or_default();
        let (path, host) = rest.split_at_checked(n >> 4).unwrap_or_default();
        let request = Request { method, host, target_host: host, path, query: host };
        let mut records = core::array::from_fn::<Record, 4, _>(|_| Record::default());
        let mut location = [0; 64];
        if let Ok(mux) = Mux::build(&[method, path, host].as_slice(), &mut records) {
            let _ = black_box(mux.find(&request, &mut location));
            mux.allow(&request).for_each(|method| { black_box(method); });
        }
    }
    parse_escapes = |bytes, n| {
        let (text, room) = bytes.split_at_mut_checked(n).unwrap_or_default();
        let _ = black_box(Escaped(text).unescape(room));
    }
    parse_an_address = |bytes, n| {
        let (text, room) = bytes.split_at_mut_checked(n).unwrap_or_default();
        let Ok(ip) = parse_ip(text) else { return };
        let _ = black_box((write_ip(ip, room), Addr::new(ip, n as u16).write(room)));
    }
    parse_host_and_port = |bytes, n| {
        let (text, room) = bytes.split_at_mut_checked(n).unwrap_or_default();
        let Ok((host, port)) = split_host_port(text) else { return };
        let _ = black_box((join_host_port(host, port, room), parse_port(port, Transport::Tcp)));
    }
}

/// What the check must refuse, to show that it can.
///
/// # Safety
/// `data` points to `len` bytes.
#[no_mangle]
pub unsafe extern "C" fn can_panic(data: *mut u8, len: usize, n: usize) -> u8 {
    // SAFETY: the caller's promise.
    let bytes = unsafe { input(data, len) };
    bytes[n]
}
