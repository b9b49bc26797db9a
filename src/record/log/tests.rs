//! What a crash, an editor or another process may do to the file.

use super::super::event::End;
use super::super::{Fault, FaultKind};
use super::*;
use std::fs;

fn log() -> (tempfile::TempDir, Log) {
    let outer = tempfile::tempdir().expect("temporary directory");
    let log = Log::open(&outer.path().join("audit")).expect("a log");
    (outer, log)
}

fn event(status: u8) -> Event {
    Event::Ended { started: 1, end: End::Status(status), duration_ms: 5 }
}

fn append(log: &Log, status: u8) -> u64 {
    log.append(vec![event(status)], Durability::Written).expect("written")
}

fn faults(log: &Log) -> Vec<Fault> {
    log.read().expect("readable").faults
}

#[test]
fn numbers_and_chains_what_is_appended() {
    let (_outer, log) = log();
    assert_eq!(append(&log, 0), 1);
    assert_eq!(log.append(vec![event(1), event(2)], Durability::Durable).expect("written"), 3);
    let found = log.read().expect("readable");
    assert_eq!(found.faults, []);
    let events: Vec<Event> = found.records.into_iter().map(|record| record.event).collect();
    assert_eq!(events, [event(0), event(1), event(2)]);
}

#[test]
fn puts_a_torn_end_aside_and_says_so() {
    let (_outer, log) = log();
    append(&log, 0);
    let mut file = log.directory.append(FILE).expect("opened");
    file.write_all(b"{\"version\":1,\"seq").expect("written");
    assert_eq!(faults(&log), [Fault { line: 2, kind: FaultKind::Torn }]);
    assert_eq!(append(&log, 1), 3);
    let found = log.read().expect("readable");
    assert_eq!(found.faults, []);
    assert!(matches!(found.records[1].event, Event::Repaired { bytes: 17, .. }), "{found:?}");
    let kept = fs::read(log.directory.path().join(TORN)).expect("kept");
    assert_eq!(kept, b"{\"version\":1,\"seq\n");
}

#[test]
fn finds_each_change_of_the_middle() {
    let (_outer, log) = log();
    for status in 0..6 {
        append(&log, status);
    }
    let sound = fs::read_to_string(log.path()).expect("text");
    let lines: Vec<&str> = sound.lines().collect();
    let changed = lines[2].replace("\"status\":2", "\"status\":9");
    assert_ne!(changed, lines[2]);
    for (name, text) in [
        ("changed", [&lines[..2], &[&changed], &lines[3..]].concat()),
        ("missing", [&lines[..2], &lines[3..]].concat()),
        ("moved", [&lines[..2], &[lines[3], lines[2]], &lines[4..]].concat()),
        ("twice", [&lines[..3], &lines[2..]].concat()),
        ("no record", [&lines[..2], &["{}"], &lines[3..]].concat()),
        ("without its beginning", lines[1..].to_vec()),
    ] {
        fs::write(log.path(), text.join("\n") + "\n").expect("written");
        assert!(!faults(&log).is_empty(), "{name}");
    }
}

#[test]
fn refuses_to_go_on_behind_a_line_that_is_no_record() {
    let (_outer, log) = log();
    append(&log, 0);
    let mut file = log.directory.append(FILE).expect("opened");
    file.write_all(b"nonsense\n").expect("written");
    let refused = log.append(vec![event(1)], Durability::Written);
    assert!(matches!(refused, Err(AuditError::Tampered { .. })), "{refused:?}");
    fs::write(log.path(), "{\"version\":99}\n").expect("written");
    let refused = log.append(vec![event(1)], Durability::Written);
    assert!(matches!(refused, Err(AuditError::Newer { .. })), "{refused:?}");
}

#[test]
fn refuses_what_could_not_be_read_again() {
    let (_outer, log) = log();
    let endless =
        Event::Ended { started: 1, end: End::NotStarted("x".repeat(LONGEST)), duration_ms: 0 };
    let refused = log.append(vec![event(0), endless], Durability::Written);
    assert!(matches!(refused, Err(AuditError::TooLong { .. })), "{refused:?}");
    assert!(log.read().expect("readable").records.is_empty(), "all or none");
}

#[test]
fn many_writers_make_one_chain() {
    let (_outer, log) = log();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for status in 0..10 {
                    append(&log, status);
                }
            });
        }
    });
    let found = log.read().expect("readable");
    assert_eq!((found.records.len(), found.faults), (80, vec![]));
}
