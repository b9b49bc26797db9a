//! What keys do, and above all what they do not.

use super::{Effect, Key, Scene, grave, named, plaintext, usual};
use crate::approver::tui::Chosen;
use crate::approver::{Item, Reach};
use serde_json::json;

fn tall(items: Vec<Item>) -> Scene {
    Scene::new(100, 60, items)
}

#[test]
fn approves_what_was_shown_after_a_moment_by_its_hash() {
    let item = usual("req-AAAAAA", "git push");
    let chosen = Chosen::from(&item);
    let mut scene = tall(vec![item]);
    scene.later(800);
    assert_eq!(scene.press(&Key::Char('a')), Effect::Approve(chosen));
}

#[test]
fn nothing_that_is_typed_ahead_approves() {
    let mut scene = tall(Vec::new());
    assert_eq!(scene.types("aaa"), vec![Effect::None; 3]);
    scene.waits(vec![usual("req-AAAAAA", "git push")]);
    // A key that is held down keeps an approval inert for as long as it is held.
    for _ in 0..100 {
        scene.later(30);
        assert_eq!(scene.press(&Key::Char('a')), Effect::None);
    }
    scene.later(799);
    assert_eq!(scene.press(&Key::Char('a')), Effect::None);
    scene.later(800);
    assert!(matches!(scene.press(&Key::Char('a')), Effect::Approve(_)));
}

#[test]
fn whatever_changes_on_the_screen_makes_it_inert_again() {
    let change: [fn(&mut Scene); 6] = [
        |scene| {
            let more = vec![usual("req-AAAAAA", "git push"), usual("req-BBBBBB", "ls")];
            scene.waits(more);
        },
        |scene| drop(scene.press(&Key::Char('f'))),
        |scene| drop(scene.press(&Key::Focus)),
        |scene| {
            scene.press(&Key::Char('h'));
            scene.press(&Key::Char('h'));
        },
        |scene| {
            scene.terminal.backend_mut().resize(101, 60);
            scene.draw();
        },
        |scene| {
            let now = scene.now();
            scene.view.disturb(now);
        },
    ];
    for (number, change) in change.into_iter().enumerate() {
        let mut scene = tall(vec![usual("req-AAAAAA", "git push")]);
        scene.later(900);
        change(&mut scene);
        assert_eq!(scene.press(&Key::Char('a')), Effect::None, "{number}");
        scene.later(900);
        assert!(matches!(scene.press(&Key::Char('a')), Effect::Approve(_)), "{number}");
    }
}

#[test]
fn the_same_request_with_another_content_is_another_request() {
    let mut scene = tall(vec![usual("req-AAAAAA", "git push")]);
    scene.later(900);
    let other = usual("req-AAAAAA", "rm x");
    let chosen = Chosen::from(&other);
    scene.waits(vec![other]);
    assert_eq!(scene.press(&Key::Char('a')), Effect::None);
    scene.later(900);
    assert_eq!(scene.press(&Key::Char('a')), Effect::Approve(chosen));
}

#[test]
fn a_long_card_is_read_to_its_end_first() {
    let script = (0..200).map(|line| format!("line {line}")).collect::<Vec<_>>().join("\n");
    let mut fields = plaintext("req-AAAAAA", "sh x");
    fields["argv"] = json!(["sh", "-c", script]);
    let mut scene = Scene::new(60, 20, vec![named("req-AAAAAA", fields)]);
    scene.later(5000);
    assert_eq!(scene.press(&Key::Char('a')), Effect::None);
    assert!(scene.draw().contains("not approved: its end was not shown"));
    let mut pages = 0;
    while !scene.draw().contains("end of request AAAAAA") {
        scene.press(&Key::Char(' '));
        pages += 1;
        assert!(pages < 100);
    }
    scene.later(800);
    assert!(matches!(scene.press(&Key::Char('a')), Effect::Approve(_)));
}

#[test]
fn enter_never_decides() {
    let mut scene = tall(vec![grave("req-AAAAAA", "git push -f")]);
    scene.later(900);
    assert_eq!(scene.press(&Key::Enter), Effect::None);
    scene.press(&Key::Char('a'));
    scene.later(900);
    assert_eq!(scene.press(&Key::Enter), Effect::None);
    // It closed the question, and the number means nothing now.
    assert_eq!(scene.types("47"), vec![Effect::None; 2]);
    for key in [Key::Char('r'), Key::Char('c'), Key::Char('S')] {
        scene.later(900);
        scene.press(&key);
        scene.later(900);
        assert_eq!(scene.press(&Key::Enter), Effect::None);
        scene.press(&Key::Escape);
    }
}

#[test]
fn what_is_hard_to_undo_takes_a_number_that_was_not_there_before() {
    let mut scene = tall(vec![grave("req-AAAAAA", "git push -f")]);
    scene.later(900);
    assert_eq!(scene.types("a47"), vec![Effect::None; 3], "typed ahead");
    scene.later(900);
    assert!(scene.draw().contains("type 47 to approve it"), "{}", scene.draw());
    assert_eq!(scene.types("46"), vec![Effect::None; 2], "another number");
    scene.later(900);
    scene.press(&Key::Char('a'));
    scene.later(900);
    let effects = scene.types("47");
    assert!(matches!(effects[..], [Effect::None, Effect::Approve(_)]), "{effects:?}");
}

#[test]
fn a_burst_slows_down_and_says_so() {
    let items = (0..11).map(|n| usual(&format!("req-AAAAA{n}"), &format!("ls {n}"))).collect();
    let mut scene = tall(items);
    assert!(scene.draw().contains("a burst: 11 came within a minute"), "{}", scene.draw());
    scene.later(900);
    assert_eq!(scene.press(&Key::Char('a')), Effect::None);
    scene.later(3000);
    assert_eq!(scene.press(&Key::Char('a')), Effect::None);
    scene.later(3000);
    assert!(scene.draw().contains("type 47 to approve it"), "{}", scene.draw());
}

#[test]
fn rejects_with_ready_words_own_words_or_what_to_do() {
    let item = usual("req-AAAAAA", "git push");
    let chosen = Chosen::from(&item);
    for (typed, last, words) in [
        ("r", Key::Char('1'), Some("not now; go on with something else")),
        ("r", Key::Char('n'), None),
        ("rwuse a branch", Key::Enter, Some("use a branch")),
        ("cpush to anna/x", Key::Enter, Some("change it: push to anna/x")),
        ("rcpush to anna/x", Key::Enter, Some("change it: push to anna/x")),
    ] {
        let mut scene = tall(vec![usual("req-AAAAAA", "git push")]);
        scene.later(900);
        assert!(scene.types(typed).iter().all(|effect| *effect == Effect::None), "{typed}");
        let expected = Effect::Reject(vec![chosen.clone()], words.map(str::to_owned));
        assert_eq!(scene.press(&last), expected, "{typed}");
    }
}

#[test]
fn rejects_all_that_ask_for_the_same() {
    let same = |id: &str| usual(id, "git push");
    let items = vec![same("req-AAAAAA"), usual("req-BBBBBB", "ls"), same("req-CCCCCC")];
    let wanted = vec![Chosen::from(&items[0]), Chosen::from(&items[2])];
    let mut scene = tall(items);
    scene.press(&Key::Char('R'));
    assert!(scene.draw().contains("reject all 2 like AAAAAA"), "{}", scene.draw());
    let words = Some("too broad: ask for one smaller step".to_owned());
    assert_eq!(scene.press(&Key::Char('2')), Effect::Reject(wanted, words));
}

#[test]
fn words_for_one_are_no_keys_for_another() {
    let mut scene = tall(vec![usual("req-AAAAAA", "git push"), usual("req-BBBBBB", "ls")]);
    scene.types("rwplease do not a");
    scene.waits(vec![usual("req-BBBBBB", "ls")]);
    // Whoever writes goes on for a while.
    for _ in 0..50 {
        scene.later(100);
        assert!(scene.types("q1arSn").iter().all(|effect| *effect == Effect::None));
        assert!(!scene.draw().contains(": why"), "{}", scene.draw());
    }
    scene.later(900);
    assert_eq!(scene.press(&Key::Char('q')), Effect::Quit);
}

fn of_session(id: &str, session: &str) -> Item {
    let mut fields = plaintext(id, "git push");
    fields["sessionId"] = json!(session);
    named(id, fields)
}

#[test]
fn asking_nothing_takes_two_keys_and_goes_as_far_as_the_session() {
    let items = vec![
        of_session("req-AAAAAA", "ses-1"),
        of_session("req-BBBBBB", "ses-2"),
        of_session("req-CCCCCC", "ses-1"),
        usual("req-DDDDDD", "ls"),
    ];
    let chosen: Vec<Chosen> = items.iter().map(Chosen::from).collect();
    let mut scene = tall(items);
    scene.press(&Key::Char('j'));
    scene.press(&Key::Char('k'));
    scene.press(&Key::Char('S'));
    let drawn = scene.draw();
    assert!(drawn.contains("S  rejects all 2 of its session"), "{drawn}");
    assert!(drawn.contains("W  rejects all 4 of its workspace"), "{drawn}");
    assert_eq!(scene.press(&Key::Char('x')), Effect::None);
    scene.press(&Key::Char('S'));
    let both = vec![chosen[0].clone(), chosen[2].clone()];
    assert_eq!(scene.press(&Key::Char('S')), Effect::Stop(both, Reach::Session));
    scene.press(&Key::Char('S'));
    assert_eq!(scene.press(&Key::Char('W')), Effect::Stop(chosen, Reach::Workspace));
}

#[test]
fn asking_nothing_goes_as_far_as_the_workspace_where_no_session_is_named() {
    let items = vec![usual("req-AAAAAA", "git push"), of_session("req-BBBBBB", "ses-1")];
    let all: Vec<Chosen> = items.iter().map(Chosen::from).collect();
    let mut scene = tall(items);
    scene.press(&Key::Char('S'));
    let drawn = scene.draw();
    assert!(drawn.contains("S  rejects all 2 of its workspace"), "{drawn}");
    assert!(drawn.contains("names no session") && !drawn.contains("W  rejects"), "{drawn}");
    assert_eq!(scene.press(&Key::Char('S')), Effect::Stop(all, Reach::Workspace));
}

#[test]
fn pasted_text_is_never_a_key() {
    let mut scene = tall(vec![usual("req-AAAAAA", "git push")]);
    scene.later(900);
    for text in ["a", "q", "r1", "S", "SS"] {
        assert_eq!(scene.press(&Key::Paste(text.to_owned())), Effect::None);
    }
}
