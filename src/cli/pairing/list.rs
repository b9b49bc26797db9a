//! Who this machine is paired with.

use crate::approver::time;
use crate::client::Pairing;
use serde_json::{Value, json};
use std::io::{self, Write};

/// Writes a line for each pairing.
pub(super) fn write(mut out: impl Write, pairings: &[&Pairing]) -> io::Result<()> {
    if pairings.is_empty() {
        writeln!(out, "no approver is paired with this machine")?;
        return writeln!(out, "next: airlock-exec pair");
    }
    let longest = pairings.iter().map(|each| each.agreed.name.as_str().len()).max();
    let width = longest.unwrap_or_default();
    for pairing in pairings {
        let agreed = &pairing.agreed;
        let state = match pairing.revoked_at {
            None => format!("since {}", time::moment(agreed.created_at)),
            Some(at) => format!("revoked {}", time::moment(at)),
        };
        let state = match pairing.after_secs {
            Some(seconds) => format!("{state}; asked after {seconds} s"),
            None => state,
        };
        let state = match &agreed.passkey {
            Some(passkey) => format!("{state}; passkey of {}", passkey.origin()),
            None => state,
        };
        let cipher = agreed.cipher.name();
        writeln!(out, "{:width$}  {}  {cipher}  {state}", agreed.name, pairing.fingerprint())?;
    }
    Ok(())
}

/// Returns what a program reads of a pairing; no secrets.
pub(super) fn described(pairing: &Pairing) -> Value {
    let agreed = &pairing.agreed;
    json!({
        "name": agreed.name,
        "gatewayId": agreed.gateway_id,
        "deviceId": agreed.device_id,
        "signerKeyId": agreed.signer_key_id,
        "publicKey": agreed.signing_key,
        "fingerprint": pairing.fingerprint().to_string(),
        "cipher": agreed.cipher.name(),
        "createdAt": agreed.created_at,
        "revokedAt": pairing.revoked_at,
        "afterSecs": pairing.after_secs.unwrap_or(0),
        "passkey": agreed.passkey,
    })
}
