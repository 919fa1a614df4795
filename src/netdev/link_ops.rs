//! What a driver says of its link and its interfaces: the table beside `struct dunlin_netdev_ops`, and
//! the structs that go through it. These cross the ABI; [`super::link_table`] calls them.
#![allow(unsafe_code)]
#![allow(non_camel_case_types)]

use core::ffi::{c_char, c_void};

use crate::netdev::ops::dunlin_addr;

/// The device's network is usable: connected, and with an address.
pub const DUNLIN_NETLINK_UP: u32 = 1;
/// The device's network is gone.
pub const DUNLIN_NETLINK_DOWN: u32 = 2;

/// Join a network (TinyGo: `ConnectModeSTA`, the default).
pub const DUNLIN_CONNECT_STATION: u32 = 0;
/// Be an access point that others join (TinyGo: `ConnectModeAP`).
pub const DUNLIN_CONNECT_ACCESS_POINT: u32 = 1;

/// WPA2 (TinyGo: `AuthTypeWPA2`, the default).
pub const DUNLIN_AUTH_WPA2: u32 = 0;
/// None: anybody may listen (TinyGo: `AuthTypeOpen`).
pub const DUNLIN_AUTH_OPEN: u32 = 1;
/// WPA, which is broken (TinyGo: `AuthTypeWPA`).
pub const DUNLIN_AUTH_WPA: u32 = 2;
/// WPA2, or WPA if that is all there is (TinyGo: `AuthTypeWPA2Mixed`).
pub const DUNLIN_AUTH_WPA2_MIXED: u32 = 3;
/// WPA3.
pub const DUNLIN_AUTH_WPA3: u32 = 4;
/// WPA3, or WPA2 if that is all there is.
pub const DUNLIN_AUTH_WPA3_MIXED: u32 = 5;

/// The longest name of an interface, its NUL included.
pub const DUNLIN_INTERFACE_NAME_MAX: usize = 16;
/// The longest hardware address (InfiniBand's).
pub const DUNLIN_HARDWARE_ADDR_MAX: usize = 20;

/// A fixed address, for networks without DHCP. Set up with `DUNLIN_IP_CONFIG_INIT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_ip_config {
    /// `sizeof(struct dunlin_ip_config)`.
    pub size: u32,
    /// Leading bits of `addr` that are the network's.
    pub prefix_len: u32,
    /// The device's own address.
    pub addr: dunlin_addr,
    /// The router; family 0 is none.
    pub gateway: dunlin_addr,
    /// Name servers; family 0 is none.
    pub dns: [dunlin_addr; 2],
}

/// How to connect a device to its network (TinyGo: `netlink.ConnectParams`). Set up with
/// `DUNLIN_CONNECT_PARAMS_INIT`. A device takes the fields that it knows. The struct is copied; what
/// its pointers point to must stay until `dunlin_netlink_disconnect` or `dunlin_netdev_unregister` has
/// returned, as reconnecting needs it again.
///
/// A Wi-Fi station: `.ssid = "home", .passphrase = "correct horse", .country = "CH",
/// .watchdog_ms = 30000`. A modem: `.apn = "iot.example", .pin = "0000", .connect_timeout_ms = 90000`.
/// Ethernet with a fixed address: `.ip = &config`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_connect_params {
    /// `sizeof(struct dunlin_connect_params)`.
    pub size: u32,
    /// `DUNLIN_CONNECT_…`.
    pub mode: u32,
    /// Wi-Fi: the network's name, 1 to 32 bytes; NULL for what is not Wi-Fi.
    pub ssid: *const c_char,
    /// Wi-Fi: 8 to 63 characters, or 64 hexadecimal digits, unless `auth` is `DUNLIN_AUTH_OPEN`. A
    /// modem: the password of `user`.
    pub passphrase: *const c_char,
    /// Wi-Fi: `DUNLIN_AUTH_…`.
    pub auth: u32,
    /// Attempts in a row before the device gives up, 0 is no end.
    pub retries: u32,
    /// Wi-Fi: the country as two letters, whose rules the radio keeps. NULL: world-wide.
    pub country: *const c_char,
    /// The name the device tells the network's DHCP server, up to 63 bytes; NULL is none.
    pub hostname: *const c_char,
    /// Milliseconds of each attempt, the address included; 0 is 10 seconds.
    pub connect_timeout_ms: i32,
    /// Milliseconds between two looks at the device while it is up: one that does not answer, has lost
    /// its network without telling or has no address any more is connected anew. 0 is never.
    pub watchdog_ms: i32,
    /// A fixed address; NULL asks the network (DHCP).
    pub ip: *const dunlin_ip_config,
    /// A modem: the access point's name, up to 100 bytes.
    pub apn: *const c_char,
    /// A modem: the user at the access point, up to 64 bytes.
    pub user: *const c_char,
    /// A modem: the SIM's PIN, up to 8 digits.
    pub pin: *const c_char,
}

// SAFETY: the pointers are to what the application keeps for as long as they are used; it is only read.
unsafe impl Send for dunlin_connect_params {}

/// A network interface (Go: `net.Interface`). Frozen: its layout never changes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_interface {
    /// NUL-terminated; also the zone of link-local IPv6 addresses ("fe80::1%eth0").
    pub name: [c_char; DUNLIN_INTERFACE_NAME_MAX],
    /// ≥ 1; also the `scope_id` of such addresses.
    pub index: u32,
    /// `DUNLIN_INTERFACE_…`.
    pub flags: u32,
    /// The most bytes of a packet, 0 if not known.
    pub mtu: u32,
    /// The device it belongs to (`dunlin_netdev_t`).
    pub device: i32,
    /// Bytes of `hardware_addr`, 0 if it has none.
    pub hardware_addr_len: u32,
    /// The hardware (MAC) address.
    pub hardware_addr: [u8; DUNLIN_HARDWARE_ADDR_MAX],
    /// NULL.
    pub options: *const c_void,
}

impl dunlin_interface {
    /// No interface.
    pub const fn none() -> dunlin_interface {
        dunlin_interface {
            name: [0; DUNLIN_INTERFACE_NAME_MAX],
            index: 0,
            flags: 0,
            mtu: 0,
            device: 0,
            hardware_addr_len: 0,
            hardware_addr: [0; DUNLIN_HARDWARE_ADDR_MAX],
            options: core::ptr::null(),
        }
    }

    /// The name without its NUL.
    pub fn name(&self) -> &[u8] {
        let len = self.name.iter().position(|c| *c == 0).unwrap_or(self.name.len());
        let bytes = self.name.as_ptr().cast::<u8>();
        // SAFETY: `len` is within the array, and a char is a byte.
        unsafe { core::slice::from_raw_parts(bytes, len) }
    }

    /// Sets the name, as much of it as there is room for.
    pub fn set_name(&mut self, name: &[u8]) {
        self.name = [0; DUNLIN_INTERFACE_NAME_MAX];
        for (to, from) in self.name.iter_mut().take(DUNLIN_INTERFACE_NAME_MAX - 1).zip(name) {
            *to = *from as c_char;
        }
    }
}

/// An address of an interface and its network (Go: `net.IPNet` as given by `Interface.Addrs`). Frozen.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_interface_addr {
    /// The address; the port is 0.
    pub addr: dunlin_addr,
    /// Leading bits that are the network's; all of them if the device does not tell.
    pub prefix_len: u32,
    /// The interface's index.
    pub index: u32,
}

impl dunlin_interface_addr {
    /// No address.
    pub const NONE: dunlin_interface_addr =
        dunlin_interface_addr { addr: dunlin_addr::NONE, prefix_len: 0, index: 0 };
}

/// What a driver tells of its link (TinyGo: `netlink.Netlinker`, completed). Attached to a device with
/// `dunlin_netlink_attach`; constant and, like `ctx`, used until `dunlin_netdev_unregister` has returned.
///
/// Every function: as in `struct dunlin_netdev_ops` for results, buffers and what may be called from
/// inside, besides which `dunlin_netlink_notify` may. Called by whatever task does background work,
/// never from an interrupt, one function of this table at a time; without `DUNLIN_CAP_CONCURRENT` also
/// never together with one of `struct dunlin_netdev_ops`. Since that task may have something else to
/// wait for, none blocks for longer than it must.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_netlink_ops {
    /// `sizeof(struct dunlin_netlink_ops)`.
    pub size: u32,
    /// For a device that cannot tell: `net_check` is called so often, in milliseconds. 0: it tells.
    pub poll_ms: u32,
    /// Optional: connects the device to its network. Returns 0 when it is connected (its address may come
    /// later); `DUNLIN_ERR_PENDING` when it goes on by itself and tells; at `deadline`, which is at most
    /// 50 ms away, `DUNLIN_ERR_TIMEOUT` when it is to be called again to go on; or why the attempt
    /// failed, for example `DUNLIN_ERR_PERMISSION` for a passphrase that the network does not take. With a
    /// `deadline` in the past it must not wait. `params` and what they point to stay until
    /// `net_disconnect`. NULL: connecting is nothing (a cable).
    pub net_connect: Option<
        unsafe extern "C" fn(ctx: *mut c_void, params: *const dunlin_connect_params, deadline: i64) -> i32,
    >,
    /// Optional: leaves the network, or ends the attempt. After it `params` are not used any more. Does
    /// not wait for the network.
    pub net_disconnect: Option<unsafe extern "C" fn(ctx: *mut c_void) -> i32>,
    /// Optional: called once when the table is attached. From then on the driver tells with
    /// `dunlin_netlink_notify(dev, DUNLIN_NETLINK_…)` each time it is connected or not any more, from any
    /// task or interrupt. Returns 1 when it is connected already, else 0. Does not wait.
    pub net_notify: Option<unsafe extern "C" fn(ctx: *mut c_void, dev: i32) -> i32>,
    /// Optional: the hardware (MAC) address; how many bytes it has: 6, 8 or 20. Does not wait for the
    /// network. The watchdog asks it too: an error means that the device is out of order.
    pub get_hardware_addr:
        Option<unsafe extern "C" fn(ctx: *mut c_void, addr: *mut u8, capacity: u32) -> i32>,
    /// Optional: 1 when the device is connected, 0 when not, an error when it is out of order and should
    /// be disconnected and connected again. The watchdog asks it. Does not wait for the network.
    pub net_check: Option<unsafe extern "C" fn(ctx: *mut c_void) -> i32>,
    /// Optional: for a device of several interfaces, the one in place `at` of their list; 1, or 0 when
    /// there are not so many. The `index` is the driver's own, ≥ 1 and below 65536: addresses come with it as
    /// their `scope_id`. `device` is filled in by the caller. NULL: the device is one interface.
    pub interface_at:
        Option<unsafe extern "C" fn(ctx: *mut c_void, at: u32, interface: *mut dunlin_interface) -> i32>,
    /// Optional: the addresses of an interface (`index` 0: of the device) with their prefixes; how many
    /// there are, of which at most `capacity` are stored. NULL: those of `addr`, without prefixes.
    pub interface_addrs: Option<
        unsafe extern "C" fn(
            ctx: *mut c_void,
            index: u32,
            addrs: *mut dunlin_interface_addr,
            capacity: u32,
        ) -> i32,
    >,
}
