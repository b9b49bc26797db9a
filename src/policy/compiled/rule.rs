//! One rule as bytes.

use super::bytes::{Reader, Writer};
use crate::config::Layer;
use crate::policy::rule::{Hours, Rule, When};
use crate::policy::verdict::Decision;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// Writes a rule; the file it stands in is the source of that number.
///
/// Takes the rule apart by name, so that a field that is new cannot be forgotten.
pub(super) fn write(writer: &mut Writer, rule: &Rule, source: usize) {
    let Rule { argv, decision, reason, when, layer: _, file: _, line } = rule;
    let When { cwd, repository, agent, interactive, hours } = when;
    writer.count(source);
    writer.number((*line).into());
    writer.number(match decision {
        Decision::Allow => 0,
        Decision::Ask => 1,
        Decision::Deny => 2,
    });
    writer.list(argv, |writer, alternatives| {
        writer.list(alternatives, |writer, text| writer.text(text));
    });
    writer.maybe(reason.as_deref(), |writer, text| writer.text(text.as_bytes()));
    writer.maybe(cwd.as_deref(), |writer, path| writer.text(path.as_os_str().as_bytes()));
    writer.maybe(repository.as_deref(), |writer, path| writer.text(path.as_os_str().as_bytes()));
    writer.maybe(agent.as_deref(), |writer, text| writer.text(text.as_bytes()));
    writer.maybe(*interactive, |writer, truth| writer.number(truth.into()));
    writer.maybe(*hours, |writer, Hours { from, to }| {
        writer.number(from.into());
        writer.number(to.into());
    });
}

/// Reads a rule back, and the number of the source it stands in.
pub(super) fn read(reader: &mut Reader<'_>, layer: Layer) -> Option<(Rule, usize)> {
    let source = reader.count()?;
    let line = u32::try_from(reader.number()?).ok()?;
    let decision = match reader.number()? {
        0 => Decision::Allow,
        1 => Decision::Ask,
        2 => Decision::Deny,
        _ => return None,
    };
    let argv = reader.list(|reader| reader.list(|reader| reader.text().map(<[u8]>::to_vec)))?;
    let reason = reader.maybe(string)?;
    let when = When {
        cwd: reader.maybe(path)?,
        repository: reader.maybe(path)?,
        agent: reader.maybe(string)?,
        interactive: reader.maybe(|reader| Some(reader.number()? != 0))?,
        hours: reader.maybe(|reader| Some(Hours { from: minute(reader)?, to: minute(reader)? }))?,
    };
    if argv.is_empty() || !reader.0.is_empty() {
        return None;
    }
    Some((Rule { argv, decision, reason, when, layer, file: String::new(), line }, source))
}

pub(super) fn path(reader: &mut Reader<'_>) -> Option<PathBuf> {
    reader.text().map(|text| PathBuf::from(OsStr::from_bytes(text)))
}

fn string(reader: &mut Reader<'_>) -> Option<String> {
    String::from_utf8(reader.text()?.to_vec()).ok()
}

fn minute(reader: &mut Reader<'_>) -> Option<u16> {
    u16::try_from(reader.number()?).ok()
}
