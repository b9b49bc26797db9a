//! The page of an approver in a real browser, with real commands that wait.

#[path = "page/driver.rs"]
mod driver;
mod support;

use driver::source;
use std::fs;
use std::path::Path;
use support::Sandbox;

/// What `tests/page/drive.mjs` proves, each by name.
const STEPS: &[&str] = &[
    "a browser without a code is told how it gets one",
    "a code lets a browser in",
    "a used code lets nobody else in",
    "a browser without X25519 is told so",
    "a browser without Ed25519 is told so",
    "pairs by its own code, and the enforcer seals with AES-256-GCM",
    "neither an early click nor Enter nor letters approve",
    "an approved command runs",
    "a rejected command does not run, and the agent reads why",
    "a change is told to the agent",
    "a reload comes back without a code",
    "what one tab decided is gone in the other",
    "offline nothing is decided, and back online everything is there",
    "what an approved command writes is watched on its card",
    "a command is stopped on its card",
    "the card says how a command ended, and the last line where that is allowed",
    "hostile text is shown as text, escaped and named",
    "a long command is approved only after its end was seen",
    "a command of a megabyte is refused before anybody is asked",
    "a notification says how many wait, and not what",
    "what is hard to undo is said",
    "another number than the one in the terminal does not approve",
    "the number in the terminal approves what is hard to undo",
    "a browser can be told not to ask for the number",
    "the history says what became of each",
    "axe finds nothing, in light and dark, wide and narrow",
    "a link fills the code in, and pairs when somebody presses",
    "pairs by the code of the machine",
    "a session asks nothing for a while, and its workspace goes on",
    "a burst cannot be approved here, and can be stopped",
    "a revoked browser is out at once",
    "nobody else was asked, and nothing went wrong unseen",
];

/// What `tests/page/passkey.mjs` proves.
const PASSKEY_STEPS: &[&str] = &[
    "nobody is asked where only a passkey counts and none is paired",
    "at an address of numbers the page says where there can be a passkey",
    "the gateway is localhost by each of its addresses",
    "a passkey is added at localhost",
    "the pairing has the passkey, and the list of pairings says so",
    "a touch of the passkey approves what is hard to undo, without the number",
    "a grant takes a touch of the passkey, and its use none",
    "the hook of an agent is answered by a touch of the passkey",
    "who does not use the passkey has decided nothing, and can do it again",
    "a signature by the keys of the browser alone runs nothing",
    "where only a passkey counts, the terminal approves nothing and the page does",
    "the settings say what takes a touch; without one the number stays",
    "the log has each touch, and verifies it again",
    "a pairing does not lose its passkey without anybody saying so",
    "nothing went wrong unseen with the passkey",
];

/// What `tests/page/doubts.mjs` proves.
const DOUBTS_STEPS: &[&str] = &[
    "a pairing that the machine refuses is none, and the page says so",
    "a pairing that the machine ended is none, and the page says so",
    "a pairing that the machine refuses leaves the one before, and the page says so",
    "the page says when a machine has not said yet that it keeps the pairing",
    "a clock that is ahead hides nothing, and what is over by it can only be rejected",
    "once the clock is set it is approved as ever",
    "what has no end is not read to its end, and the page says so",
    "a renewal that fails is not the last",
    "nothing went wrong unseen when something was doubtful",
];

#[test]
fn a_person_decides_in_a_browser() {
    let sandbox = Sandbox::new();
    driver::drive(driver::driver(&sandbox, "drive.mjs"), STEPS);
}

#[test]
fn a_person_touches_a_passkey() {
    let sandbox = Sandbox::new();
    driver::drive(driver::driver(&sandbox, "passkey.mjs"), PASSKEY_STEPS);
}

#[test]
fn a_person_is_told_what_is_not_as_it_should_be() {
    let sandbox = Sandbox::new();
    driver::drive(driver::driver(&sandbox, "doubts.mjs"), DOUBTS_STEPS);
}

#[test]
fn the_page_shows_texts_as_the_terminal_does() {
    let sandbox = Sandbox::new();
    let mut node = sandbox.program("node");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Modules of the page end in .js: a directory that says what they are.
    let place = sandbox.path("modules");
    fs::create_dir(&place).expect("a directory");
    fs::write(place.join("package.json"), "{\"type\":\"module\"}").expect("written");
    for entry in fs::read_dir(root.join("src/approver/web")).expect("the page") {
        let file = entry.expect("an entry").path();
        fs::copy(&file, place.join(file.file_name().expect("a name"))).expect("copied");
    }
    fs::copy(source().join("texts.mjs"), place.join("texts.mjs")).expect("copied");
    let output = node.arg(place.join("texts.mjs")).arg(source().join("display.json")).output();
    let output = output.expect("node; tests/run installs it");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn every_step_that_the_defences_name_is_driven() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("docs/approver-defences.md")).expect("a document");
    let rows = text.lines().filter(|line| line.starts_with('|'));
    let named: Vec<&str> = rows.flat_map(|row| row.split('*').skip(1).step_by(2)).collect();
    assert!(named.len() >= 10, "{named:?}");
    for step in named {
        assert!([STEPS, PASSKEY_STEPS, DOUBTS_STEPS].concat().contains(&step), "{step}");
    }
}
