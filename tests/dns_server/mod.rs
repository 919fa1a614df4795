//! A DNS server for tests: UDP and TCP on one port of the loopback, its replies made by a function.
#![allow(dead_code)] // each test uses a part

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

pub const CNAME: u16 = 5;
pub const PTR: u16 = 12;
pub const MX: u16 = 15;
pub const TXT: u16 = 16;
pub const SRV: u16 = 33;

/// One question.
#[derive(Clone)]
pub struct Asked {
    pub id: u16,
    /// On the wire.
    pub name: Vec<u8>,
    pub kind: u16,
    /// It told how long a datagram may be.
    pub sized: bool,
    /// It came by TCP.
    pub stream: bool,
    pub from: Option<SocketAddr>,
    pub socket: Option<Arc<UdpSocket>>,
}

pub struct Server {
    pub port: u16,
    /// Questions by UDP, and by TCP.
    pub asked: Arc<AtomicUsize>,
    pub streams: Arc<AtomicUsize>,
    /// Ids and source ports.
    pub seen: Arc<Mutex<Vec<(u16, u16)>>>,
    ended: Arc<AtomicBool>,
    threads: Vec<thread::JoinHandle<()>>,
}

pub fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
}

/// A name on the wire.
pub fn wire(name: &str) -> Vec<u8> {
    let mut out = vec![];
    for label in name.split('.').filter(|l| !l.is_empty()) {
        out.push(label.len() as u8);
        out.extend(label.as_bytes());
    }
    out.push(0);
    out
}

/// The question of a message.
pub fn read(msg: &[u8]) -> Option<Asked> {
    let id = u16::from_be_bytes([*msg.first()?, *msg.get(1)?]);
    let mut at = 12;
    while *msg.get(at)? != 0 {
        at += 1 + usize::from(msg[at]);
    }
    let name = msg[12..=at].to_vec();
    let kind = u16::from_be_bytes([*msg.get(at + 1)?, *msg.get(at + 2)?]);
    let sized = msg.get(11) == Some(&1);
    assert_eq!(msg.len(), at + 5 + if sized { 11 } else { 0 }, "the message ends with its question");
    Some(Asked { id, name, kind, sized, stream: false, from: None, socket: None })
}

fn message(q: &Asked, flags: u16, counts: [u16; 3], rest: &[u8]) -> Vec<u8> {
    let mut out = q.id.to_be_bytes().to_vec();
    for word in [flags, 1, counts[0], counts[1], counts[2]] {
        out.extend(word.to_be_bytes());
    }
    out.extend(&q.name);
    out.extend(q.kind.to_be_bytes());
    out.extend([0, 1]);
    out.extend(rest);
    out
}

fn record((owner, kind, ttl, data): &(&[u8], u16, u32, &[u8])) -> Vec<u8> {
    let mut out = owner.to_vec();
    out.extend(kind.to_be_bytes());
    out.extend([0, 1]);
    out.extend(ttl.to_be_bytes());
    out.extend((data.len() as u16).to_be_bytes());
    out.extend(*data);
    out
}

/// A reply with records: owner, type, seconds, data.
pub fn reply(q: &Asked, rcode: u8, records: &[(&[u8], u16, u32, &[u8])]) -> Vec<u8> {
    let body: Vec<u8> = records.iter().flat_map(record).collect();
    message(q, 0x8180 | u16::from(rcode), [records.len() as u16, 0, 0], &body)
}

/// A negative reply, to be kept for some seconds.
pub fn negative(q: &Asked, rcode: u8, seconds: u32) -> Vec<u8> {
    let mut data = vec![0, 0];
    for n in [1u32, 2, 3, 4, seconds] {
        data.extend(n.to_be_bytes());
    }
    let soa = record(&(&[0], 6, 3600, &data));
    message(q, 0x8180 | u16::from(rcode), [0, 1, 0], &soa)
}

/// A reply that says that it was cut.
pub fn truncated(q: &Asked) -> Vec<u8> {
    message(q, 0x8380, [0, 0, 0], &[])
}

impl Server {
    pub fn start(answer: impl Fn(&Asked) -> Vec<Vec<u8>> + Send + Sync + 'static) -> Server {
        Server::start_with(move |_, q| answer(q))
    }

    /// As `start`; the function gets the number of questions before too.
    pub fn start_with(answer: impl Fn(usize, &Asked) -> Vec<Vec<u8>> + Send + Sync + 'static) -> Server {
        let (udp, tcp) = loop {
            let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
            if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()) {
                break (Arc::new(udp), tcp);
            }
        };
        let port = tcp.local_addr().unwrap().port();
        let asked = Arc::new(AtomicUsize::new(0));
        let streams = Arc::new(AtomicUsize::new(0));
        let ended = Arc::new(AtomicBool::new(false));
        let seen = Arc::new(Mutex::new(vec![]));
        let answer = Arc::new(answer);
        udp.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let by_udp = {
            let (asked, ended, answer, seen) = (asked.clone(), ended.clone(), answer.clone(), seen.clone());
            thread::spawn(move || {
                let mut buf = [0; 2048];
                while !ended.load(SeqCst) {
                    let Ok((len, from)) = udp.recv_from(&mut buf) else { continue };
                    let Some(mut q) = read(&buf[..len]) else { continue };
                    q.from = Some(from);
                    q.socket = Some(udp.clone());
                    seen.lock().unwrap().push((q.id, from.port()));
                    let n = asked.fetch_add(1, SeqCst);
                    for reply in answer(n, &q) {
                        let _ = udp.send_to(&reply, from);
                    }
                }
            })
        };
        tcp.set_nonblocking(true).unwrap();
        let by_tcp = {
            let (streams, ended) = (streams.clone(), ended.clone());
            thread::spawn(move || {
                while !ended.load(SeqCst) {
                    let Ok((mut conn, _)) = tcp.accept() else {
                        thread::sleep(Duration::from_millis(5));
                        continue;
                    };
                    conn.set_nonblocking(false).unwrap();
                    conn.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
                    let mut len = [0; 2];
                    let mut msg = vec![];
                    if conn.read_exact(&mut len).is_ok() {
                        msg = vec![0; usize::from(u16::from_be_bytes(len))];
                        conn.read_exact(&mut msg).unwrap();
                    }
                    let Some(mut q) = read(&msg) else { continue };
                    q.stream = true;
                    let n = streams.fetch_add(1, SeqCst);
                    for reply in answer(n, &q) {
                        let _ = conn.write_all(&(reply.len() as u16).to_be_bytes());
                        let _ = conn.write_all(&reply);
                    }
                }
            })
        };
        Server { port, asked, streams, seen, ended, threads: vec![by_udp, by_tcp] }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ended.store(true, SeqCst);
        self.threads.drain(..).for_each(|t| t.join().unwrap());
    }
}
