//! What stands around the command on the waiting line, and what goes first where the
//! terminal is narrow.
//!
//! On 80 columns it still says which request, how long it waits and how to decide; what
//! goes before them are words that only read well, the name of the approver, the time of
//! the notice and the end of the command.

use crate::cli::noticed::Look;
use std::time::Duration;

/// How much of a command is read before anything is left out for more of it.
const LEAST: usize = 20;
/// The same where nothing but short words are left.
const LEAST_OF_NARROW: usize = 16;

/// What a line is made of, but for the command.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts<'a> {
    pub(super) waited: Duration,
    pub(super) left: Duration,
    /// Who has looked.
    pub(super) look: Option<&'a Look>,
    /// How to decide: the whole command line.
    pub(super) how: &'a str,
    /// What whoever approves elsewhere may be asked for, with its word.
    pub(super) number: Option<&'a str>,
}

/// Returns the line for that many columns: what explains is left out where it would
/// leave too little of the command, and the command is cut first of the others.
pub(super) fn line(parts: Parts<'_>, command: &str, why: Option<&str>, columns: usize) -> String {
    let number = parts.number_within(columns);
    let (head, tail) = parts.around(command, columns - number.chars().count());
    let between = if number.is_empty() || tail.starts_with(SEPARATOR) { "" } else { SEPARATOR };
    fit(&head, command, why, &format!("{number}{between}{tail}"), columns)
}

/// Writes a span as minutes and seconds.
pub(super) fn minutes(span: Duration) -> String {
    format!("{}:{:02}", span.as_secs() / 60, span.as_secs() % 60)
}

impl Parts<'_> {
    /// Returns what stands before and behind the command: the first that leaves enough
    /// of it, and never without the name of the request.
    fn around(self, command: &str, columns: usize) -> (String, String) {
        let length = command.chars().count();
        let fits = |(head, tail, least): &(String, &str, usize)| {
            let tail = if head.is_empty() { 0 } else { SEPARATOR.len() } + tail.chars().count();
            head.chars().count() + tail + least.min(&length) <= columns
        };
        let looked = self.look.map(|look| self.with_look(look)).into_iter().flatten();
        let found = looked.chain(self.without_look()).find(fits);
        match found {
            Some((head, tail, _)) => (head, format!("{SEPARATOR}{tail}")),
            None => (String::new(), self.brief().to_owned()),
        }
    }

    /// Returns the number as it stands in the line: nothing where there is none, or where
    /// it would take the place of the request's name.
    fn number_within(&self, columns: usize) -> String {
        let number = self.number.map(|number| format!("{SEPARATOR}{number}")).unwrap_or_default();
        let taken = number.chars().count() + SEPARATOR.len() + self.brief().chars().count();
        if taken < columns { number } else { String::new() }
    }

    fn with_look(&self, look: &Look) -> [(String, &str, usize); 5] {
        let (time, left) = (self.time(), minutes(self.left));
        let (whole, dated, word) = (look.whole(), look.dated(), look.word());
        [
            (format!("{time}; {whole}; waiting for approval of "), self.how, LEAST),
            (format!("{time}; {whole}; for "), self.short(), LEAST),
            (format!("airlock-exec: {left} left; {dated}: "), self.short(), LEAST),
            (format!("airlock-exec: {left} left; {word}: "), self.short(), LEAST_OF_NARROW),
            (format!("airlock-exec: {left} left; {word}: "), self.brief(), LEAST_OF_NARROW),
        ]
    }

    fn without_look(&self) -> [(String, &str, usize); 5] {
        let (time, left) = (self.time(), minutes(self.left));
        // Beside a number the command that it belongs to must still be known.
        let least = if self.number.is_some() { LEAST_OF_NARROW } else { 1 };
        [
            (format!("{time} waiting for approval of "), self.how, LEAST),
            (format!("{time} for "), self.how, LEAST),
            (format!("{time} for "), self.short(), least),
            (format!("airlock-exec: {left} left: "), self.brief(), 1),
            (format!("{left} left: "), self.brief(), 1),
        ]
    }

    fn time(&self) -> String {
        format!("airlock-exec: {} of {}", minutes(self.waited), minutes(self.waited + self.left))
    }

    /// How to decide, for whoever reads who is speaking at the start of the line.
    fn short(&self) -> &str {
        self.how.strip_prefix("airlock-exec ").unwrap_or(self.how)
    }

    /// The same in the fewest words that still name the request.
    fn brief(&self) -> &str {
        self.short().strip_prefix("approver ").unwrap_or(self.short())
    }
}

const SEPARATOR: &str = " | ";

fn fit(head: &str, command: &str, why: Option<&str>, tail: &str, columns: usize) -> String {
    let fixed = head.chars().count() + tail.chars().count();
    let least = LEAST.min(command.chars().count());
    let fits = |why: &&str| fixed + why.chars().count() + least <= columns;
    let tail = format!("{}{tail}", why.filter(fits).unwrap_or(""));
    let room = columns.saturating_sub(head.chars().count() + tail.chars().count());
    let whole = command.chars().count() <= room;
    let command: String = if whole {
        command.to_owned()
    } else if room == 0 {
        String::new()
    } else {
        command.chars().take(room.saturating_sub(1)).chain(std::iter::once('…')).collect()
    };
    format!("{head}{command}{tail}").chars().take(columns).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Stage;

    fn parts(look: Option<&Look>) -> Parts<'_> {
        Parts {
            waited: Duration::from_secs(2),
            left: Duration::from_secs(598),
            look,
            how: "airlock-exec approver approve 2VGZMQ",
            number: None,
        }
    }

    fn look(stage: Stage) -> Look {
        Look { approver: "approver".to_owned(), stage, seconds: 12 }
    }

    #[test]
    fn the_name_of_the_request_is_on_every_terminal() {
        let command = "bash -c 'make release && git push origin main'";
        for (columns, least) in [(200, command.len()), (99, 9), (79, 19), (60, 1), (44, 1), (14, 0)]
        {
            let line = line(parts(None), command, None, columns);
            assert!(line.chars().count() <= columns, "{columns}: {line}");
            assert!(line.ends_with("approve 2VGZMQ"), "{columns}: {line}");
            assert!(line.contains(&command[..least]), "{columns}: {line}");
        }
    }

    #[test]
    fn eighty_columns_say_which_how_long_and_how_to_decide_whoever_has_looked() {
        for command in ["make release", "bash -c 'make release && git push origin main'"] {
            for (stage, columns) in
                [(Stage::Delivered, 79), (Stage::Seen, 79), (Stage::Seen, 90), (Stage::Seen, 120)]
            {
                let line = line(parts(Some(&look(stage))), command, None, columns);
                assert!(line.chars().count() <= columns, "{line}");
                assert!(line.ends_with("approver approve 2VGZMQ"), "{line}");
                assert!(line.contains("9:58 left") || line.contains("0:02 of 10:00"), "{line}");
                assert!(line.contains(stage.name()), "{line}");
                assert!(line.contains(&command[..12]), "{line}");
            }
        }
    }

    #[test]
    fn a_number_stands_beside_how_to_decide_wherever_both_fit() {
        let command = "bash -c 'make release && git push origin main'";
        let seen = look(Stage::Seen);
        for (columns, look) in
            [(200, None), (120, Some(&seen)), (79, None), (79, Some(&seen)), (60, None), (30, None)]
        {
            let numbered = Parts { number: Some("number 07"), ..parts(look) };
            let line = line(numbered, command, None, columns);
            assert!(line.chars().count() <= columns, "{columns}: {line}");
            assert!(line.contains(" | number 07 | "), "{columns}: {line}");
            assert!(line.ends_with("approve 2VGZMQ"), "{columns}: {line}");
            assert!(columns < 79 || line.contains(&command[..15]), "{columns}: {line}");
        }
        let narrow = Parts { number: Some("number 07"), ..parts(None) };
        assert_eq!(line(narrow, command, None, 14), "approve 2VGZMQ");
    }

    #[test]
    fn the_time_that_is_left_goes_after_who_has_looked() {
        for columns in [75, 70, 60, 50, 43, 30] {
            let line = line(parts(Some(&look(Stage::Seen))), "make release", None, columns);
            assert!(line.contains("9:58 left") || line.contains("0:02 of 10:00"), "{line}");
            assert!(line.ends_with("approve 2VGZMQ"), "{line}");
        }
    }

    #[test]
    fn cuts_the_command_and_keeps_how_to_decide() {
        assert_eq!(fit("head ", "short", None, " | tail", 40), "head short | tail");
        let fit_long = |columns| fit("head ", &"x".repeat(100), Some(" (why)"), " | tail", columns);
        let line = fit_long(38);
        assert_eq!(line.chars().count(), 38);
        assert!(line.ends_with("… (why) | tail"), "{line}");
        let line = fit_long(37);
        assert_eq!(line.chars().count(), 37);
        assert!(line.ends_with("x… | tail"), "the command comes first: {line}");
        assert!(fit_long(3).chars().count() <= 3);
    }
}
