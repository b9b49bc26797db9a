//! One rule as bytes.

use super::bytes::{Reader, Writer};
use crate::config::Layer;
use crate::policy::approvals::Approvals;
use crate::policy::rule::{Hours, Rule, When};
use crate::policy::verdict::Decision;
use crate::request::RecordingWish;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// Writes a rule; the file it stands in is the source of that number.
///
/// Takes the rule apart by name, so that a field that is new cannot be forgotten.
pub(super) fn write(writer: &mut Writer, rule: &Rule, source: usize) {
    let Rule { argv, decision, approvals, reason, when, record, layer: _, file: _, line } = rule;
    let When { cwd, repository, agent, interactive, hours } = when;
    writer.count(source);
    writer.number((*line).into());
    writer.number(match decision {
        Decision::Allow => 0,
        Decision::Ask => 1,
        Decision::Deny => 2,
    });
    writer.number(approvals.number().into());
    writer.list(argv, |writer, alternatives| {
        writer.list(alternatives, |writer, text| writer.text(text));
    });
    writer.number(match record {
        None => 0,
        Some(RecordingWish::Never) => 1,
        Some(RecordingWish::Always) => 2,
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
    let approvals = approvals(reader)?;
    let argv = reader.list(|reader| reader.list(|reader| reader.text().map(<[u8]>::to_vec)))?;
    let record = match reader.number()? {
        0 => None,
        1 => Some(RecordingWish::Never),
        2 => Some(RecordingWish::Always),
        _ => return None,
    };
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
    let file = String::new();
    Some((Rule { argv, decision, approvals, reason, when, record, layer, file, line }, source))
}

pub(super) fn approvals(reader: &mut Reader<'_>) -> Option<Approvals> {
    Approvals::new(i64::try_from(reader.number()?).ok()?)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_reads_as_it_was_written_and_needs_no_fewer_approvals() {
        let approvals = Approvals::new(3).expect("a number");
        let argv = vec![vec![b"git".to_vec()], vec![b"push".to_vec(), b"fetch".to_vec()]];
        let reason = Some("two look at it".to_owned());
        let rule = Rule { argv, decision: Decision::Ask, approvals, reason, ..Rule::default() };
        let mut writer = Writer::default();
        write(&mut writer, &rule, 7);
        let read_back = read(&mut Reader(&writer.0), rule.layer).expect("whole");
        assert_eq!(read_back, (rule, 7));
        // No number of approvals is none, and none is too many.
        for bad in [0, 10, u64::MAX] {
            let mut writer = Writer::default();
            writer.number(bad);
            assert_eq!(super::approvals(&mut Reader(&writer.0)), None, "{bad}");
        }
    }
}
