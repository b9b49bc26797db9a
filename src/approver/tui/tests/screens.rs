//! What is on the screen.

use super::{Effect, Key, Scene, grave, named, plaintext, usual};
use crate::approver::Decided;
use crate::approver::item::{Closed, Content};
use crate::display::Displayable;
use crate::protocol::Decision;
use crate::protocol::ciphertext::Base64;
use crate::protocol::follow::{End, FollowUp, View as Sight};
use jiff::Timestamp;
use serde_json::json;

fn scene(columns: u16, rows: u16) -> Scene {
    let mut scene = Scene::new(
        columns,
        rows,
        vec![
            grave("req-01J2V8QK8HM3", "git push --force origin main"),
            usual("req-01J2V8QK8HM4", "npm test"),
            usual("req-01J2V8QK8HM5", "npm test"),
        ],
    );
    scene.later(900);
    scene
}

#[test]
fn three_sizes() {
    for (columns, rows) in [(60, 20), (100, 30), (200, 50)] {
        let mut scene = scene(columns, rows);
        insta::assert_snapshot!(format!("waiting-{columns}x{rows}"), scene.draw());
    }
}

#[test]
fn the_second_step_and_the_words() {
    let mut scene = scene(80, 60);
    scene.press(&Key::Char('a'));
    scene.later(900);
    insta::assert_snapshot!("second-step", scene.draw());
    scene.press(&Key::Escape);
    scene.press(&Key::Char('r'));
    insta::assert_snapshot!("why-not", scene.draw());
}

#[test]
fn what_came_of_what_was_decided() {
    let mut scene = Scene::new(80, 16, Vec::new());
    let (runs, ends) = (decided("req-01J2V8QK8HM3", 0), decided("req-01J2V8QK8HM4", 1));
    let refused = Decided { decision: Decision::Reject, ..decided("req-01J2V8QK8HM5", 2) };
    scene.view.remembers(vec![runs.clone(), ends.clone(), refused]);
    let started = FollowUp::Started {
        at: Timestamp::UNIX_EPOCH,
        view: Sight::Terminal,
        columns: Some(80),
        rows: Some(24),
    };
    scene.told(&runs.request_id, started.clone());
    let data = Base64(b"one\r\n\x1b[2Jtwo\r\npassword: ".to_vec());
    scene.told(&runs.request_id, FollowUp::Output { at_ms: 1, skipped: 9, data });
    scene.told(&ends.request_id, started);
    let end = End::Returned { status: 3 };
    let ended = FollowUp::Ended { end, duration_ms: 1250, stopped: false, last_output: None };
    scene.told(&ends.request_id, ended);
    assert!(scene.draw().contains("QK8HM4 ended with status 3"), "{}", scene.draw());
    assert_eq!(scene.view.wonders_about(), []);
    scene.press(&Key::Char('h'));
    insta::assert_snapshot!("decided", scene.draw());
    scene.press(&Key::Char('o'));
    assert_eq!(scene.view.watches(), Some(&runs.request_id));
    insta::assert_snapshot!("course", scene.draw());
    // Neither one key nor another ends it.
    assert_eq!(scene.types("xa"), vec![Effect::None; 2]);
    assert_eq!(scene.press(&Key::Char('x')), Effect::None);
    insta::assert_snapshot!("end-it", scene.draw());
    assert_eq!(scene.press(&Key::Char('x')), Effect::End(runs.request_id));
    scene.types("oj");
    scene.press(&Key::Enter);
    assert_eq!(scene.view.watches(), Some(&ends.request_id));
    assert_eq!(scene.types("xx"), vec![Effect::None; 2], "it has ended");
    scene.types("ojjo");
    assert_eq!(scene.view.watches(), None, "it was not approved");
}

fn decided(id: &str, minute: i64) -> Decided {
    Decided {
        version: 1,
        request_id: id.parse().expect("an id"),
        artifact_hash: "ab".repeat(32).parse().expect("a hash"),
        decision: Decision::Approve,
        decided_at: Timestamp::UNIX_EPOCH - jiff::SignedDuration::from_mins(minute),
        reason: None,
        command: Some("make all".to_owned()),
        directory: Some("/home/anna/shop".to_owned()),
        asked_by: Some("laptop".to_owned()),
    }
}

#[test]
fn nothing_waits() {
    insta::assert_snapshot!("nothing", Scene::new(60, 20, Vec::new()).draw());
}

#[test]
fn what_is_too_small_says_so_and_decides_nothing() {
    for (columns, rows) in [(39, 20), (60, 11), (1, 1)] {
        let mut scene = scene(columns, rows);
        let screen = scene.draw();
        assert!(screen.starts_with('t'), "{screen}");
        assert_eq!(scene.press(&Key::Char('a')), Effect::None);
    }
}

#[test]
fn what_cannot_be_read_can_only_be_rejected() {
    let mut item = usual("req-AAAAAA", "ls");
    item.content = Content::Closed(Closed::HashMismatch);
    let mut scene = Scene::new(80, 30, vec![item]);
    scene.later(900);
    assert_eq!(scene.press(&Key::Char('a')), Effect::None);
    let screen = scene.draw();
    assert!(screen.contains("cannot be read"), "{screen}");
}

#[test]
fn no_payload_reaches_the_screen_raw() {
    for payload in [
        "echo ok\u{1b}[2K\rgit status",
        "\u{1b}]52;c;ZWNobwo=\u{7}",
        "a\u{202e}cba\u{202c}\u{2066}b\u{2069}",
        "a\u{200b}b\u{feff}c\u{ad}\u{e0041}\u{fe0f}",
        "x\n│ program    /usr/bin/true\n└─ end of request ───",
        "\u{0}\u{1}\u{7f}\u{9b}2J",
        "日本語のコマンド e\u{301}",
    ] {
        let mut fields = plaintext("req-AAAAAA", payload);
        for field in ["cwd", "executable", "user", "host", "workspace", "whyAsked"] {
            fields[field] = json!(payload);
        }
        fields["notes"] = json!([payload]);
        let mut item = named("req-AAAAAA", fields);
        item.sender.as_mut().expect("somebody").label = payload.to_owned();
        for (columns, rows) in [(60, 20), (200, 50)] {
            let mut scene = Scene::new(columns, rows, vec![usual("req-B", "ls"), item_of(&item)]);
            scene.press(&Key::Down);
            let mut screens = scene.draw();
            scene.press(&Key::End);
            screens += &scene.draw();
            scene.press(&Key::Char('c'));
            scene.press(&Key::Paste(payload.to_owned()));
            screens += &scene.draw();
            for character in screens.chars().filter(|each| !"\n\\␠".contains(*each)) {
                let text = character.to_string();
                let combines = character == '\u{301}';
                let shown = Displayable::from(text.as_str()).to_string();
                assert!(combines || shown == text, "{character:?} in {screens}");
            }
        }
    }
}

fn item_of(item: &crate::approver::Item) -> crate::approver::Item {
    let fields = item.opened().expect("readable").fields().clone();
    let mut copy = named(item.request_id.as_str(), fields.into());
    copy.sender.clone_from(&item.sender);
    copy
}

#[test]
fn an_argument_of_a_megabyte_is_said_and_both_its_ends_are_there() {
    let mut fields = plaintext("req-AAAAAA", "sh -c x");
    let word = format!("START{}END", "a".repeat(1 << 20));
    fields["argv"] = json!(["sh", "-c", word]);
    fields["commandText"] = json!(format!("sh -c {word}"));
    let mut scene = Scene::new(100, 200, vec![named("req-AAAAAA", fields)]);
    let screen = scene.draw();
    assert!(screen.contains("START") && screen.contains("1048584 bytes"), "{screen}");
    assert!(screen.contains("end of request AAAAAA"), "{screen}");
    scene.press(&Key::Char('f'));
    scene.later(900);
    assert_eq!(scene.press(&Key::Char('a')), Effect::None, "not read");
    scene.press(&Key::End);
    assert!(scene.draw().contains("nothing left out"), "{}", scene.draw());
    assert!(scene.draw().contains("end of request AAAAAA"), "{}", scene.draw());
}

#[test]
fn on_a_small_screen_every_choice_and_every_key_can_be_read() {
    let mut scene = Scene::new(40, 15, vec![grave("req-AAAAAA", "git push --force origin main")]);
    let drawn = scene.draw();
    assert!(drawn.contains("[waiting]  decided"), "{drawn}");
    assert!(drawn.contains(" · 9 min"), "how long is left: {drawn}");
    scene.press(&Key::Char('r'));
    let drawn = scene.draw();
    for words in ["w  words", "c  change it", "n  no words"] {
        assert!(drawn.contains(words), "{words}: {drawn}");
    }
    scene.press(&Key::Escape);
    scene.press(&Key::Char('?'));
    let mut seen = scene.draw();
    for _ in 0..8 {
        scene.press(&Key::Down);
        seen.push_str(&scene.draw());
    }
    for words in ["j k", "Enter never", "S  ask", "^L ^Z ^C, q", "dropped"] {
        assert!(seen.contains(words), "{words}: {seen}");
    }
    scene.press(&Key::Char('x'));
    assert!(!scene.draw().contains("dropped"), "any other key closes it");
}
