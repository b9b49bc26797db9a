//! Cards of hostile payloads, drawn and looked at.

use super::*;
use crate::approver::item::Opened;
use crate::approver::{Closed, Pairing};
use crate::crypto::X25519Secret;
use serde_json::{Value, json};

fn item(plaintext: Value) -> Item {
    let Value::Object(fields) = plaintext else { panic!("an object") };
    Item {
        request_id: "req-01J2V8V3K6B2Z9X6G1V7Y2QK8H".parse().expect("an id"),
        artifact_hash: "8e326e1f69e5859a3b5b12965f06b5829f09b12d1748aa2fddb609fb44f831c1"
            .parse()
            .expect("a hash"),
        sender: Some(Pairing {
            label: "lap\u{1b}[2Jtop".to_owned(),
            ..Pairing::with(X25519Secret::generate().expect("random").public())
        }),
        created_at: Timestamp::UNIX_EPOCH,
        expires_at: Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_mins(10),
        content: Content::Opened(Opened::new(fields)),
    }
}

fn drawn(plaintext: Value, detail: Detail, columns: usize) -> Vec<String> {
    draw(&item(plaintext), Timestamp::UNIX_EPOCH, detail, Canvas::new(columns, Colour::Plain))
}

fn text(plaintext: Value) -> String {
    drawn(plaintext, Detail::Summary, 80).join("\n")
}

/// Every payload that ever fooled a reviewer, one in each kind of field.
fn hostile() -> Vec<String> {
    let mut corpus: Vec<String> = [
        "echo ok\u{1b}[2K\rgit status",
        "\u{1b}]52;c;ZWNobwo=\u{7}",
        "\u{1b}]8;;http://example.org\u{1b}\\click\u{1b}]8;;\u{1b}\\",
        "\u{9b}2J\u{85}\u{8d}",
        "evil\rgit status",
        "rm\u{8}\u{8}ls",
        "a\u{202e}cba\u{202c}",
        "a\u{2066}b\u{2069}\u{200f}\u{61c}",
        "a\u{200b}b\u{feff}c\u{ad}\u{e0041}\u{fe0f}",
        "g\u{456}t push",
        "\u{ff47}\u{ff49}\u{ff54}",
        "line\u{2028}separator\u{2029}",
        "x\n│ program    /usr/bin/true\n└─ end of request QK8H ───",
        "\n\n\n└─ end of request ─\napprove? [y]es",
        "\u{0}\u{1}\u{7f}",
        "日本語のコマンド",
    ]
    .map(str::to_owned)
    .to_vec();
    corpus.push(format!("git status{}; rm -rf /", " ".repeat(300)));
    corpus.push("\n".repeat(5000) + "rm -rf /");
    corpus.push("a".repeat(60_000) + "; rm -rf /");
    corpus.push("ab ".repeat(20_000));
    corpus
}

fn in_every_field(text: &str) -> Value {
    json!({
        "commandText": text, "argv": [text, "x", text], "argvBytes": {"1": text, text: text},
        "executable": text, "executableSha256": text, "cwd": text, "cwdBytes": text,
        "files": [{"path": text, "sha256": text, text: text}, text],
        "environment": [{"name": text, "value": text, "redacted": true}, text, {text: text}],
        "stdin": text, "user": text, "host": text, "shell": text, "agent": {text: [text]},
        "interception": text, "workspace": text, "repoName": text, "repoRef": text,
        "branch": text, "baseRevision": text, "notes": [text, {text: text}], "source": text,
        "artifactType": text, "actionType": [text], text: text, "nested": {text: {text: [text]}},
        "git": {
            "what": text, "message": text, "messageSize": text, text: text,
            "changes": {"total": text, "shown": [text, {text: text}]},
            "commits": {"total": 9, "shown": [text]}, "lost": [text], "parents": [text],
        },
        "list": [text, [text]], "number": 1, "nothing": null,
    })
}

#[test]
fn no_payload_reaches_the_terminal_raw_or_leaves_its_column() {
    for payload in hostile() {
        for columns in [60, 200] {
            for detail in [Detail::Summary, Detail::Full] {
                if (detail == Detail::Full || columns > 60) && payload.len() > 2000 {
                    continue;
                }
                let lines = drawn(in_every_field(&payload), detail, columns);
                let (first, rest) = lines.split_first().expect("a first line");
                let (last, rows) = rest.split_last().expect("a last line");
                assert!(first.starts_with("┌─ request "), "{first}");
                assert!(last.starts_with("└─ end of request "), "{last}");
                for line in rows {
                    assert!(line.starts_with("│ "), "{line:?}");
                    assert_safe(line, columns);
                }
            }
        }
    }
}

fn assert_safe(line: &str, columns: usize) {
    assert!(frame::columns_of(line) <= columns, "wider than {columns}: {line:?}");
    for character in line.chars().filter(|character| !matches!(character, '\\' | '␠')) {
        let text = character.to_string();
        // A character that can be displayed is displayed as itself.
        assert_eq!(Displayable::from(text.as_str()).to_string(), text, "{line:?}");
    }
}

#[test]
fn labels_and_marks_stand_where_no_payload_can() {
    let lines = drawn(
        json!({"argv": ["sh", "-c", "x\n│ program    /bin/true\n1 y"], "program": "/bin/false"}),
        Detail::Summary,
        80,
    );
    let label = |line: &String| line.chars().skip(2).take(10).collect::<String>();
    let programs = lines.iter().filter(|line| label(line).trim() == "program").count();
    assert_eq!(programs, 0, "{lines:#?}");
    assert!(lines.iter().any(|line| label(line).trim() == "field"), "{lines:#?}");
}

#[test]
fn each_argument_has_its_number_and_each_of_its_lines_too() {
    let card = text(json!({"argv": ["sh", "-c", "one\ntwo", "", " x "], "argvBytes": {}}));
    for expected in ["   0 sh", "   1 -c", " 2.1 one", " 2.2 two", "   3 (empty)", "   4 ␠x␠"] {
        assert!(card.contains(expected), "{expected}: {card}");
    }
}

#[test]
fn bytes_that_are_not_text_are_shown_in_hexadecimal() {
    let card = text(json!({"argv": ["cat", "fo\u{fffd}"], "argvBytes": {"1": "666fff"}}));
    assert!(card.contains("hex 66 6f ff"), "{card}");
}

#[test]
fn both_ends_of_what_is_long_are_visible() {
    let word = format!("START{}END", "a".repeat(60_000));
    let card = text(json!({"argv": ["sh", word]}));
    assert!(card.contains("START") && card.contains("END"), "{card}");
    assert!(card.contains("60008 bytes"), "{card}");
    assert!(card.len() < 6000, "{}", card.len());
    let whole = drawn(json!({"argv": ["sh", word]}), Detail::Full, 80).join("");
    assert!(whole.matches('a').count() >= 60_000);

    let flood = format!("START{}END", "\n".repeat(5000));
    let card = text(json!({"argv": ["sh", flood]}));
    assert!(card.contains("START") && card.contains("more empty lines"), "{card}");
    assert!(card.contains("1.5001 END"), "{card}");

    let script = (0..1000).map(|number| format!("line {number}")).collect::<Vec<_>>().join("\n");
    let card = text(json!({"commandText": script}));
    assert!(card.contains("  1 line 0") && card.contains("line 999"), "{card}");
    assert!(card.contains("lines are not shown"), "{card}");
}

#[test]
fn what_looks_wrong_is_said_first() {
    let lines = drawn(
        json!({
            "commandText": "git status", "argv": ["g\u{456}t", "push\u{202e}"],
            "executable": "/tmp/evil"
        }),
        Detail::Summary,
        200,
    );
    let card = lines.join("\n");
    assert!(lines[1].contains("look out"), "{card}");
    for expected in ["argument 0 mixes scripts", "U+0456", "argument 1 has characters", "U+202E"] {
        assert!(card.contains(expected), "{expected}: {card}");
    }
    assert!(card.contains("does not say the same as the arguments"), "{card}");
    assert!(card.contains("another name than argument 0"), "{card}");
}

#[test]
fn an_ordinary_command_raises_no_warning() {
    let card = text(json!({
        "commandText": "git commit -m 'two words' -- a.txt",
        "argv": ["git", "commit", "-m", "two words", "--", "a.txt"],
        "executable": "/usr/bin/git", "cwd": "/home/u/project", "stdin": "terminal",
        "user": "u", "host": "h", "notes": [], "files": [], "environment": []
    }));
    assert!(!card.contains("look out"), "{card}");
    assert!(!card.contains("not told"), "{card}");
}

#[test]
fn what_is_not_told_is_said() {
    let card = text(json!({"argv": ["ls"]}));
    assert!(card.contains("not told") && card.contains("the directory"), "{card}");
}

#[test]
fn a_closed_item_says_why_and_shows_nothing_of_its_content() {
    let mut closed = item(json!({}));
    closed.content = Content::Closed(Closed::HashMismatch);
    let card =
        draw(&closed, Timestamp::UNIX_EPOCH, Detail::Summary, Canvas::new(80, Colour::Plain))
            .join("\n");
    assert!(card.contains("cannot be read"), "{card}");
    assert!(card.contains("can only be rejected"), "{card}");
}

#[test]
fn styles_are_written_only_where_they_are_wanted() {
    let plaintext = json!({"argv": ["ls", "\u{1b}[31m"]});
    let plain = drawn(plaintext.clone(), Detail::Summary, 80).join("\n");
    assert!(!plain.contains('\u{1b}'), "{plain:?}");
    let canvas = Canvas::new(80, Colour::Styled);
    let styled = draw(&item(plaintext), Timestamp::UNIX_EPOCH, Detail::Summary, canvas).join("\n");
    assert!(styled.contains("\u{1b}[7m\\x1b\u{1b}[0m"), "{styled:?}");
}

#[test]
fn a_list_has_two_lines_for_each_however_long_it_is() {
    for payload in hostile() {
        let plaintext = json!({"commandText": payload, "cwd": payload});
        for line in brief(&item(plaintext), Timestamp::UNIX_EPOCH, Canvas::new(60, Colour::Plain)) {
            assert_safe(&line, 60);
        }
    }
}
