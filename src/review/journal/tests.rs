//! Replays, crashes and many processes.

use super::*;

fn journal() -> (tempfile::TempDir, Journal) {
    let outer = tempfile::tempdir().expect("temporary directory");
    let inner = PrivateDir::open(&outer.path().join("state")).expect("private directory");
    (outer, Journal::new(inner))
}

fn entry(nonce: &str, request: &str) -> Entry {
    Entry {
        version: ENTRY_VERSION,
        signer_key_id: "key-1".to_owned(),
        nonce: nonce.to_owned(),
        request_id: request.to_owned(),
        artifact_hash: "00".repeat(32),
        family: None,
        expires_at: "2026-02-21T12:10:00Z".parse().expect("a time"),
    }
}

/// An entry that no decision can match any more.
fn old() -> Entry {
    Entry { expires_at: "2025-01-01T00:00:00Z".parse().expect("a time"), ..entry("o", "o") }
}

/// Makes it the journal of some entries that are over, and some that are not.
fn filled(journal: &Journal, over: usize, matter: usize) -> usize {
    let (old, current) = (line(&old()), line(&entry("c", "c")));
    let all = [old.repeat(over), current.repeat(matter)].concat();
    journal.directory.write(FILE, &all).expect("written");
    all.len()
}

fn time() -> Timestamp {
    "2026-02-21T12:00:00Z".parse().expect("a time")
}

#[test]
fn takes_a_decision_once() {
    let (_outer, journal) = journal();
    journal.commit(&entry("n1", "r1"), time()).expect("new");
    for used in [entry("n1", "r2"), entry("n2", "r1")] {
        let again = journal.commit(&used, time());
        assert!(matches!(again, Err(JournalError::Replayed)), "{used:?}");
    }
    journal.commit(&entry("n2", "r2"), time()).expect("new");
}

#[test]
fn takes_one_decision_about_a_command_that_several_were_asked_about() {
    let (_outer, journal) = journal();
    let family = |nonce, request| Entry { family: Some("r1".to_owned()), ..entry(nonce, request) };
    journal.commit(&family("n1", "r1"), time()).expect("new");
    let second = journal.commit(&family("n2", "r2"), time());
    assert!(matches!(second, Err(JournalError::Replayed)), "{second:?}");
    journal.commit(&entry("n3", "r3"), time()).expect("about something else");
}

#[test]
fn cuts_off_a_torn_last_line_and_goes_on() {
    let (_outer, journal) = journal();
    journal.commit(&entry("n1", "r1"), time()).expect("new");
    let mut file = journal.directory.append(FILE).expect("opened");
    file.write_all(b"0123456789abcdef {\"version\":1,\"sig").expect("written");
    journal.commit(&entry("n2", "r2"), time()).expect("the tail is cut off");
    assert!(matches!(journal.commit(&entry("n2", "r3"), time()), Err(JournalError::Replayed)));
}

#[test]
fn refuses_by_a_journal_that_was_changed() {
    let (_outer, journal) = journal();
    journal.commit(&entry("n1", "r1"), time()).expect("new");
    journal.commit(&entry("n2", "r2"), time()).expect("new");
    let mut bytes = journal.directory.read(FILE).expect("readable").expect("there");
    bytes[40] ^= 1;
    journal.directory.write(FILE, &bytes).expect("written");
    let refused = journal.commit(&entry("n3", "r3"), time());
    assert!(matches!(refused, Err(JournalError::Tampered { line: 1, .. })), "{refused:?}");
    let found = journal.check();
    assert!(matches!(found, Err(JournalError::Tampered { line: 1, .. })), "{found:?}");
}

#[test]
fn refuses_by_a_journal_of_a_later_release() {
    let (_outer, journal) = journal();
    journal.check().expect("an empty one is sound");
    let later = Entry { version: ENTRY_VERSION + 1, ..entry("n1", "r1") };
    journal.directory.write(FILE, &line(&later)).expect("written");
    for found in [journal.check(), journal.commit(&entry("n2", "r2"), time())] {
        assert!(matches!(found, Err(JournalError::Newer { .. })), "{found:?}");
    }
}

#[test]
fn a_full_disk_is_named_as_what_it_is() {
    let (_outer, journal) = journal();
    for errno in [nix::libc::ENOSPC, nix::libc::EDQUOT, nix::libc::EFBIG] {
        let error = journal.system(io::Error::from_raw_os_error(errno));
        assert!(error.hint().contains("disk space"), "{}", error.hint());
        assert!(error.to_string().contains("cannot be written"), "{error}");
    }
}

#[test]
fn compaction_keeps_what_may_still_be_replayed() {
    let (_outer, journal) = journal();
    filled(&journal, 3000, 0);
    journal.commit(&entry("n1", "r1"), time()).expect("new");
    let left = journal.directory.read(FILE).expect("readable").expect("there");
    assert!(left.len() < 1000, "{} bytes stay", left.len());
    assert!(matches!(journal.commit(&entry("n1", "r2"), time()), Err(JournalError::Replayed)));
}

#[test]
fn a_long_journal_is_written_anew_only_when_most_of_it_is_over() {
    use std::os::unix::fs::MetadataExt as _;
    let (_outer, journal) = journal();
    let file = || journal.directory.path().join(FILE).metadata().expect("a journal");
    for (over, matter, is_anew) in [(600, 600, false), (0, 3000, false), (700, 600, true)] {
        let length = filled(&journal, over, matter);
        let before = file();
        let added = entry("n", "r");
        journal.commit(&added, time()).expect("new");
        assert_eq!(file().ino() != before.ino(), is_anew, "{over} of {matter}");
        let dropped = if is_anew { over * line(&old()).len() } else { 0 };
        let left = usize::try_from(file().len()).expect("short");
        assert_eq!(left, length + line(&added).len() - dropped, "{over} of {matter}");
    }
}

#[test]
fn what_is_written_while_another_compacts_is_kept() {
    let (_outer, journal) = journal();
    filled(&journal, 3000, 0);
    let entries: Vec<Entry> =
        (0..8).map(|number| entry(&format!("n{number}"), &format!("r{number}"))).collect();
    // One of them finds the file too long, and puts another in its place.
    std::thread::scope(|scope| {
        for entry in &entries {
            scope.spawn(|| journal.commit(entry, time()).expect("new"));
        }
    });
    for entry in &entries {
        let again = journal.commit(entry, time());
        assert!(matches!(again, Err(JournalError::Replayed)), "{entry:?}");
    }
}

#[test]
fn only_one_of_many_threads_wins() {
    let (_outer, journal) = journal();
    let wins: usize = std::thread::scope(|scope| {
        let racers: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| usize::from(journal.commit(&entry("n", "r"), time()).is_ok())))
            .collect();
        racers.into_iter().map(|racer| racer.join().expect("no panic")).sum()
    });
    assert_eq!(wins, 1);
}

#[test]
fn a_grant_is_used_as_often_as_it_says_and_no_more() {
    let (_outer, journal) = journal();
    let grant = entry("n", "r");
    journal.commit(&grant, time()).expect("approved");
    let next = |beside| journal.commit_use(&grant, beside, 3, time()).expect("sound");
    assert_eq!((next(0), next(0)), (Some(1), Some(2)));
    assert_eq!(next(3), None, "the other record knows of more");
    assert_eq!(next(0), Some(3));
    assert_eq!((next(0), next(0)), (None, None));
    assert_eq!(journal.uses_of(&grant).expect("sound"), 3);
    let other = entry("n2", "r2");
    assert_eq!(journal.commit_use(&other, 0, 1, time()).expect("sound"), Some(1));
}

#[test]
fn a_grant_that_was_taken_back_is_not_used() {
    let (_outer, journal) = journal();
    let grant = entry("n", "r");
    for _ in 0..2 {
        journal.commit_revocation(&grant, time()).expect("taken back");
    }
    let used = journal.commit_use(&grant, 0, 3, time());
    assert!(matches!(used, Err(JournalError::Replayed)), "{used:?}");
}

#[test]
fn what_was_checked_once_is_checked_again_when_it_changed() {
    let (_outer, journal) = journal();
    for number in 0..3 {
        journal.commit(&entry(&format!("n{number}"), &format!("r{number}")), time()).expect("new");
        journal.check().expect("sound");
    }
    let path = journal.directory.path().join(FILE);
    let sound = std::fs::read(&path).expect("read");
    let mut changed = sound.clone();
    changed[20] ^= 1;
    std::fs::write(&path, &changed).expect("written");
    assert!(matches!(journal.check(), Err(JournalError::Tampered { line: 1, .. })));
    std::fs::write(&path, &sound).expect("written");
    journal.check().expect("sound");
    // Another process records what this one has not seen.
    Journal::new(journal.directory.clone()).commit(&entry("n3", "r3"), time()).expect("new");
    let again = journal.commit(&entry("n3", "r3"), time());
    assert!(matches!(again, Err(JournalError::Replayed)), "{again:?}");
}
