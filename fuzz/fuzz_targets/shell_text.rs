//! Feeds shell text to the parser and the engine.
#![no_main]

#[path = "../oracle.rs"]
mod oracle;

libfuzzer_sys::fuzz_target!(|text: &str| oracle::hold(text));
