//! What a crash, an editor or another process may do to the file.

use super::super::basis::End;
use super::super::{Fault, FaultKind, Limits};
use super::*;
use crate::protocol::RequestId;
use jiff::SignedDuration;
use std::fs;

fn log() -> (tempfile::TempDir, Log) {
    let outer = tempfile::tempdir().expect("temporary directory");
    let log = Log::open(&outer.path().join("audit"), &outer.path().join("keys")).expect("a log");
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
    let mut file = log.directory.append(CURRENT).expect("opened");
    file.write_all(b"{\"version\":1,\"seq").expect("written");
    assert_eq!(faults(&log), [Fault { file: CURRENT.to_owned(), line: 2, kind: FaultKind::Torn }]);
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
    let mut file = log.directory.append(CURRENT).expect("opened");
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

#[test]
fn goes_on_across_files_and_lets_old_ones_go() {
    let (_outer, log) = log();
    let keep = |hours| Limits { largest: 1500, keep: SignedDuration::from_hours(hours) };
    for round in 0..6 {
        for _ in 0..8 {
            append(&log, round);
        }
        log.upkeep(keep(1)).expect("in order");
    }
    let found = log.read().expect("readable");
    assert_eq!((found.faults, found.files), (vec![], 7));
    let all = found.records.len();
    // As if everything had been written long ago: the newest full file stays.
    log.upkeep(keep(-1)).expect("in order");
    let found = log.read().expect("readable");
    assert_eq!((found.faults, found.files), (vec![], 2));
    assert!(found.records.len() < all && found.records[0].seq > 1);
    assert!(found.records.iter().any(|each| matches!(each.event, Event::LetGo { .. })));
    // Another file is full, and makes this one old, in the same upkeep.
    for _ in 0..8 {
        append(&log, 7);
    }
    log.upkeep(keep(-1)).expect("in order");
    assert_eq!(log.read().expect("readable").files, 2);
    append(&log, 9);
    assert_eq!(faults(&log), []);
    // What was not let go by us is missed.
    let full = super::files::full(&log.directory).expect("listed");
    fs::remove_file(log.directory.path().join(&full[0])).expect("removed");
    assert!(!faults(&log).is_empty());
}

#[test]
fn a_file_that_nobody_touched_is_not_read_again_and_one_that_was_is() {
    let (_outer, log) = log();
    for status in 0..4 {
        append(&log, status);
    }
    let sound = fs::read_to_string(log.path()).expect("text");
    let changed = sound.replacen("\"status\":1", "\"status\":9", 1);
    fs::write(log.path(), &changed).expect("written");
    let refused = log.append(vec![event(1)], Durability::Written);
    assert!(matches!(refused, Err(AuditError::Tampered { .. })), "{refused:?}");
    assert_eq!(fs::read_to_string(log.path()).expect("text"), changed, "nothing was written");
    fs::write(log.path(), &sound).expect("restored");
    assert_eq!(append(&log, 4), 5);
    let repaired = log.repair().expect("looked at");
    assert!(repaired.is_none(), "{repaired:?}");
}

#[test]
fn a_log_from_before_there_were_seals_goes_on_sealed() {
    let (outer, log) = log();
    for status in 0..3 {
        append(&log, status);
    }
    let sealed = fs::read_to_string(log.path()).expect("text");
    let mut place = Link::start();
    let mut bytes = Vec::new();
    for line in sealed.lines() {
        let record = Record::read(line.as_bytes()).expect("a record");
        let record = Record { prev: place.digest, ..record };
        let line = record.to_line();
        place = Link::behind(&record, &line);
        bytes.extend_from_slice(&line);
        bytes.push(b'\n');
    }
    fs::remove_dir_all(outer.path().join("keys")).expect("removed");
    fs::write(log.path(), bytes).expect("written");
    let log = Log::open(&outer.path().join("audit"), &outer.path().join("keys")).expect("a log");
    assert_eq!(faults(&log), []);
    assert_eq!(append(&log, 3), 4);
    assert_eq!(faults(&log), []);
}

#[test]
fn what_another_process_did_between_two_records_is_seen() {
    let (outer, log) = log();
    let of_another =
        Log::open(&outer.path().join("audit"), &outer.path().join("keys")).expect("a log");
    append(&log, 0);
    append(&of_another, 1);
    append(&log, 2);
    // It begins a new file.
    of_another.upkeep(Limits { largest: 1, keep: SignedDuration::from_hours(1) }).expect("done");
    append(&log, 3);
    append(&of_another, 4);
    append(&log, 5);
    assert_eq!(faults(&log), []);
    let found = log.read().expect("readable");
    let statuses: Vec<_> = found.records.into_iter().map(|record| record.event).collect();
    let ended = |status| statuses.contains(&event(status));
    assert!((0..6).all(ended), "{statuses:?}");
}

#[test]
fn what_was_taken_away_between_two_records_is_missed_as_at_the_first() {
    type Tamper = fn(&Log);
    let cases: [(&str, Tamper); 6] = [
        ("seal.key", |log| log.keys.remove("seal.key").expect("removed")),
        ("another key", |log| log.keys.write("seal.key", &[7; 32]).expect("written")),
        ("seal.head", |log| log.keys.remove("seal.head").expect("removed")),
        ("an empty head", |log| log.keys.write("seal.head", b"").expect("written")),
        ("a changed head", |log| {
            let path = log.keys.path().join("seal.head");
            let text = fs::read_to_string(&path).expect("text");
            let changed = text.replace("\"seq\":2", "\"seq\":1");
            assert_ne!(changed, text);
            let file = fs::OpenOptions::new().write(true).open(path).expect("opened");
            (&file).write_all(changed.as_bytes()).expect("written over");
        }),
        (CURRENT, |log| log.directory.remove(CURRENT).expect("removed")),
    ];
    for (name, tamper) in cases {
        let (outer, log) = log();
        append(&log, 0);
        append(&log, 1);
        tamper(&log);
        let of_another =
            Log::open(&outer.path().join("audit"), &outer.path().join("keys")).expect("a log");
        let first = of_another.append(vec![event(2)], Durability::Written);
        let first = first.expect_err(name).to_string();
        let next = log.append(vec![event(2)], Durability::Written).expect_err(name).to_string();
        assert_eq!(next, first, "{name}");
    }
}

#[test]
fn a_lock_that_was_taken_away_is_not_held_on_to() {
    let (outer, log) = log();
    append(&log, 0);
    log.directory.remove(LOCK).expect("removed");
    let of_another =
        Log::open(&outer.path().join("audit"), &outer.path().join("keys")).expect("a log");
    let held = of_another.lock().expect("locked");
    let waits = std::thread::spawn(move || append(&log, 1));
    std::thread::sleep(Duration::from_millis(200));
    assert!(!waits.is_finished(), "it took another lock");
    drop(held);
    assert_eq!(waits.join().expect("written"), 2);
}

#[test]
fn what_is_over_is_said_anew_when_something_else_begins() {
    let (_outer, log) = log();
    let said = || {
        let open = log.directory.subdir("open").expect("a directory");
        let names = open.names().expect("listed");
        names.iter().map(|name| open.read(name).expect("readable").expect("there")).collect()
    };
    let about = |request: &RequestId| vec![request.as_str().to_owned()];
    let requests = |said: Vec<Vec<u8>>| -> Vec<String> {
        let read = |bytes| serde_json::from_slice::<serde_json::Value>(bytes).expect("JSON");
        said.iter().filter_map(|bytes| Some(read(bytes)["request"].as_str()?.to_owned())).collect()
    };
    let [one, other]: [RequestId; 2] =
        std::array::from_fn(|_| RequestId::generate(crate::process::now()).expect("drawn"));
    log.is_open(Some(&one)).expect("said");
    assert_eq!(requests(said()), about(&one));
    log.is_open(Some(&one)).expect("said before");
    log.is_open(Some(&other)).expect("said");
    assert_eq!(requests(said()), about(&other));
    log.is_over();
    assert_eq!(requests(said()), Vec::<String>::new());
    log.is_open(Some(&other)).expect("said");
    assert_eq!(requests(said()), about(&other));
    log.is_over();
}
