//! What `airlock-exec init` asks when no option says it.

use super::{AccountCommandError, InitArguments};
use crate::cli::output::say;
use crate::cli::paragraph::paragraph;
use crate::cli::terminal::Terminal;
use crate::config::{GatewayUrl, Mode, Settings, Source, check};
use crate::process::Stdio;
use std::io;

/// How often a question is put again after an answer that is none.
const ATTEMPTS: usize = 3;

/// Asks where requests are decided; what holds now is offered as the answer.
///
/// # Errors
///
/// [`AccountCommandError::NoPlace`] when nobody can be asked, or nobody answers.
pub(super) async fn ask(
    arguments: &mut InitArguments,
    present: Option<&Settings>,
) -> Result<(), AccountCommandError> {
    if !Stdio::capture().has_a_person() {
        return Err(AccountCommandError::NoPlace);
    }
    let mut person = Person { terminal: Terminal::open().map_err(failed)?, present };
    match person.place().await? {
        Mode::Local => arguments.local = true,
        Mode::Hosted => arguments.hosted = true,
        Mode::Own => {
            let url = person.setting("gateway.url", "its address, https://...", Need::Must).await?;
            arguments.gateway = url;
        }
    }
    if !arguments.local && arguments.client_id.is_none() {
        let question = "client id of your app, if you have one";
        arguments.client_id = person.setting("gateway.client_id", question, Need::May).await?;
    }
    Ok(())
}

/// Whether a question can be left without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Must,
    May,
}

/// The person at the terminal, and what they set up before.
struct Person<'s> {
    terminal: Terminal,
    present: Option<&'s Settings>,
}

impl Person<'_> {
    async fn place(&mut self) -> Result<Mode, AccountCommandError> {
        let present = self.present.map_or(Mode::Local, Settings::mode);
        let places = [
            (Mode::Local, "on this machine: no account is needed".to_owned()),
            (Mode::Hosted, format!("at the hosted gateway: {}", GatewayUrl::hosted())),
            (Mode::Own, "at a gateway of your own".to_owned()),
        ];
        let was_chosen = self.chosen("mode").is_some();
        tell("Where are your requests decided?")?;
        let mut offered = 1;
        for (number, (mode, words)) in (1..).zip(&places) {
            if *mode == present {
                offered = number;
            }
            let now = if was_chosen && *mode == present { " (as now)" } else { "" };
            tell(&format!("  {number}  {words}{now}"))?;
        }
        let question = format!("1, 2 or 3 [{offered}]: ");
        for _ in 0..ATTEMPTS {
            match self.answer(&question).await?.as_str() {
                "" => return Ok(present),
                "1" => return Ok(Mode::Local),
                "2" => return Ok(Mode::Hosted),
                "3" => return Ok(Mode::Own),
                _ => tell("  answer 1, 2 or 3; Ctrl-C changes nothing")?,
            }
        }
        Err(AccountCommandError::NoPlace)
    }

    /// Asks for a setting until it can be used; `None` leaves it as it is.
    async fn setting(
        &mut self,
        name: &str,
        words: &str,
        need: Need,
    ) -> Result<Option<String>, AccountCommandError> {
        let before = self.chosen(name);
        let offer = match (&before, need) {
            (Some(value), _) => format!(" [{value}]"),
            (None, Need::May) => " [none]".to_owned(),
            (None, Need::Must) => String::new(),
        };
        for _ in 0..ATTEMPTS {
            let answer = self.answer(&format!("{words}{offer}: ")).await?;
            match (answer.is_empty(), need) {
                (true, _) if before.is_some() => return Ok(before),
                (true, Need::May) => return Ok(None),
                (true, Need::Must) => tell("  it is needed; Ctrl-C changes nothing")?,
                (false, _) => match check(name, &answer) {
                    Ok(()) => return Ok(Some(answer)),
                    Err(error) => tell(&paragraph(&format!("  {error}"), 2))?,
                },
            }
        }
        Err(AccountCommandError::NoPlace)
    }

    /// Returns what somebody set, and not what is built in.
    fn chosen(&self, name: &str) -> Option<String> {
        let entries = self.present.map(Settings::entries)?;
        let entry = entries.into_iter().find(|entry| entry.name == name)?;
        entry.value.filter(|_| entry.source != Source::BuiltIn)
    }

    async fn answer(&mut self, question: &str) -> Result<String, AccountCommandError> {
        let answer = self.terminal.ask(question).await.map_err(failed)?;
        answer.ok_or(AccountCommandError::NoPlace)
    }
}

fn tell(line: &str) -> Result<(), AccountCommandError> {
    say(line).map_err(failed)
}

fn failed(source: io::Error) -> AccountCommandError {
    AccountCommandError::System { action: "ask", source }
}
