//! From text to rules.

use super::super::log_allowed::LogAllowed;
use super::{Example, Expected, PolicyFile};
use crate::config::{Complaint, Key, Layer, Value, document, keys};
use crate::policy::approvals::Approvals;
use crate::policy::danger::{Dangerous, Marks};
use crate::policy::rule::{Hours, Rule, When};
use crate::policy::verdict::Decision;
use crate::request::RecordingWish;
use std::path::{Path, PathBuf};

/// Where a file lies, and what paths in it are relative to.
#[derive(Debug, Clone, Copy)]
pub(in crate::policy) struct Origin<'a> {
    /// Its layer.
    pub(in crate::policy) layer: Layer,
    /// The file as it is shown.
    pub(in crate::policy) file: &'a str,
    /// The home directory, for `~/`.
    pub(in crate::policy) home: Option<&'a Path>,
}

pub(super) const TOP: &[&str] =
    &["rule", "include", "read-only", "dangerous", "approvals", "log-allowed", "locked", "trust"];
pub(super) const RULE: &[&str] =
    &["argv", "decision", "approvals", "reason", "when", "record", "match", "not_match"];
pub(super) const WHEN: &[&str] = &["cwd", "repository", "agent", "interactive", "hours"];
pub(super) const TRUST: &[&str] = &["directories", "environment", "repositories"];
pub(super) const RECORD: &[(&str, RecordingWish)] =
    &[("never", RecordingWish::Never), ("always", RecordingWish::Always)];

/// Reads a policy file and holds each rule to its examples.
///
/// # Errors
///
/// The first [`Complaint`]: then nothing of the file counts.
pub(in crate::policy) fn parse(text: &str, origin: Origin<'_>) -> Result<PolicyFile, Complaint> {
    let mut file = parse_untried(text, origin)?;
    std::mem::take(&mut file.examples).into_iter().try_for_each(Example::check)?;
    Ok(file)
}

/// Reads a policy file; its examples are in it, and what became of them.
///
/// # Errors
///
/// The first [`Complaint`] but about an example.
pub(in crate::policy) fn parse_untried(
    text: &str,
    origin: Origin<'_>,
) -> Result<PolicyFile, Complaint> {
    let table = document::parse(text)?;
    let mut file = PolicyFile::default();
    for key in keys(text, table.get_ref()) {
        let value = key.value;
        match key.name {
            "rule" => {
                for each in value.items()? {
                    let (rule, examples) = rule(each, origin)?;
                    file.most_approvals = file.most_approvals.max(rule.approvals);
                    file.rules.push(rule);
                    file.examples.extend(examples);
                }
            }
            "include" => {
                for each in value.items()? {
                    file.includes.push((each.string()?.to_owned(), each.position()));
                }
            }
            "read-only" => {
                file.asks_for_reading = value.one_of(&[("allow", false), ("ask", true)])?;
            }
            "dangerous" => {
                let words = [("deny", Dangerous::Deny), ("ask", Dangerous::Ask)];
                file.dangerous = Some(value.one_of(&words)?);
                if origin.layer == Layer::Project && file.dangerous == Some(Dangerous::Ask) {
                    return Err(value.complain("a project's file only makes things stricter"));
                }
            }
            "approvals" => {
                for key in value.keys()? {
                    if !file.marks.raise(key.name, approvals(key.value)?) {
                        return Err(key.unknown(Marks::WORDS));
                    }
                }
                file.most_approvals = file.most_approvals.max(file.marks.most());
            }
            "log-allowed" => {
                let word = value.one_of(LogAllowed::WORDS)?;
                file.log_allowed = Some(word);
                if origin.layer == Layer::Project && word == LogAllowed::No {
                    return Err(value.complain("a project's file only makes things stricter"));
                }
            }
            "locked" if origin.layer == Layer::System => file.locked = value.truth()?,
            "locked" => return Err(value.complain("only the system's file can lock")),
            "trust" if origin.layer == Layer::Project => {
                return Err(value.complain("a project's file cannot trust anything"));
            }
            "trust" => trust(value, origin, &mut file)?,
            _ => return Err(key.unknown(TOP)),
        }
    }
    Ok(file)
}

fn trust(value: Value<'_>, origin: Origin<'_>, file: &mut PolicyFile) -> Result<(), Complaint> {
    for key in value.keys()? {
        match key.name {
            "directories" => {
                for each in key.value.items()? {
                    file.directories.push(path(each, origin)?);
                }
            }
            "repositories" => {
                for each in key.value.items()? {
                    file.repositories.push(path(each, origin)?);
                }
            }
            "environment" => {
                for each in key.value.items()? {
                    let entry = each.string()?;
                    if !entry.contains('=') {
                        return Err(each.complain("write name and value: \"NAME=value\""));
                    }
                    file.environment.push(entry.as_bytes().to_vec());
                }
            }
            _ => return Err(key.unknown(TRUST)),
        }
    }
    Ok(())
}

fn rule(value: Value<'_>, origin: Origin<'_>) -> Result<(Rule, Vec<Example>), Complaint> {
    let mut rule = Rule {
        layer: origin.layer,
        file: origin.file.to_owned(),
        line: value.position().line,
        ..Rule::default()
    };
    let mut decision = None;
    let mut needed = None;
    let mut written: Vec<(Key<'_>, Expected)> = Vec::new();
    for key in value.keys()? {
        match key.name {
            "argv" => rule.argv = argv(key.value)?,
            "decision" => {
                let words = [Decision::Allow, Decision::Ask, Decision::Deny];
                decision = Some(key.value.one_of(&words.map(|each| (each.word(), each)))?);
            }
            "approvals" => needed = Some((key, approvals(key.value)?)),
            "reason" => rule.reason = Some(key.value.string()?.to_owned()),
            "record" => rule.record = Some(key.value.one_of(RECORD)?),
            "when" => rule.when = when(key.value, origin)?,
            "match" => written.push((key, Expected::Matches)),
            "not_match" => written.push((key, Expected::Differs)),
            _ => return Err(key.unknown(RULE)),
        }
    }
    rule.decision = decision.ok_or_else(|| value.complain("a rule needs `decision`"))?;
    if let Some((key, approvals)) = needed {
        if rule.decision != Decision::Ask {
            return Err(key.complain("only a rule with decision = \"ask\" needs approvals"));
        }
        rule.approvals = approvals;
    }
    if rule.argv.is_empty() {
        return Err(value.complain("a rule needs `argv`"));
    }
    let mut examples = Vec::new();
    for (key, expected) in written {
        for example in key.value.items()? {
            examples.push(Example::of(&rule, example, expected)?);
        }
    }
    Ok((rule, examples))
}

fn approvals(value: Value<'_>) -> Result<Approvals, Complaint> {
    let most = Approvals::MOST;
    Approvals::new(value.number()?)
        .ok_or_else(|| value.complain(format!("write how many must approve: 1 to {most}")))
}

fn argv(value: Value<'_>) -> Result<Vec<Vec<Vec<u8>>>, Complaint> {
    let items = value.items()?;
    if items.is_empty() {
        return Err(value.complain("write at least the program: argv = [\"git\"]"));
    }
    let mut words = Vec::new();
    for (at, item) in items.into_iter().enumerate() {
        let alternatives = if item.is_string() { vec![item.string()?] } else { item.strings()? };
        if alternatives.is_empty() {
            return Err(item.complain("a list of alternatives needs at least one"));
        }
        if at == 0 && alternatives.iter().any(|each| each.is_empty() || each.contains('/')) {
            return Err(item.complain("write the name of the program, without a path"));
        }
        words.push(alternatives.into_iter().map(|each| each.as_bytes().to_vec()).collect());
    }
    Ok(words)
}

fn when(value: Value<'_>, origin: Origin<'_>) -> Result<When, Complaint> {
    let mut when = When::default();
    for key in value.keys()? {
        match key.name {
            "cwd" => when.cwd = Some(path(key.value, origin)?),
            "repository" => when.repository = Some(path(key.value, origin)?),
            "agent" => when.agent = Some(key.value.string()?.to_owned()),
            "interactive" => when.interactive = Some(key.value.truth()?),
            "hours" => when.hours = Some(hours(key.value)?),
            _ => return Err(key.unknown(WHEN)),
        }
    }
    Ok(when)
}

fn path(value: Value<'_>, origin: Origin<'_>) -> Result<PathBuf, Complaint> {
    let text = value.string()?;
    let path = match text.strip_prefix("~/").or(if text == "~" { Some("") } else { None }) {
        Some(rest) => match origin.home {
            Some(home) => home.join(rest),
            None => return Err(value.complain("there is no HOME that ~ could be")),
        },
        None => PathBuf::from(text),
    };
    // Joined anew, so that a slash at the end makes no difference.
    let path: PathBuf = path.components().collect();
    if path.is_absolute() && !path.components().any(|part| part.as_os_str() == "..") {
        return Ok(path);
    }
    Err(value.complain("write an absolute path, or one that begins with ~/"))
}

fn hours(value: Value<'_>) -> Result<Hours, Complaint> {
    let minute = |text: &str| -> Option<u16> {
        let (hour, minute) = text.split_once(':')?;
        let (hour, minute) = (two_digits(hour)?, two_digits(minute)?);
        (hour < 24 && minute < 60 || (hour, minute) == (24, 0)).then_some(hour * 60 + minute)
    };
    let text = value.string()?;
    let hours = text
        .split_once('-')
        .and_then(|(from, to)| Some(Hours { from: minute(from.trim())?, to: minute(to.trim())? }));
    hours.ok_or_else(|| value.complain("write hours as \"09:00-18:00\""))
}

fn two_digits(text: &str) -> Option<u16> {
    (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<PolicyFile, String> {
        let origin = Origin { layer: Layer::User, file: "p", home: Some(Path::new("/h")) };
        parse(text, origin).map_err(|complaint| complaint.to_string())
    }

    #[test]
    fn reads_a_whole_rule() {
        let file = read(
            "read-only = \"ask\"\n[[rule]]\nargv = [\"git\", [\"status\", \"diff\"]]\ndecision = \"allow\"\n\
             reason = \"r\"\nwhen = { cwd = \"~/src/\", agent = \"codex\", interactive = false, hours = \"22:00-06:30\" }\n\
             match = [\"git status -s\"]\nnot_match = [\"git push\"]\n\
             [approvals]\nany = 2\ngit = 3\n[trust]\ndirectories = [\"~/.cargo/bin\"]\nrepositories = [\"~/src\"]\nenvironment = [\"A=b\"]\n",
        )
        .expect("a policy");
        let rule = &file.rules[0];
        assert_eq!((rule.words().as_str(), rule.line), ("git (status|diff)", 2));
        assert_eq!(rule.when.cwd.as_deref(), Some(Path::new("/h/src")));
        assert_eq!(rule.when.hours, Some(Hours { from: 1320, to: 390 }));
        assert!(file.asks_for_reading);
        assert_eq!(file.most_approvals.number(), 3);
        assert_eq!(file.directories, [PathBuf::from("/h/.cargo/bin")]);
        assert_eq!(file.repositories, [PathBuf::from("/h/src")]);
    }

    #[test]
    fn every_complaint_names_line_and_column() {
        for (text, wanted) in [
            ("[[rule]\n", "1:8: "),
            (
                "[[rule]]\nargv = [\"x\"]\ndecison = \"allow\"\n",
                "3:1: unknown key `decison`; did you mean `decision`?",
            ),
            ("[[rules]]\n", "1:3: unknown key `rules`; did you mean `rule`?"),
            ("[[rule]]\nargv = [\"x\"]\n", "1:1: a rule needs `decision`"),
            ("[[rule]]\ndecision = \"deny\"\n", "1:1: a rule needs `argv`"),
            ("[[rule]]\nargv = []\ndecision = \"deny\"\n", "2:8: write at least"),
            ("[[rule]]\nargv = [\"x\", 5]\ndecision = \"deny\"\n", "2:14: "),
            ("[[rule]]\nargv = [\"/bin/x\"]\ndecision = \"deny\"\n", "2:9: write the name"),
            ("[[rule]]\nargv = [\"x\"]\ndecision = \"maybe\"\n", "3:12: write \"allow\" or"),
            (
                "[[rule]]\nargv=[\"x\"]\ndecision=\"deny\"\nwhen={hours=\"9-5\"}\n",
                "4:13: write hours",
            ),
            (
                "[[rule]]\nargv=[\"x\"]\ndecision=\"deny\"\nwhen={cwd=\"src\"}\n",
                "4:11: write an absolute",
            ),
            (
                "[[rule]]\nargv=[\"x\"]\ndecision=\"deny\"\nmatch=[\"y\"]\n",
                "4:8: the rule does not match",
            ),
            (
                "[[rule]]\nargv=[\"x\"]\ndecision=\"deny\"\nnot_match=[\"x y\"]\n",
                "4:12: the rule matches",
            ),
            (
                "[[rule]]\nargv=[\"x\"]\ndecision=\"allow\"\napprovals=2\n",
                "4:1: only a rule with decision = \"ask\"",
            ),
            (
                "[[rule]]\nargv=[\"x\"]\ndecision=\"ask\"\napprovals=0\n",
                "4:11: write how many must approve",
            ),
            ("[approvals]\nclod = 2\n", "2:1: unknown key `clod`; did you mean `cloud`?"),
            ("[approvals]\ncloud = \"2\"\n", "2:9: "),
            ("locked = true\n", "1:10: only the system's"),
            ("[trust]\nenvironment = [\"A\"]\n", "2:16: write name and value"),
        ] {
            let complaint = read(text).expect_err(text);
            assert!(complaint.starts_with(wanted), "{text}: {complaint}");
        }
    }
}
