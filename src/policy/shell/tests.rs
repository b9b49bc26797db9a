//! Texts, the commands in them, and whether they are understood.

use super::*;

fn commands(text: &str) -> Vec<Vec<String>> {
    let known = |word: &Word<'_>| {
        word.known().map_or("?".to_owned(), |text| String::from_utf8_lossy(text).into_owned())
    };
    parse(text).commands.iter().map(|words| words.iter().map(known).collect()).collect()
}

#[test]
fn quotes_are_removed_as_a_shell_does() {
    for (text, words) in [
        (r#"echo 'a b' "c d" e\ f g'h'"i""#, &["echo", "a b", "c d", "e f", "ghi"][..]),
        (r#"echo "\$x \" \\ \` \a""#, &["echo", "$x \" \\ ` \\a"]),
        (r"\rm r''m", &["rm", "rm"]),
        ("echo a\\\nb", &["echo", "ab"]),
        (r"find . -exec rm {} +", &["find", ".", "-exec", "rm", "{}", "+"]),
        ("echo 'it'\\''s fine'", &["echo", "it's fine"]),
    ] {
        assert_eq!(commands(text), [words], "{text}");
    }
}

#[test]
fn commands_are_found_everywhere() {
    for text in [
        "echo $(rm x)",
        "echo `rm x`",
        "(rm x)",
        "{ rm x; }",
        "f() { rm x; }",
        "if a; then rm x; fi",
        "for i in a; do rm x; done",
        "case a in a) rm x;; esac",
        "a | rm x",
        "a & rm x",
        "! rm x",
        "cat <(rm x)",
        "cat <<E\n$(rm x)\nE",
        "echo ${a:-$(rm x)}",
        "echo \"$(rm x)\"",
        "X=$(rm x)",
        "echo $(( $(rm x) ))",
        "while rm x; do :; done",
        "a > >(rm x)",
        "[[ $(rm x) ]]",
        "coproc rm x",
        "cat <<< $(rm x)",
        "> \"$(rm x)\"",
        "time rm x",
        "echo ${a/b/$(rm x)}",
        "a &>/dev/null rm x",
        "a &>>/dev/null rm x",
    ] {
        let found = commands(text);
        assert!(found.contains(&vec!["rm".to_owned(), "x".to_owned()]), "{text}: {found:?}");
    }
}

#[test]
fn what_shells_read_in_two_ways_is_not_understood() {
    for text in ["a &>/dev/null", "a b &>> /dev/null && c", "echo 'a&>b'", "a 2>/dev/null"] {
        assert_eq!(parse(text).obscure, None, "{text}");
    }
    for text in ["a &>/dev/null b", "a &>/dev/null B=c d", "a &>/dev/null B=c", "a 10>/dev/null"] {
        assert!(parse(text).obscure.is_some(), "{text}");
    }
    for word in ["a*(e:b:)", "@(b)", "x=(b)"] {
        assert_eq!(commands(&format!("ls {word}")), [["ls", "?"]], "{word}");
    }
    for word in ["a[b](e:b:)", "a(e:b:)"] {
        assert!(parse(&format!("ls {word}")).unread, "{word}");
    }
}

#[test]
fn nesting_and_length_are_bounded() {
    for text in ["(".repeat(300), "echo $(".repeat(200), "if ".repeat(2000), "a".repeat(2 << 20)] {
        assert!(parse(&text).obscure.is_some());
    }
}
