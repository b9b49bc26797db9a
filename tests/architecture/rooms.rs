//! Who may import whom: the table of the design, as data.

use crate::references::{Mentions, module_of};
use std::path::Path;

/// One room and what it may import.
pub(crate) struct Room {
    name: &'static str,
    may_import: Imports,
}

enum Imports {
    /// Anything: the room that puts the others together.
    Everything,
    /// These paths and what lies below them; `display` is always among them.
    Only(&'static [&'static str]),
}

use Imports::{Everything, Only};

const fn room(name: &'static str, may_import: Imports) -> Room {
    Room { name, may_import }
}

/// The table. A room that is not here does not exist.
pub(crate) const ROOMS: &[Room] = &[
    room("sys", Only(&[])),
    room("crypto", Only(&[])),
    room("process", Only(&[])),
    room("display", Only(&[])),
    // The wire formats hash and sign; they do no input or output.
    room("protocol", Only(&["crypto"])),
    room("config", Only(&["process"])),
    room("credential", Only(&["process", "config", "crypto"])),
    // What an agent hands to its hook is JSON that somebody else wrote: one reader reads it.
    room("intercept", Only(&["process", "config", "protocol::json"])),
    // A captured file is bound by its digest, hence crypto.
    room("request", Only(&["process", "intercept", "crypto"])),
    // A grant expires by the one clock, hence process.
    room("policy", Only(&["process", "config", "request", "protocol", "crypto"])),
    // A retry ends at a deadline of the one clock, hence process. Pairing makes
    // the keys that credential keeps, hence crypto.
    // An address and the authorities to trust are checked where they are written,
    // hence config.
    room("client", Only(&["process", "protocol", "crypto", "credential", "config"])),
    // Of sys only which signals the caller had ignored: they must not end a wait; and how a
    // disk begins to take what a decision rests on.
    // Of intercept only the word for how a command came, which the approver sees.
    room(
        "review",
        Only(&[
            "process",
            "request",
            "policy",
            "client",
            "protocol",
            "crypto",
            "credential",
            "sys::ignored_at_start",
            "sys::begin_writing",
            "intercept::Interception",
        ]),
    ),
    // What runs shows itself to onlookers and obeys them, and knows nobody behind them.
    room("onlooker", Only(&["process"])),
    // Of review only the permit: what runs cannot see how it was decided.
    room("run", Only(&["process", "request", "review::Permit", "sys", "onlooker"])),
    // It seals and verifies as review does, and shares no state with it: another process.
    room("follow", Only(&["process", "protocol", "crypto", "client", "onlooker"])),
    // Its lines are chained by digests, and what decided is checked again, hence crypto.
    // Of client how a gateway failed, and which keys are paired.
    // A recording is made by an onlooker.
    // Of sys only how a disk begins to take what is written.
    room(
        "record",
        Only(&[
            "process",
            "protocol",
            "crypto",
            "request",
            "policy",
            "review",
            "run",
            "client::TransportError",
            "client::Pairing",
            "onlooker",
            "sys::begin_writing",
        ]),
    ),
    // Not process: its clock is injected. Not crypto: it cannot read a command.
    room("gateway", Only(&["protocol"])),
    // The HTTP transport and the file helpers are shared; nothing of review is.
    room("approver", Only(&["process", "protocol", "crypto", "credential", "client"])),
    room("cli", Everything),
    room("error", Everything),
    room("exit", Everything),
    room("lib", Everything),
    room("main", Everything),
];

/// Crates that only one room has a use for, and why.
const HELD_CRATES: &[(&[&str], &[&str], &str)] = &[
    (
        &["aes_gcm", "chacha20poly1305", "ed25519_dalek", "x25519_dalek", "hkdf", "ring"],
        &["crypto"],
        "cryptography is written once and cited there; call the crypto room",
    ),
    (
        &["reqwest"],
        &["client", "approver"],
        "HTTP goes through the client room, which knows the retry rules",
    ),
    (&["axum", "tower_http"], &["gateway"], "only the gateway is a server"),
    (&["sqlx"], &["gateway"], "only the gateway has a database"),
    (
        &["ratatui", "vte"],
        &["approver", "cli"],
        "only the approver's view draws a screen; everything else writes lines",
    ),
    (&["portable_pty"], &["run", "sys"], "only what runs a command opens a pty"),
    (&["indicatif"], &["cli"], "only a subcommand that takes a while says so"),
    (&["clap"], &["cli"], "arguments are parsed in the cli room and handed on as values"),
];

/// Returns the room of a file below `src`: its first directory or its own name.
pub(crate) fn room_of(file: &Path) -> String {
    let own_name = file.file_stem().map(|name| name.to_string_lossy().into_owned());
    module_of(file).first().cloned().or(own_name).unwrap_or_default()
}

/// Returns a complaint for each import that the table does not allow.
pub(crate) fn forbidden_imports(room_name: &str, mentions: &Mentions) -> Vec<String> {
    let Some(room) = ROOMS.iter().find(|room| room.name == room_name) else {
        return vec![format!(
            "`{room_name}` is not a room of the design: move the file into one, or add the room \
             to design and to tests/architecture/rooms.rs with its imports"
        )];
    };
    let ours = mentions.ours.iter().filter(|path| !room.may_name(path)).map(|path| {
        format!(
            "`{room_name}` imports `crate::{}`: hand the value over as an argument, or move the \
             code to a room that may ({})",
            path.join("::"),
            room.allowed()
        )
    });
    let held = mentions.others.iter().filter_map(|path| {
        let (_, _, reason) = HELD_CRATES.iter().find(|(crates, rooms, _)| {
            crates.contains(&path[0].as_str()) && !rooms.contains(&room_name)
        })?;
        Some(format!("`{room_name}` uses `{}`: {reason}", path.join("::")))
    });
    ours.chain(held).collect()
}

impl Room {
    fn may_name(&self, path: &[String]) -> bool {
        let Some(first) = path.first() else { return true };
        let within = |allowed: &str| {
            let allowed: Vec<&str> = allowed.split("::").collect();
            path.len() >= allowed.len() && allowed.iter().zip(path).all(|(a, b)| a == b)
        };
        match self.may_import {
            Everything => true,
            Only(allowed) => {
                first == self.name
                    || first == "display"
                    || allowed.iter().any(|allowed| within(allowed))
            }
        }
    }

    fn allowed(&self) -> String {
        match self.may_import {
            Everything => "everything".to_owned(),
            Only([]) => "it may import nothing but display".to_owned(),
            Only(allowed) => format!("it may import {}", allowed.join(", ")),
        }
    }
}
