//! The compiled form says what the file says, or nothing.

use super::Store;
use super::head::Home;
use super::image::{Damaged, Image, compile};
use crate::config::{Layer, Paths};
use crate::policy::PolicyError;
use crate::policy::engine::{Defaults, Engine, Rules};
use crate::policy::file::PolicyFile;
use crate::policy::rule::{Circumstances, Hours, Place, Rule, When};
use crate::policy::set::RuleSet;
use crate::policy::source::{Guard, Source};
use crate::policy::verdict::Decision;
use crate::policy::words::Word;
use crate::process::{Environment, Stdio, open_private_file};
use proptest::prelude::*;
use std::ffi::OsString;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{FileExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A policy on disk, and the place where its compiled form goes.
struct Scene {
    root: TempDir,
    source: Source,
    store: Store,
}

impl Scene {
    fn new(text: &str) -> Self {
        let root = tempfile::tempdir().expect("a directory");
        let path = root.path().join("policy.toml");
        fs::write(&path, text).expect("a policy");
        fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("private");
        let home = (OsString::from("HOME"), root.path().as_os_str().to_owned());
        let paths = Paths::from_environment(&[home].into_iter().collect()).expect("HOME is set");
        let source = Source { path, layer: Layer::User, guard: Guard::Layer };
        Self { store: Store::of(&paths), source, root }
    }

    /// Compiles it, as soon as another change of the file would show.
    fn compiled(text: &str) -> (Self, PathBuf) {
        let scene = Self::new(text);
        let deadline = crate::process::Deadline::after(std::time::Duration::from_secs(20));
        loop {
            scene.store.read(&scene.source, None).expect("a good policy");
            let directory = scene.root.path().join(".local/state/airlock-exec/policy");
            if let Some(entry) = fs::read_dir(directory).ok().and_then(|mut all| all.next()) {
                return (scene, entry.expect("an entry").path());
            }
            assert!(!deadline.has_passed(), "it is never compiled");
        }
    }

    fn image(&self) -> Option<Image> {
        let state = self.source.state().expect("readable")?;
        self.store.image(&self.source, &state, None).map(|(image, _)| image)
    }
}

const POLICY: &str = r#"
read-only = "ask"
[[rule]]
argv = ["git", ["status", "log"]]
decision = "allow"
reason = "reads"
when = { agent = "codex", interactive = false, hours = "22:00-06:30" }
[[rule]]
argv = ["git", "push"]
decision = "deny"
[[rule]]
argv = [["rm", "shred"], "-r"]
decision = "deny"
[[rule]]
argv = ["git"]
decision = "ask"
[trust]
environment = ["A=b"]
"#;

fn words(line: &str) -> Vec<Word<'_>> {
    line.split(' ').map(|word| Word::literal(word.as_bytes())).collect()
}

fn lines(found: &[Rule]) -> Vec<u32> {
    found.iter().map(|rule| rule.line).collect()
}

#[test]
fn finds_rules_by_the_words_they_need_in_their_order() {
    let (scene, _) = Scene::compiled(POLICY);
    let image = scene.image().expect("a compiled policy");
    for (line, found) in [
        ("git status", &[3, 14][..]),
        ("git -C x push origin", &[8, 14]),
        ("/usr/bin/git log push", &[3, 8, 14]),
        ("git", &[14]),
        ("shred x -rf", &[11]),
        ("ls", &[]),
    ] {
        let rules = image.candidates(&words(line)).expect("whole");
        assert_eq!(lines(&rules), found, "{line}");
    }
    let rules = image.candidates(&words("git status")).expect("whole");
    let read = crate::policy::source::load(&scene.source, None).expect("good");
    assert_eq!(rules[0], read[0].file.rules[0]);
}

#[test]
fn any_change_of_a_source_or_of_home_makes_it_stale() {
    let (scene, _) = Scene::compiled(POLICY);
    assert!(scene.image().is_some());
    let state = scene.source.state().expect("readable").expect("there");
    let home = Some(Path::new("/elsewhere"));
    assert!(scene.store.image(&scene.source, &state, home).is_none());
    let path = &scene.source.path;
    // The same size and the same time of modification: only the change shows.
    let modified = fs::metadata(path).and_then(|found| found.modified()).expect("a time");
    fs::write(path, POLICY.replace("deny", "ask ")).expect("written");
    File::options()
        .write(true)
        .open(path)
        .and_then(|file| file.set_modified(modified))
        .expect("set");
    assert!(scene.image().is_none());

    let (scene, _) = Scene::compiled(POLICY);
    fs::set_permissions(scene.root.path(), Permissions::from_mode(0o777)).expect("loosened");
    assert!(scene.image().is_none(), "others could put a file there");

    let (scene, _) = Scene::compiled(POLICY);
    fs::rename(&scene.source.path, scene.root.path().join("old")).expect("moved");
    assert!(scene.image().is_none());
}

#[test]
fn what_it_includes_makes_it_stale_too() {
    let scene = Scene::new("");
    let included = scene.root.path().join("more.toml");
    fs::write(&included, POLICY).expect("a policy");
    fs::set_permissions(&included, Permissions::from_mode(0o600)).expect("private");
    drop(scene);
    let (scene, _) = Scene::compiled("");
    fs::write(scene.root.path().join("more.toml"), POLICY).expect("a policy");
    fs::write(&scene.source.path, "include = [\"more.toml\"]").expect("written");
    let wait = || {
        scene.store.read(&scene.source, None).expect("good");
        scene.image()
    };
    let deadline = crate::process::Deadline::after(std::time::Duration::from_secs(20));
    let image = loop {
        if let Some(image) = wait() {
            break image;
        }
        assert!(!deadline.has_passed(), "it is never compiled");
    };
    let rules = image.candidates(&words("git push")).expect("whole");
    assert!(rules[0].file.ends_with("more.toml"), "{rules:?}");
    fs::write(scene.root.path().join("more.toml"), "").expect("written");
    assert!(scene.image().is_none());
}

#[test]
fn one_that_others_could_have_written_is_not_used() {
    let (scene, path) = Scene::compiled(POLICY);
    fs::set_permissions(&path, Permissions::from_mode(0o644)).expect("loosened");
    assert!(scene.image().is_none());
    fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("mended");
    assert!(scene.image().is_some());
    let elsewhere = path.with_extension("moved");
    fs::rename(&path, &elsewhere).expect("moved");
    symlink(&elsewhere, &path).expect("a link");
    assert!(scene.image().is_none());
    fs::remove_file(&path).expect("removed");
    fs::hard_link(&elsewhere, &path).expect("a second name");
    assert!(scene.image().is_none());
    if nix::unistd::Uid::effective().is_root() {
        fs::remove_file(&elsewhere).expect("removed");
        std::os::unix::fs::chown(&path, Some(12_345), None).expect("given away");
        assert!(scene.image().is_none());
    }
}

#[test]
fn no_damaged_byte_changes_what_is_found() {
    let (scene, path) = Scene::compiled(POLICY);
    let commands = ["git status", "git push", "rm -rf x", "ls"];
    let image = scene.image().expect("whole");
    let whole = commands.map(|line| image.candidates(&words(line)).expect("whole"));
    let file = File::options().read(true).write(true).open(&path).expect("opened");
    let mut bytes = fs::read(&path).expect("read");
    for at in 0..bytes.len() {
        let place = u64::try_from(at).expect("small");
        for bit in [1, 0x80] {
            bytes[at] ^= bit;
            file.write_all_at(&bytes[at..=at], place).expect("damaged");
            // The image is taken anew, and also one that is open meets the damage.
            for image in [scene.image()].into_iter().flatten() {
                for (line, wanted) in commands.iter().zip(&whole) {
                    let found = image.candidates(&words(line));
                    assert!(found.as_ref() == Ok(wanted) || found == Err(Damaged), "{at}: {line}");
                }
            }
            bytes[at] ^= bit;
            file.write_all_at(&bytes[at..=at], place).expect("mended");
        }
    }
    for length in 0..bytes.len() {
        fs::write(&path, &bytes[..length]).expect("cut");
        assert!(scene.image().is_none(), "{length}");
    }
    fs::write(&path, &bytes).expect("mended");
    assert!(scene.image().is_some());
}

#[test]
fn where_nothing_can_be_written_the_file_is_read() {
    let scene = Scene::new(POLICY);
    fs::write(scene.root.path().join(".local"), "in the way").expect("a file");
    for _ in 0..2 {
        let read = scene.store.read(&scene.source, None).expect("good");
        assert_eq!(read.rules.len(), 4);
    }
}

/// Rules in memory and their compiled form, side by side.
struct Both {
    plain: RuleSet,
    _root: TempDir,
    image: Image,
}

impl Both {
    fn new(plain: Vec<Rule>) -> Self {
        let root = tempfile::tempdir().expect("a directory");
        let path = root.path().join("policy.toml");
        fs::write(&path, "").expect("a file");
        let source = Source { path: path.clone(), layer: Layer::User, guard: Guard::Layer };
        let state = source.state().expect("readable").expect("there");
        let plain: Vec<Rule> = plain
            .into_iter()
            .map(|rule| Rule { layer: Layer::User, file: path.display().to_string(), ..rule })
            .collect();
        let said = PolicyFile { rules: plain.clone(), ..PolicyFile::default() };
        let compiled = root.path().join("compiled");
        let bytes = compile(Home::Any, &[(source.clone(), state)], &said);
        fs::write(&compiled, &bytes).expect("written");
        fs::set_permissions(&compiled, Permissions::from_mode(0o600)).expect("private");
        let file = open_private_file(&compiled).expect("private").expect("there");
        let length = u64::try_from(bytes.len()).expect("small");
        let taken = Image::take(file, length, (&source, &state), None);
        let plain = RuleSet { rules: plain, ..RuleSet::default() };
        Self { plain, _root: root, image: taken.expect("whole").0 }
    }
}

struct Compiled<'a>(&'a Image);

impl Rules for Compiled<'_> {
    fn candidates(&self, words: &[Word<'_>]) -> Result<Vec<Rule>, PolicyError> {
        Ok(self.0.candidates(words).expect("whole"))
    }
}

#[derive(Debug, Clone)]
enum Command {
    Text(String),
    Words(Vec<String>),
}

/// Judges by both, and fails where they differ.
fn assert_same_judgement(rules: Vec<Rule>, commands: &[Command]) {
    let both = Both::new(rules);
    let environment = Environment::default();
    let circumstances = Circumstances {
        directory: Path::new("/home/me/src"),
        environment: &environment,
        stdio: Stdio::capture(),
        minute: || Some(600),
        place: Place::Stays,
    };
    for command in commands {
        for defaults in [Defaults::ReadOnly, Defaults::Nothing] {
            let judged = |rules: &dyn Rules| {
                let engine = Engine {
                    rules,
                    circumstances,
                    defaults,
                    dangerous: crate::policy::danger::Dangerous::Deny,
                    marks: crate::policy::danger::Marks::default(),
                    most_approvals: crate::policy::approvals::Approvals::ONE,
                };
                let judgement = match command {
                    Command::Text(text) => engine.judge_text(text),
                    Command::Words(argv) => {
                        let words: Vec<Word<'_>> =
                            argv.iter().map(|word| Word::literal(word.as_bytes())).collect();
                        engine.judge(&words)
                    }
                };
                let judgement = judgement.expect("nothing is damaged");
                (judgement.decision(), judgement.rule(), judgement.because())
            };
            assert_eq!(judged(&Compiled(&both.image)), judged(&both.plain), "{command:?}");
        }
    }
}

#[test]
fn every_row_of_the_corpus_is_judged_alike() {
    let rows = include_str!("../../../tests/corpus/policy.jsonl");
    for line in rows.lines() {
        let row: serde_json::Value = serde_json::from_str(line).expect("a row");
        let strings = |key: &str| -> Vec<String> {
            let items = row[key].as_array().into_iter().flatten();
            items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
        };
        let rules = strings("rules").into_iter().map(|text| {
            let mut words = text.split(' ').map(|word| vec![word.as_bytes().to_vec()]);
            let decision = match words.next() {
                Some(first) if first[0] == b"deny" => Decision::Deny,
                _ => Decision::Allow,
            };
            Rule { argv: words.collect(), decision, ..Rule::default() }
        });
        let command = match row["text"].as_str() {
            Some(text) => Command::Text(text.to_owned()),
            None => Command::Words(strings("argv")),
        };
        assert_same_judgement(rules.collect(), &[command]);
    }
}

/// Few words, so that rules and commands meet often.
fn word() -> impl Strategy<Value = String> {
    proptest::sample::select(vec![
        "git",
        "rm",
        "sudo",
        "env",
        "sh",
        "-c",
        "push",
        "status",
        "log",
        "-r",
        "-f",
        "-rf",
        "-C",
        "x",
        "--force",
        "--force=1",
        "origin",
        "",
        "a b",
        "xargs",
        "find",
        "-exec",
        ";",
        "A=1",
        "git push",
        "rm -rf x; git status",
    ])
    .prop_map(str::to_owned)
}

fn rule() -> impl Strategy<Value = Rule> {
    let alternatives = || proptest::collection::vec(word().prop_map(String::into_bytes), 1..3);
    let decision = proptest::sample::select(vec![Decision::Allow, Decision::Ask, Decision::Deny]);
    let when = proptest::option::of((any::<bool>(), 0_u16..1440, 0_u16..1440));
    let parts = (proptest::collection::vec(alternatives(), 1..4), decision, when, any::<u32>());
    parts.prop_map(|(argv, decision, when, line)| {
        let when = when.map_or_else(When::default, |(interactive, from, to)| When {
            interactive: Some(interactive),
            hours: Some(Hours { from, to }),
            ..When::default()
        });
        Rule { argv, decision, when, line, reason: Some(line.to_string()), ..Rule::default() }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn generated_rules_are_judged_alike(
        rules in proptest::collection::vec(rule(), 0..12),
        commands in proptest::collection::vec(proptest::collection::vec(word(), 1..6), 1..8),
    ) {
        let texts = commands.iter().map(|words| Command::Text(words.join(" ")));
        let argvs = commands.iter().cloned().map(Command::Words);
        let commands: Vec<Command> = texts.chain(argvs).collect();
        assert_same_judgement(rules, &commands);
    }
}
