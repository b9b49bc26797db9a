//! One rule of a policy, and what it takes to match it.

mod condition;

pub(super) use condition::{Circumstances, Hours, Place, When};

use super::approvals::Approvals;
use super::verdict::Decision;
use super::words::{Word, base_name};
use crate::config::Layer;
use crate::request::RecordingWish;

/// One rule: words, a decision, and when it holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Rule {
    /// For each word the alternatives; there is at least one word.
    pub(super) argv: Vec<Vec<Vec<u8>>>,
    pub(super) decision: Decision,
    /// How many must approve; more than one only of a rule that asks.
    pub(super) approvals: Approvals,
    pub(super) reason: Option<String>,
    pub(super) when: When,
    /// Whether its commands are recorded, whatever the settings say.
    pub(super) record: Option<RecordingWish>,
    pub(super) layer: Layer,
    /// The file it stands in, and the line.
    pub(super) file: String,
    pub(super) line: u32,
}

impl Rule {
    /// Returns file and line.
    pub(super) fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }

    /// Returns its words as they are shown: `git (status|diff)`.
    pub(super) fn words(&self) -> String {
        let one = |alternatives: &Vec<Vec<u8>>| {
            let shown: Vec<String> =
                alternatives.iter().map(|text| Word::literal(&text[..]).shown()).collect();
            if let [only] = &shown[..] { only.clone() } else { format!("({})", shown.join("|")) }
        };
        self.argv.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    /// Returns words behind the program of which one stands, literally, in every command
    /// that the rule matches or reaches; `None` when any may stand there.
    ///
    /// What finds rules relies on it: as wide as [`Rule::starts`] and [`Rule::reaches`].
    pub(super) fn needed_words(&self) -> Option<&[Vec<u8>]> {
        let second = self.argv.get(1)?;
        // An option of a rule that stops may stand anywhere, also in a cluster.
        let anywhere = self.decision != Decision::Allow && is_of_options(second);
        (!anywhere).then_some(&second[..])
    }

    /// Tells whether the first words of a command are the rule's, literally.
    ///
    /// The command word may be a path: what lies there is checked where it is found.
    pub(super) fn starts(&self, words: &[Word<'_>]) -> bool {
        words.len() >= self.argv.len()
            && self.argv.iter().zip(words).enumerate().all(|(at, (alternatives, word))| {
                word.known().is_some_and(|text| {
                    let text = if at == 0 { base_name(text) } else { text };
                    alternatives.iter().any(|alternative| alternative == text)
                })
            })
    }

    /// Tells whether the rule reaches a command that it is to stop.
    ///
    /// Wider than [`Rule::starts`]: options and their values may stand between the
    /// words, and an option the rule names may stand anywhere.
    pub(super) fn reaches(&self, words: &[Word<'_>]) -> bool {
        let is_one_of = |word: &Word<'_>, alternatives: &[Vec<u8>]| {
            word.known().is_some_and(|text| alternatives.iter().any(|each| each == text))
        };
        let Some((program, rest)) = self.argv.split_first() else { return false };
        let Some(name) = words.first().and_then(Word::known).map(base_name) else { return false };
        if !program.iter().any(|each| each == name) {
            return false;
        }
        let mut at = 1;
        rest.iter().all(|alternatives| {
            if is_of_options(alternatives) {
                return words[1..].iter().any(|word| {
                    word.known().is_some_and(|text| {
                        alternatives.iter().any(|option| has_option(text, option))
                    })
                });
            }
            while let Some(word) = words.get(at) {
                at += 1;
                if is_one_of(word, alternatives) {
                    return true;
                }
                let follows_option = at > 2 && words[at - 2].is_option();
                if !(word.is_option() || follows_option) {
                    return false;
                }
            }
            false
        })
    }
}

fn is_of_options(alternatives: &[Vec<u8>]) -> bool {
    alternatives.iter().all(|each| each.starts_with(b"-"))
}

/// Tells whether a word is that option: itself, with a value, or in a cluster.
fn has_option(word: &[u8], option: &[u8]) -> bool {
    if word == option {
        return true;
    }
    match option {
        [b'-', b'-', ..] => word.strip_prefix(option).is_some_and(|rest| rest.starts_with(b"=")),
        [b'-', letter] => {
            word.len() > 2 && word[0] == b'-' && word[1] != b'-' && word[1..].contains(letter)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(words: &[&str]) -> Rule {
        let argv = words.iter().map(|word| vec![word.as_bytes().to_vec()]).collect();
        Rule { argv, decision: Decision::Deny, ..Rule::default() }
    }

    fn words(line: &str) -> Vec<Word<'_>> {
        line.split(' ').map(|word| Word::literal(word.as_bytes())).collect()
    }

    #[test]
    fn a_prefix_ends_at_word_boundaries() {
        let rule = rule(&["git", "status"]);
        assert!(rule.starts(&words("git status -s")));
        assert!(rule.starts(&words("/usr/bin/git status")));
        assert!(!rule.starts(&words("git status-evil")));
        assert!(!rule.starts(&words("git -s status")));
        assert!(!rule.starts(&words("git")));
    }

    #[test]
    fn a_denial_reaches_past_options() {
        let push = rule(&["git", "push"]);
        for line in ["git push", "git -C x push", "git --no-pager -c a=b push o"] {
            assert!(push.reaches(&words(line)), "{line}");
        }
        assert!(!push.reaches(&words("git log push")));
        let force = rule(&["git", "push", "--force"]);
        for line in ["git push --force", "git push origin main --force", "git --force push"] {
            assert!(force.reaches(&words(line)), "{line}");
        }
        assert!(!force.reaches(&words("git push origin")));
        assert!(rule(&["rm", "-r"]).reaches(&words("rm -fr x")));
        assert!(!rule(&["rm", "-r"]).reaches(&words("rm --recursive-not x")));
    }
}
