//! Looks whether hooks that were installed still ask: for `airlock-exec doctor`.

use super::agent::Scene;
use super::change::FileChange;
use crate::crypto::Sha256Digest;
use crate::intercept::agent::{Allowing, is_switched_on, place_of};
use crate::process::{Environment, ForeignFile, lasting_path};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use toml_edit::{DocumentMut, Item};

/// What was found about one agent.
pub(in crate::cli) struct Examined {
    /// The agent, and how its hook stands.
    pub(in crate::cli) what: String,
    /// How to mend it, when it needs that.
    pub(in crate::cli) mend: Option<String>,
}

/// Examines every agent that has a hook of ours in the user's own settings.
pub(in crate::cli) fn examine(environment: &Environment) -> Vec<Examined> {
    Scene::all(environment).iter().filter_map(one).collect()
}

fn one(scene: &Scene<'_>) -> Option<Examined> {
    let title = scene.host.title;
    let found = |what: &str, mend: String| {
        Some(Examined { what: format!("{title}: {what}"), mend: Some(mend) })
    };
    if !scene.asks().ok()? {
        return None;
    }
    let again = format!("airlock-exec hook install --agent {}", scene.host.name);
    let binary = lasting_path(scene.environment).ok()?;
    let shapes = [Allowing::Grants, Allowing::Quietly].map(|how| scene.shape(&binary, how));
    let as_installed = shapes.iter().map(|shape| scene.installed(shape));
    match as_installed.collect::<Result<Vec<_>, _>>() {
        Err(error) => return found(&error.to_string(), error.hint()),
        Ok(ways) if !ways.iter().any(|way| way.iter().all(FileChange::is_done)) => {
            let what = "its hook is not what would be installed now: a path, a limit or a switch \
                        differs";
            return found(what, again);
        }
        Ok(_) => {}
    }
    let settings = ForeignFile::open(&scene.directory.join("settings.json")).ok();
    let settings = settings.as_ref().and_then(ForeignFile::text).unwrap_or_default();
    if is_switched_on(settings, "disableAllHooks") {
        return found("disableAllHooks switches every hook off", "take it out".to_owned());
    }
    if scene.host.name == "codex" {
        let config = ForeignFile::open(&scene.directory.join("config.toml")).ok();
        let config = config.as_ref().and_then(ForeignFile::text).unwrap_or_default();
        let hooks = ForeignFile::open(&scene.directory.join("hooks.json")).ok();
        if let Some(what) = hooks.and_then(|hooks| codex(config, &hooks)) {
            return found(what, "start codex and look at /hooks".to_owned());
        }
    }
    Some(Examined { what: format!("{title} asks before it runs a command"), mend: None })
}

/// Says why Codex would skip our hook, by its own settings.
fn codex(config: &str, hooks: &ForeignFile) -> Option<&'static str> {
    let Ok(config) = config.parse::<DocumentMut>() else {
        return Some("its config.toml cannot be read");
    };
    let at = |table: &str, key: &str| config.get(table)?.get(key);
    if at("features", "hooks").and_then(Item::as_bool) == Some(false) {
        return Some("hooks are switched off in its config.toml");
    }
    let text = hooks.text().unwrap_or_default();
    let (group, place, hook) = place_of(text, "codex", &["hooks", "PreToolUse"])?;
    let key = format!("{}:pre_tool_use:{group}:{place}", hooks.path().display());
    let trusted = at("hooks", "state").and_then(|state| state.get(&key)?.get("trusted_hash"));
    match trusted.and_then(Item::as_str) {
        None => Some("its hook is not trusted yet, so it is skipped"),
        Some(trusted) if trusted != trusted_hash(&hook) => {
            Some("its hook is another than was trusted, so it is skipped")
        }
        Some(_) => None,
    }
}

/// Digests a hook as Codex does before it asks whether to trust it: seen with 0.171.
fn trusted_hash(hook: &Value) -> String {
    let mut hook = hook.clone();
    hook["async"] = false.into();
    // Its keys come out sorted.
    let whole: BTreeMap<&str, Value> =
        [("event_name", "pre_tool_use".into()), ("hooks", json!([sorted(hook)]))].into();
    let text = serde_json::to_string(&whole).expect("texts and numbers are always JSON");
    format!("sha256:{}", Sha256Digest::of(text.as_bytes()))
}

fn sorted(hook: Value) -> BTreeMap<String, Value> {
    match hook {
        Value::Object(members) => members.into_iter().collect(),
        _ => BTreeMap::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::trusted_hash;
    use serde_json::json;

    #[test]
    fn a_hook_is_digested_as_codex_does_it() {
        // Taken down from the settings of Codex 0.171.0 after "Trust all and continue".
        let command = r#"/bin/sh -c '"$0" agent-hook codex || { rc=$?; [ $rc -eq 2 ] || echo "airlock-exec: the hook ended with status $rc; the command was not executed" >&2; exit 2; }' /tmp/ways/try/codex/bin/airlock-exec"#;
        let hook = json!({"type": "command", "timeout": 600, "command": command});
        let wanted = "sha256:2afba0c04cc8756363714a86c171aa0a579c9db2fe50ea50c3eae26c41e5b3b1";
        assert_eq!(trusted_hash(&hook), wanted);
    }
}
