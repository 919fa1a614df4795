//! Records of hostile input (`--bad FILE`): bytes, what we promise for them, and how they are fed.

use serde_json::Value;

/// Inputs up to this length are also split at every offset.
const SPLIT_MAX: usize = 2048;

/// One record.
pub struct Bad {
    pub id: String,
    /// "server": bytes of a client for our server; "client": bytes of a server for our client.
    pub server_side: bool,
    /// A WebSocket handshake.
    pub websocket: bool,
    pub bytes: Vec<u8>,
    pub allowed: Vec<String>,
    /// The most requests that may be seen in it.
    pub max_requests: u32,
    /// The request's method, for the client side.
    pub method: String,
}

/// What became of a record.
pub enum Verdict {
    Pass,
    Fail(String),
}

impl Bad {
    /// A record from its line.
    pub fn parse(line: &str) -> Result<Bad, String> {
        let v: Value = serde_json::from_str(line).map_err(|e| e.to_string())?;
        let text = |k: &str| v[k].as_str().unwrap_or_default().to_owned();
        Ok(Bad {
            id: text("id"),
            server_side: v["side"] == "server",
            websocket: v["ws"] == true,
            bytes: crate::case::from_b64(&v["b64"]),
            allowed: v["allowed"]
                .as_array()
                .map_or_else(Vec::new, |a| a.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
            max_requests: v["max_requests"].as_u64().map_or(u32::MAX, |n| n as u32),
            method: text("method"),
        })
    }

    /// Says whether an outcome conforms.
    pub fn allows(&self, outcome: &str) -> bool {
        self.allowed.iter().any(|a| a == outcome)
    }

    /// Feeds the bytes whole, byte by byte, and split at every offset, until one way goes wrong.
    pub fn every_way(&self, mut run: impl FnMut(&[&[u8]]) -> Result<(), String>) -> Verdict {
        let bytes = self.bytes.as_slice();
        let mut ways: Vec<(String, Vec<&[u8]>)> = vec![("whole".into(), vec![bytes])];
        if bytes.len() > 1 {
            ways.push(("byte by byte".into(), bytes.chunks(1).collect()));
        }
        if bytes.len() <= SPLIT_MAX {
            ways.extend(
                (1..bytes.len()).map(|at| (format!("split at {at}"), vec![&bytes[..at], &bytes[at..]])),
            );
        }
        for (way, pieces) in &ways {
            if let Err(why) = run(pieces) {
                return Verdict::Fail(format!("{}, {way}: {why}", self.id));
            }
        }
        Verdict::Pass
    }
}
