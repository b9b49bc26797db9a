//! Every setting: its name, kind, default, and who may say it.

use super::address::GatewayUrl;
use super::count::{Count, CountOrNone};
use super::described::Described;
use super::error::ConfigError;
use super::evidence::{Recording, Telling};
use super::notice::{DesktopNotices, ProgramLine, WebhookEntries};
use super::pin::CertificatePin;
use super::source::{Source, Sourced};
use super::value::{
    CipherChoice, HeaderText, Kind, Mode, Name, Nesting, SecretPlace, TlsRoots, TouchedFor,
    WithoutPasskeyChoice,
};
use crate::config::Layer;
use crate::config::document::{Complaint, Value};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Who may say a setting, besides the administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// The user, unless the administrator locked; then only what tightens.
    Owner,
    /// The user; with a lock only what the administrator left open.
    Account,
    /// Everybody. It decides nothing.
    Anyone,
    /// The user; a project and the environment only make it shorter, and so does
    /// the user behind a lock.
    Shorter,
}

/// Makes the settings from one list.
macro_rules! settings {
    ($(#[doc = $meaning:literal] $field:ident: $kind:ty = $name:literal, $variable:literal, $reach:ident, $default:expr;)*) => {
        /// What one file or the environment says.
        #[derive(Debug, Default)]
        pub(super) struct Said {
            pub(super) locked: bool,
            $($field: Option<Sourced<$kind>>,)*
        }

        /// What holds, and where each of it came from.
        #[derive(Debug, Clone)]
        pub struct Settings {
            /// The administrator's file when it locks the others.
            pub(super) lock: Option<PathBuf>,
            $(pub(super) $field: Option<Sourced<$kind>>,)*
        }

        /// The name of every setting.
        pub const NAMES: &[&str] = &[$($name),*];

        /// The variable of every setting, and whether it may be set.
        const VARIABLES: &[(&str, &str, Reach)] = &[$(($name, $variable, Reach::$reach)),*];

        impl Said {
            /// Takes a setting of a file; `None` when there is none of that name.
            pub(super) fn put(&mut self, name: &str, value: Value<'_>, source: Source) -> Option<Result<(), Complaint>> {
                match name {
                    $($name => Some(<$kind>::of_document(value).and_then(|read| {
                        admit(Reach::$reach, &source).map_err(|message| value.complain(message))?;
                        self.$field = Some(Sourced { value: read, source });
                        Ok(())
                    })),)*
                    _ => None,
                }
            }

            /// Takes the text of a variable.
            fn put_text(&mut self, name: &str, text: &str, source: Source) -> Result<(), String> {
                match name {
                    $($name => self.$field = Some(Sourced { value: <$kind>::read(text)?, source }),)*
                    _ => (),
                }
                Ok(())
            }
        }

        impl Settings {
            /// Lays one source over the other, the weakest first.
            pub(super) fn settle(layers: Vec<Said>, lock: Option<PathBuf>) -> Result<Self, ConfigError> {
                $(let mut $field: Option<Sourced<$kind>> = $default.map(|value| Sourced { value, source: Source::BuiltIn });)*
                for said in layers {
                    $($field = lay($name, Reach::$reach, $field, said.$field, lock.as_deref())?;)*
                }
                Ok(Self { lock, $($field),* })
            }

            /// Describes every setting that there is.
            #[must_use]
            pub fn described() -> Vec<Description> {
                vec![$(Description {
                    name: $name,
                    variable: Reach::$reach.variable($variable),
                    default: $default.map(|value: $kind| value.shown()),
                    values: <$kind as Described>::VALUES,
                    said_by: Reach::$reach.words(),
                    meaning: $meaning.trim_ascii(),
                }),*]
            }

            /// Returns every setting as text, in the order in which it is documented.
            #[must_use]
            pub fn entries(&self) -> Vec<Entry> {
                vec![$(Entry {
                    name: $name,
                    value: self.$field.as_ref().map(|sourced| sourced.value.shown()),
                    source: self.$field.as_ref().map_or(Source::BuiltIn, |sourced| sourced.source.clone()),
                }),*]
            }
        }

        /// Returns how a value is written in a file.
        ///
        /// # Errors
        ///
        /// What to write instead.
        pub(super) fn written(name: &str, text: &str) -> Option<Result<toml_edit::Value, String>> {
            match name {
                $($name => Some(<$kind>::read(text).map(|value| value.written())),)*
                _ => None,
            }
        }
    };
}

settings! {
    /// Which gateway is asked.
    mode: Mode = "mode", "AIRLOCK_EXEC_MODE", Owner, Some(Mode::Local);
    /// The base address of a gateway of one's own.
    gateway_url: GatewayUrl = "gateway.url", "AIRLOCK_EXEC_GATEWAY_URL", Owner, None;
    /// The app that we are there.
    client_id: HeaderText = "gateway.client_id", "AIRLOCK_EXEC_GATEWAY_CLIENT_ID", Account, None;
    /// The origin of an app that is registered as public.
    origin: HeaderText = "gateway.origin", "AIRLOCK_EXEC_GATEWAY_ORIGIN", Account, None;
    /// Which certificate authorities count.
    tls_roots: TlsRoots = "gateway.tls_roots", "AIRLOCK_EXEC_GATEWAY_TLS_ROOTS", Owner, Some(TlsRoots::BuiltIn);
    /// The one certificate that the gateway may show.
    certificate: CertificatePin = "gateway.certificate_sha256", "AIRLOCK_EXEC_GATEWAY_CERTIFICATE_SHA256", Owner, None;
    /// How many calls a minute the gateway allows.
    calls: Count = "gateway.calls_per_minute", "AIRLOCK_EXEC_GATEWAY_CALLS_PER_MINUTE", Account, None;
    /// Where new credentials are kept.
    credentials: SecretPlace = "credentials.store", "AIRLOCK_EXEC_CREDENTIALS_STORE", Account, Some(SecretPlace::Automatic);
    /// Whether an unsigned do-not-disturb policy may approve.
    trust_gateway_dnd: bool = "trust_gateway_dnd", "AIRLOCK_EXEC_TRUST_GATEWAY_DND", Owner, Some(false);
    /// Which approvals take the touch of a passkey, of an approver that is paired with one.
    presence: TouchedFor = "approval.presence", "AIRLOCK_EXEC_APPROVAL_PRESENCE", Owner, Some(TouchedFor::Dangerous);
    /// Whether such an approval counts by an approver without a passkey, as that of the terminal.
    without_passkey: WithoutPasskeyChoice = "approval.without_passkey", "AIRLOCK_EXEC_APPROVAL_WITHOUT_PASSKEY", Owner, Some(WithoutPasskeyChoice::Counts);
    /// What becomes of the commands that an approved command starts.
    nested: Nesting = "nested", "AIRLOCK_EXEC_NESTED", Owner, Some(Nesting::Covered);
    /// Which cipher seals requests.
    cipher: CipherChoice = "cipher", "AIRLOCK_EXEC_CIPHER", Account, Some(CipherChoice::Automatic);
    /// What an approver reads for this machine.
    label: Name = "enforcer.label", "AIRLOCK_EXEC_ENFORCER_LABEL", Account, None;
    /// What an approver reads for the place that requests come from.
    workspace: Name = "workspace", "AIRLOCK_EXEC_WORKSPACE", Anyone, None;
    /// Whether the desktop is told that something waits.
    notifications: DesktopNotices = "notifications", "AIRLOCK_EXEC_NOTIFICATIONS", Owner, Some(DesktopNotices::Automatic);
    /// The program that is told of each request.
    on_request: ProgramLine = "on_request", "AIRLOCK_EXEC_ON_REQUEST", Owner, None;
    /// The addresses that are told of each request.
    webhook: WebhookEntries = "webhook", "AIRLOCK_EXEC_WEBHOOK", Owner, None;
    /// The real shell behind `airlock-sh`.
    shell: PathBuf = "shell", "AIRLOCK_EXEC_SHELL", Owner, Some(PathBuf::from("/bin/sh"));
    /// How long a decision may take.
    wait: Duration = "timeouts.wait", "AIRLOCK_EXEC_TIMEOUTS_WAIT", Shorter, Some(Duration::from_mins(10));
    /// How long the gateway may be out of reach.
    connect: Duration = "timeouts.connect", "AIRLOCK_EXEC_TIMEOUTS_CONNECT", Shorter, Some(Duration::from_secs(20));
    /// Whether the approver is told what becomes of a command.
    outcome: Telling = "outcome.send", "AIRLOCK_EXEC_OUTCOME_SEND", Owner, Some(Telling::Automatic);
    /// How many lines of the end of its output go with that.
    last_lines: CountOrNone = "outcome.last_lines", "AIRLOCK_EXEC_OUTCOME_LAST_LINES", Owner, Some(CountOrNone(0));
    /// Which commands are recorded.
    record: Recording = "record", "AIRLOCK_EXEC_RECORD", Owner, Some(Recording::Never);
    /// Whether what is typed is recorded too.
    record_input: bool = "recording.input", "AIRLOCK_EXEC_RECORDING_INPUT", Owner, Some(false);
    /// How large a recording may get, in MiB.
    record_size: Count = "recording.max_mib", "AIRLOCK_EXEC_RECORDING_MAX_MIB", Owner, Some(Count(16));
    /// How long recordings are kept.
    record_days: Count = "recording.keep_days", "AIRLOCK_EXEC_RECORDING_KEEP_DAYS", Owner, Some(Count(30));
    /// Between two heartbeats.
    heartbeat: Duration = "timeouts.heartbeat", "AIRLOCK_EXEC_TIMEOUTS_HEARTBEAT", Account, Some(Duration::from_secs(30));
    /// How many questions of one session may wait at once.
    pending: Count = "limits.pending", "AIRLOCK_EXEC_LIMITS_PENDING", Owner, Some(Count(5));
    /// How many questions of one session may be put within a minute.
    per_minute: Count = "limits.per_minute", "AIRLOCK_EXEC_LIMITS_PER_MINUTE", Owner, Some(Count(60));
    /// How many days full files of the audit log are kept.
    log_keep_days: Count = "log.keep_days", "AIRLOCK_EXEC_LOG_KEEP_DAYS", Owner, Some(Count(365));
    /// How long a file of the audit log gets, in MiB.
    log_file_mib: Count = "log.file_mib", "AIRLOCK_EXEC_LOG_FILE_MIB", Owner, Some(Count(16));
}

/// What there is to know of a setting before anybody set it.
#[derive(Debug, Clone)]
pub struct Description {
    /// Its name.
    pub name: &'static str,
    /// The variable that says it, where an environment may.
    pub variable: Option<&'static str>,
    /// What holds when nobody says it.
    pub default: Option<String>,
    /// Which values there are.
    pub values: &'static str,
    /// Who may say it.
    pub said_by: &'static str,
    /// What it is for.
    pub meaning: &'static str,
}

impl Reach {
    /// Returns the variable, if an environment may say it.
    fn variable(self, name: &'static str) -> Option<&'static str> {
        matches!(self, Self::Anyone | Self::Shorter).then_some(name)
    }

    fn words(self) -> &'static str {
        match self {
            Self::Owner => "you; behind a lock only what tightens",
            Self::Account => "you; behind a lock what was left open",
            Self::Anyone => "everybody: it decides nothing",
            Self::Shorter => "you; a project and the environment only shorten",
        }
    }
}

/// One setting as it is shown.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its name.
    pub name: &'static str,
    /// Its value, `None` when it is not set.
    pub value: Option<String>,
    /// Where the value came from.
    pub source: Source,
}

/// Refuses what an agent can write where it could loosen something.
fn admit(reach: Reach, source: &Source) -> Result<(), String> {
    if matches!(reach, Reach::Anyone | Reach::Shorter) || !source.is_within_reach_of_the_agent() {
        return Ok(());
    }
    Err(format!("never comes from the {}, which an agent can write", source.layer()))
}

impl Said {
    /// Reads the variables.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Variable`] about one that says what an environment may not say.
    pub(super) fn of_variables<'e>(
        value: impl Fn(&str) -> Option<&'e std::ffi::OsStr>,
    ) -> Result<Self, ConfigError> {
        let mut said = Self::default();
        for (name, variable, reach) in VARIABLES.iter().copied() {
            let Some(text) = value(variable).filter(|text| !text.is_empty()) else { continue };
            let source = Source::Environment(variable);
            let put = admit(reach, &source)
                .map_err(|message| format!("`{name}` {message}"))
                .and_then(|()| text.to_str().ok_or_else(|| "is not UTF-8".to_owned()))
                .and_then(|text| said.put_text(name, text, source));
            put.map_err(|message| ConfigError::Variable { name: variable, message })?;
        }
        Ok(said)
    }
}

/// Lays a value over the one below it, if it may.
pub(super) fn lay<T: Kind + PartialEq>(
    name: &'static str,
    reach: Reach,
    below: Option<Sourced<T>>,
    above: Option<Sourced<T>>,
    lock: Option<&Path>,
) -> Result<Option<Sourced<T>>, ConfigError> {
    let Some(above) = above else { return Ok(below) };
    let Some(current) = below else {
        return admitted(name, reach, above, lock).map(Some);
    };
    if above.value == current.value || above.value.tightens(&current.value) {
        return Ok(Some(if above.value == current.value { current } else { above }));
    }
    let administrator = matches!(above.source, Source::File { layer: Layer::System, .. });
    let open = current.source == Source::BuiltIn;
    let may = administrator
        || match reach {
            Reach::Anyone => true,
            Reach::Account => lock.is_none() || open,
            Reach::Owner => lock.is_none(),
            // Of what an agent can write only a flag: a person types it as well.
            Reach::Shorter => {
                let by_hand = matches!(above.source, Source::Flag(_));
                lock.is_none() && (by_hand || !above.source.is_within_reach_of_the_agent())
            }
        };
    match (may, lock) {
        (true, _) => Ok(Some(above)),
        (false, Some(lock)) if reach != Reach::Shorter => Err(locked(name, above.source, lock)),
        (false, _) => Ok(Some(current)),
    }
}

/// A value that nothing stands below of: a lock keeps the user from it all the same.
fn admitted<T>(
    name: &'static str,
    reach: Reach,
    above: Sourced<T>,
    lock: Option<&Path>,
) -> Result<Sourced<T>, ConfigError> {
    let by_user = matches!(above.source, Source::File { layer: Layer::User, .. });
    match lock {
        Some(lock) if reach == Reach::Owner && by_user => Err(locked(name, above.source, lock)),
        _ => Ok(above),
    }
}

fn locked(name: &'static str, given: Source, lock: &Path) -> ConfigError {
    ConfigError::Locked { name, given, lock: lock.display().to_string() }
}
