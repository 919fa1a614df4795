//! Header section "Lookups".

use core::ffi::{c_char, c_void};

use super::arg;
use super::cancel::dunlin_cancel_t;
use super::netdev::dunlin_netdev_t;
use super::str::dunlin_str;
use crate::config::{MAX_ADDRS, MAX_HOST};
use crate::error::{Error, Result};
use crate::handle::Handle;
use crate::net::cancel::{self, Cancel};
use crate::net::conn::Limit;
use crate::net::dns::message::{Kind, Record};
use crate::net::dns::name::{self, Labels, Name};
use crate::net::lookup;
use crate::netdev::registry::{self, Dev, DEVICES, NAME_LEN};
use crate::netdev::table::{dunlin_addr, DUNLIN_CAP_UDP};
use crate::time::Deadline;

/// How to look something up (Go: `Resolver`). Set up with `DUNLIN_LOOKUP_CONFIG_INIT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_lookup_config {
    /// `sizeof(struct dunlin_lookup_config)`.
    pub size: u32,
    /// For all tries together; 0 is 30 seconds.
    pub timeout_ms: i32,
    /// The latest end, besides the time-out; 0 is none.
    pub deadline: i64,
    /// The name of the device to ask through. NULL: the route decides.
    pub device: *const c_char,
    /// Ends the lookup; 0 is none.
    pub cancel: dunlin_cancel_t,
    /// Zero.
    pub reserved: u32,
}

// SAFETY: repr(C), begins with its size, has only numbers and pointers.
unsafe impl arg::Sized for dunlin_lookup_config {}

/// A mail server (Go: `MX`). Frozen: its layout never changes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_mx {
    /// Its name with the last dot, NUL-terminated in the caller's buffer; `ptr` NULL: no room was left.
    pub host: dunlin_str,
    /// The smaller, the earlier it is to be tried.
    pub pref: u32,
    /// Zero.
    pub reserved: u32,
}

/// A server of a service (Go: `SRV`). Frozen: its layout never changes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_srv {
    /// Its name with the last dot, NUL-terminated in the caller's buffer; `ptr` NULL: no room was left.
    pub target: dunlin_str,
    /// In the host's byte order.
    pub port: u16,
    /// The smaller, the earlier it is to be tried.
    pub priority: u16,
    /// Among those of one priority, how often it goes first.
    pub weight: u16,
    /// Zero.
    pub reserved: u16,
}

const TIMEOUT_MS: i32 = 30_000;
/// The longest name that is looked at: a service's too.
const NAME_MAX: usize = MAX_HOST + 1;

/// What a call says about its lookup.
struct How {
    device: Dev,
    token: Option<Cancel>,
    deadline: Deadline,
}

impl How {
    /// # Safety
    /// A struct or NULL.
    unsafe fn take(config: *const dunlin_lookup_config, caps: u32) -> Result<How> {
        // SAFETY: a struct and a string by the caller's word.
        let (config, device) = unsafe {
            let config = arg::take_or_default(config)?;
            (config, arg::optional(config.device, NAME_LEN)?)
        };
        if config.reserved != 0 {
            return Err(Error::VERSION);
        }
        let token = cancel::enter(Handle(config.cancel))?;
        let timeout = Deadline::of_timeout(config.timeout_ms, TIMEOUT_MS);
        let device = match device {
            Some(name) => registry::by_name(name)?,
            None => registry::route_with(None, caps)?,
        };
        Ok(How { device, token, deadline: timeout.earliest(Deadline(config.deadline)) })
    }

    fn limit(&self) -> Limit<'_> {
        Limit { deadline: self.deadline, cancel: self.token.as_deref() }
    }
}

/// The caller's buffer, filled with NUL-terminated texts.
struct Room<'a>(&'a mut [u8]);

impl Room<'_> {
    /// # Safety
    /// A buffer.
    unsafe fn take<'a>(buf: *mut c_char, len: usize) -> Result<Room<'a>> {
        // SAFETY: the caller's promise.
        unsafe { arg::output(buf.cast::<c_void>(), len) }.map(Room)
    }

    /// A text that `write` writes; none when there is no room.
    fn put(&mut self, write: impl FnOnce(&mut [u8]) -> Result<usize>) -> dunlin_str {
        let room = core::mem::take(&mut self.0);
        let text = match write(room) {
            // Its NUL needs room too.
            Ok(len) if len < room.len() => len,
            _ => {
                self.0 = room;
                return dunlin_str::NONE;
            }
        };
        let Some((text, behind)) = room.split_at_mut_checked(text) else { return dunlin_str::NONE };
        if let Some((nul, rest)) = behind.split_first_mut() {
            *nul = 0;
            self.0 = rest;
        }
        dunlin_str::of(text)
    }

    fn put_name(&mut self, labels: Labels<'_>) -> dunlin_str {
        self.put(|room| name::write(labels, room))
    }

    /// The strings of a record as one text, as Go joins them.
    fn put_strings(&mut self, record: &Record<'_>) -> dunlin_str {
        self.put(|room| {
            let mut out = crate::text::Text::new(room);
            record.strings().flatten().try_for_each(|s| out.put(s))?;
            Ok(out.len())
        })
    }
}

/// dunlin_lookup_host finds the addresses of a name (Go: `Resolver.LookupHost`), of a family
/// (`DUNLIN_AF_INET`, `DUNLIN_AF_INET6`) or of both (0), in the order in which they are worth a
/// try; their port is 0. An address in text is its own; "localhost" and names below it are the
/// loopback. The device is asked where it can do it, otherwise DNS through it, with the servers of
/// `dunlin_netdev_set_dns_servers`; names below ".local" by multicast. What was found by DNS is
/// kept for as long as its servers say.
///
/// Returns how many addresses there are, 1 or more: the first `capacity` of them are stored, some of
/// each family. Or `DUNLIN_ERR_NO_SUCH_HOST`, `DUNLIN_ERR_NAME_SERVER` (the servers fail or refuse),
/// `DUNLIN_ERR_NO_NAME_SERVER`, `DUNLIN_ERR_TIMEOUT`, `DUNLIN_ERR_CANCELED`, `DUNLIN_ERR_NET_DOWN`,
/// `DUNLIN_ERR_ENTROPY` (the port has no random source), `DUNLIN_ERR_NOT_SUPPORTED` (the device has
/// neither names nor UDP), `DUNLIN_ERR_NO_NETDEV`, `DUNLIN_ERR_NO_DEVICE`,
/// `DUNLIN_ERR_NAME_TOO_LONG`, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_VERSION`, or the driver's. Blocks.
/// Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_lookup_host(
    config: *const dunlin_lookup_config,
    name: *const c_char,
    family: u32,
    addrs: *mut dunlin_addr,
    capacity: u32,
) -> i32 {
    arg::number(|| {
        // SAFETY: a struct, a string and room for addresses by the caller's word.
        let (name, addrs, how) = unsafe {
            let name = arg::text(name, NAME_MAX)?;
            (name, arg::list_mut(addrs, capacity as usize)?, How::take(config, 0)?)
        };
        if !lookup::is_family(family) {
            return Err(Error::INVALID);
        }
        lookup::enable()?;
        let family = family as u16;
        if addrs.len() >= MAX_ADDRS {
            return lookup::host(&how.device, family, name, addrs, how.limit());
        }
        // With more room, so that a device tells of more than fit.
        let mut found = [dunlin_addr::NONE; MAX_ADDRS];
        let count = lookup::host(&how.device, family, name, &mut found, how.limit())?;
        addrs.iter_mut().zip(found).take(count).for_each(|(to, from)| *to = from);
        Ok(count)
    })
}

/// dunlin_lookup_port finds the port of a service, "https", or of a number in text (Go:
/// `Resolver.LookupPort`). `network` is "tcp", "udp" and the like; "ip" or "" takes either's.
///
/// Returns the port, or `DUNLIN_ERR_UNKNOWN_NETWORK`, `DUNLIN_ERR_INVALID_PORT`,
/// `DUNLIN_ERR_NAME_TOO_LONG`, `DUNLIN_ERR_INVALID` for NULL. Does not block. Any task, before
/// `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_lookup_port(network: *const c_char, service: *const c_char) -> i32 {
    arg::length(|| {
        // SAFETY: strings by the caller's word.
        let (network, service) =
            unsafe { (arg::text(network, arg::WORD_MAX)?, arg::text(service, arg::WORD_MAX)?) };
        lookup::port(network, service).map(usize::from)
    })
}

/// dunlin_lookup_cname finds the name that `name` stands for in the end, with its last dot (Go:
/// `Resolver.LookupCNAME`); a name that is no alias stands for itself. It must have an address.
/// Always by DNS. 256 bytes are enough.
///
/// Returns its length without the NUL, or `DUNLIN_ERR_BUFFER_TOO_SMALL`, or the errors of
/// `dunlin_lookup_host`. Blocks. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_lookup_cname(
    config: *const dunlin_lookup_config,
    name: *const c_char,
    buf: *mut c_char,
    capacity: usize,
) -> i32 {
    arg::number(|| {
        // SAFETY: a struct, a string and a buffer by the caller's word.
        unsafe {
            let name = arg::text(name, NAME_MAX)?;
            let how = How::take(config, DUNLIN_CAP_UDP)?;
            arg::give_text(buf, capacity, |room| {
                lookup::canonical(&how.device, &Name::parse(name)?, room, how.limit())
            })
        }
    })
}

/// dunlin_lookup_addr finds the names of an address, with their last dots (Go:
/// `Resolver.LookupAddr`). They are stored NUL-terminated in `buf`, `names` are views of them; one
/// for which no room was left has NULL as its `ptr`. Always by DNS.
///
/// Returns how many there are, 1 or more: the first `capacity` of them are stored. Or
/// `DUNLIN_ERR_INVALID_ADDRESS`, or the errors of `dunlin_lookup_host`. Blocks. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_lookup_addr(
    config: *const dunlin_lookup_config,
    addr: *const dunlin_addr,
    buf: *mut c_char,
    len: usize,
    names: *mut dunlin_str,
    capacity: u32,
) -> i32 {
    arg::number(|| {
        // SAFETY: structs and room by the caller's word.
        let (addr, mut room, names, how) = unsafe {
            let (addr, room) = (arg::one(addr)?, Room::take(buf, len)?);
            (addr, room, arg::list_mut(names, capacity as usize)?, How::take(config, DUNLIN_CAP_UDP)?)
        };
        let mut places = names.iter_mut();
        let name = lookup::reverse_name(&addr)?;
        lookup::each(&how.device, &name, Kind::Ptr, how.limit(), &mut |record| {
            if let Some(place) = places.next() {
                *place = room.put_name(record.name());
            }
        })
    })
}

/// dunlin_lookup_txt finds the texts of a name (Go: `Resolver.LookupTXT`). They may hold any bytes.
/// They are stored in `buf`, each with a NUL behind it, and `texts` are views of them; one for which
/// no room was left has NULL as its `ptr`. Always by DNS.
///
/// Returns how many there are, 1 or more: the first `capacity` of them are stored. Or the errors of
/// `dunlin_lookup_host`. Blocks. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_lookup_txt(
    config: *const dunlin_lookup_config,
    name: *const c_char,
    buf: *mut c_char,
    len: usize,
    texts: *mut dunlin_str,
    capacity: u32,
) -> i32 {
    arg::number(|| {
        // SAFETY: a struct, a string and room by the caller's word.
        let (name, mut room, texts, how) = unsafe {
            let (name, room) = (arg::text(name, NAME_MAX)?, Room::take(buf, len)?);
            (name, room, arg::list_mut(texts, capacity as usize)?, How::take(config, DUNLIN_CAP_UDP)?)
        };
        let mut places = texts.iter_mut();
        lookup::each(&how.device, &Name::parse(name)?, Kind::Txt, how.limit(), &mut |record| {
            if let Some(place) = places.next() {
                *place = room.put_strings(record);
            }
        })
    })
}

/// dunlin_lookup_mx finds the mail servers of a name, in the order in which they are to be tried
/// (Go: `Resolver.LookupMX`). Their names are stored NUL-terminated in `buf`. Always by DNS.
///
/// Returns how many there are, 1 or more: the first `capacity` of them are stored, 32 at most. Or
/// the errors of `dunlin_lookup_host`. Blocks. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_lookup_mx(
    config: *const dunlin_lookup_config,
    name: *const c_char,
    buf: *mut c_char,
    len: usize,
    servers: *mut dunlin_mx,
    capacity: u32,
) -> i32 {
    arg::number(|| {
        // SAFETY: a struct, a string and room by the caller's word.
        let (name, mut room, servers, how) = unsafe {
            let (name, room) = (arg::text(name, NAME_MAX)?, Room::take(buf, len)?);
            (name, room, arg::list_mut(servers, capacity as usize)?, How::take(config, DUNLIN_CAP_UDP)?)
        };
        let mut places = servers.iter_mut();
        let name = Name::parse(name)?;
        lookup::each_by_priority(&how.device, &name, Kind::Mx, how.limit(), &mut |record| {
            if let Some(place) = places.next() {
                let host = room.put_name(record.name());
                *place = dunlin_mx { host, pref: record.number(0).into(), reserved: 0 };
            }
        })
    })
}

/// dunlin_lookup_srv finds the servers of a service of a name, in the order in which they are to be
/// tried, among those of one priority at random by their weight (Go: `Resolver.LookupSRV`). What
/// is asked for is "_service._proto.name", or `name` itself when `service` and `proto` are both
/// empty. The names of the servers are stored NUL-terminated in `buf`. Always by DNS.
///
/// Returns how many there are, 1 or more: the first `capacity` of them are stored, 32 at most. Or
/// the errors of `dunlin_lookup_host`. Blocks. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_lookup_srv(
    config: *const dunlin_lookup_config,
    service: *const c_char,
    proto: *const c_char,
    name: *const c_char,
    buf: *mut c_char,
    len: usize,
    servers: *mut dunlin_srv,
    capacity: u32,
) -> i32 {
    arg::number(|| {
        // SAFETY: a struct, strings and room by the caller's word.
        let (service, proto, name, mut room, servers, how) = unsafe {
            let (service, proto) = (arg::text(service, 63)?, arg::text(proto, 63)?);
            let (name, room) = (arg::text(name, NAME_MAX)?, Room::take(buf, len)?);
            let servers = arg::list_mut(servers, capacity as usize)?;
            (service, proto, name, room, servers, How::take(config, DUNLIN_CAP_UDP)?)
        };
        let name = service_name(service, proto, name)?;
        let mut places = servers.iter_mut();
        lookup::each_by_priority(&how.device, &name, Kind::Srv, how.limit(), &mut |record| {
            if let Some(place) = places.next() {
                let target = room.put_name(record.name());
                let (priority, weight, port) = (record.number(0), record.number(1), record.number(2));
                *place = dunlin_srv { target, port, priority, weight, reserved: 0 };
            }
        })
    })
}

fn service_name(service: &[u8], proto: &[u8], name: &[u8]) -> Result<Name> {
    if service.is_empty() && proto.is_empty() {
        return Name::parse(name);
    }
    let mut buf = [0u8; name::TEXT_MAX];
    let mut text = crate::text::Text::new(&mut buf);
    let all = [b"_", service, b"._", proto, b".", name];
    all.iter().try_for_each(|part| text.put(part)).map_err(|_| Error::NO_SUCH_HOST)?;
    Name::parse(text.bytes())
}

/// dunlin_netdev_set_dns_servers says which DNS servers are asked through the device, in this order;
/// none (NULL with 0) takes them away. Port 0 is 53. What was found through the device before is
/// forgotten. They stay until the device is unregistered; a device that finds names itself needs
/// them for other records only.
///
/// A program carries the DNS client when it calls this, or a function that looks up: without, a dial of
/// a name that the device cannot find itself is `DUNLIN_ERR_NO_NAME_SERVER`. For names below ".local"
/// alone call it with none.
///
/// Returns 0, `DUNLIN_ERR_INVALID_ADDRESS`, `DUNLIN_ERR_NO_SLOT` (more than 3),
/// `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_netdev_set_dns_servers(
    dev: dunlin_netdev_t,
    addrs: *const dunlin_addr,
    count: u32,
) -> i32 {
    arg::status(|| {
        // SAFETY: addresses by the caller's word.
        let addrs = unsafe { arg::list(addrs, count as usize) }?;
        lookup::set_servers(&DEVICES.enter(Handle(dev))?, addrs)
    })
}
