//! The two ends that `benches/path` measures our client between.
//!
//! ```text
//! immediate serve DIRECTORY           a gateway that approves whatever it is given, at once
//! immediate raw PORT DIRECTORY PROGRAM   the floor: the same calls by rustls alone, then PROGRAM
//! ```
//!
//! The gateway holds the key of the one approver that pairs with whoever asks, so an
//! approval is one signature away. It writes `ca.pem` and `port` into its directory.

mod http;
mod raw;
mod serve;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ended = match words[..] {
        ["serve", directory] => serve::serve(directory.as_ref()),
        ["raw", port, directory, program] => raw::run(port, directory.as_ref(), program),
        // `cargo bench` calls it so, and there is nothing to do by itself.
        _ => return ExitCode::SUCCESS,
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("{error}\n"));
            ExitCode::FAILURE
        }
    }
}
