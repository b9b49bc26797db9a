//! What each layer may say, what it may not, and what is wrong with a file.

use super::*;
use crate::config::Layer::{self, Project, System, User};
use crate::config::Paths;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

/// Files of three layers in a directory of their own.
struct Scene {
    directory: TempDir,
}

impl Scene {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().expect("temporary directory") }
    }

    fn places(&self) -> Places {
        let at = |name: &str| self.directory.path().join(name);
        Places {
            system: at("etc/config.toml"),
            user: at("user/config.toml"),
            projects: vec![at("near.toml"), at("far.toml")],
        }
    }

    fn write(&self, path: &PathBuf, text: &str) -> &Self {
        use std::os::unix::fs::DirBuilderExt;
        let parent = path.parent().expect("a directory");
        fs::DirBuilder::new().recursive(true).mode(0o700).create(parent).expect("a directory");
        fs::write(path, text).expect("a file");
        self
    }

    fn user(&self, text: &str) -> &Self {
        self.write(&self.places().user, text)
    }

    fn near(&self, text: &str) -> &Self {
        self.write(&self.places().projects[0], text)
    }

    fn load_with(&self, variables: &[(&str, &str)]) -> Result<Settings, String> {
        let environment: Environment = variables
            .iter()
            .map(|(name, value)| (OsString::from(name), OsString::from(value)))
            .collect();
        // The administrator's file is root's, and so are we or else it is refused.
        Settings::load(&self.places(), &environment).map_err(|error| error.to_string())
    }

    fn load(&self) -> Result<Settings, String> {
        self.load_with(&[])
    }
}

/// Settles layers as they are written, without files.
fn settled(layers: &[(Layer, &str)]) -> Result<Settings, ConfigError> {
    let mut said = Vec::new();
    let mut lock = None;
    for (layer, text) in layers {
        let place = file::Place { layer: *layer, path: format!("{layer:?}.toml").into() };
        let one = file::parse(text, &place).expect("settings");
        if one.locked {
            lock = Some(place.path.clone());
        }
        said.push(one);
    }
    let settings = Settings::settle(said, lock)?;
    settings.check()?;
    Ok(settings)
}

fn source_of(settings: &Settings, name: &str) -> String {
    let entry = settings.entries().into_iter().find(|entry| entry.name == name);
    entry.expect("a setting").source.layer().to_owned()
}

#[test]
fn without_any_file_everything_is_built_in() {
    let settings = Scene::new().load().expect("settings");
    assert_eq!(settings.destination(), Destination::Local);
    assert_eq!(settings.wait(None), Duration::from_mins(10));
    assert!(!settings.trusts_gateway_dnd());
    assert!(settings.entries().iter().all(|entry| entry.source == Source::BuiltIn));
}

#[test]
fn a_value_says_the_line_it_came_from() {
    let scene = Scene::new();
    scene.user("# mine\nmode = \"own\"\n[gateway]\nurl = \"https://example.org/g\"\n");
    let settings = scene.load().expect("settings");
    let entries = settings.entries();
    let url = entries.iter().find(|entry| entry.name == "gateway.url").expect("a setting");
    assert_eq!(url.value.as_deref(), Some("https://example.org/g"));
    assert_eq!(url.source.to_string(), format!("{}:4", scene.places().user.display()));
    let Destination::Gateway(gateway) = settings.destination() else { panic!("a gateway") };
    assert_eq!(gateway.as_str(), "https://example.org/g");
}

#[test]
fn the_nearer_project_names_the_workspace_and_the_variable_before_it() {
    let scene = Scene::new();
    scene.user("workspace = \"mine\"\n").near("workspace = \"near\"\n");
    scene.write(&scene.places().projects[1], "workspace = \"far\"\n");
    let name = |settings: Settings| settings.workspace().expect("a name").as_str().to_owned();
    assert_eq!(name(scene.load().expect("settings")), "near");
    let variables = [("AIRLOCK_EXEC_WORKSPACE", "variable")];
    assert_eq!(name(scene.load_with(&variables).expect("settings")), "variable");
}

#[test]
fn what_an_agent_can_write_only_shortens_a_wait() {
    let scene = Scene::new();
    scene.user("timeouts.wait = \"5m\"\n").near("timeouts.wait = \"1h\"\n");
    let settings = scene.load().expect("settings");
    assert_eq!(settings.wait(None), Duration::from_mins(5));
    assert_eq!(source_of(&settings, "timeouts.wait"), "user");
    let shorter = scene.load_with(&[("AIRLOCK_EXEC_TIMEOUTS_WAIT", "30s")]).expect("settings");
    assert_eq!(shorter.wait(None), Duration::from_secs(30));
    let longer = scene.load_with(&[("AIRLOCK_EXEC_TIMEOUTS_WAIT", "2h")]).expect("settings");
    assert_eq!(longer.wait(None), Duration::from_mins(5));
    // A person types an option as well as an agent; only a lock keeps both from it.
    assert_eq!(settings.wait(Some(Duration::from_hours(1))), Duration::from_hours(1));
}

#[test]
fn no_variable_and_no_project_chooses_whom_we_trust() {
    for name in [
        "MODE",
        "GATEWAY_URL",
        "GATEWAY_CLIENT_ID",
        "GATEWAY_ORIGIN",
        "GATEWAY_TLS_ROOTS",
        "TRUST_GATEWAY_DND",
        "CIPHER",
        "ENFORCER_LABEL",
        "TIMEOUTS_HEARTBEAT",
    ] {
        let name = format!("AIRLOCK_EXEC_{name}");
        let said = Scene::new().load_with(&[(&name, "local")]).expect_err(&name);
        assert!(said.contains("never comes from the environment"), "{said}");
    }
    for line in [
        "mode = \"local\"",
        "gateway.url = \"https://evil.example\"",
        "gateway.tls_roots = \"/tmp/evil.pem\"",
        "trust_gateway_dnd = true",
        "enforcer.label = \"the boss\"",
        "cipher = \"aes-256-gcm\"",
    ] {
        let scene = Scene::new();
        let said = scene.near(line).load().expect_err(line);
        assert!(
            said.contains("near.toml:1:") && said.contains("never comes from the project"),
            "{said}"
        );
    }
}

#[test]
fn behind_a_lock_more_takes_a_touch_and_not_less() {
    let lock = "locked = true\n";
    for loosening in ["approval.presence = \"never\"\n", "approval.without_passkey = \"counts\"\n"]
    {
        let said = "locked = true\napproval.without_passkey = \"refused\"\n";
        settled(&[(System, said), (User, loosening)]).expect_err(loosening);
    }
    let tightening = "approval.presence = \"always\"\napproval.without_passkey = \"refused\"\n";
    let settings = settled(&[(System, lock), (User, tightening)]).expect("settings");
    let found = (settings.touched_for(), settings.without_passkey());
    assert_eq!(found, (TouchedFor::Everything, WithoutPasskeyChoice::Refused));
    let settings = settled(&[]).expect("settings");
    let found = (settings.touched_for(), settings.without_passkey());
    assert_eq!(found, (TouchedFor::Dangerous, WithoutPasskeyChoice::Counts));
}

#[test]
fn behind_a_lock_the_user_only_tightens() {
    let lock =
        "locked = true\nmode = \"hosted\"\ntrust_gateway_dnd = true\ntimeouts.wait = \"5m\"\n";
    for (loosening, name) in [
        ("mode = \"local\"\n", "mode"),
        ("gateway.tls_roots = \"/tmp/ca.pem\"\n", "gateway.tls_roots"),
        ("gateway.url = \"https://evil.example\"\n", "gateway.url"),
    ] {
        let refused = settled(&[(System, lock), (User, loosening)]).expect_err(loosening);
        assert!(
            matches!(&refused, ConfigError::Locked { name: found, .. } if *found == name),
            "{refused}"
        );
    }
    let same = "mode = \"hosted\"\ntrust_gateway_dnd = false\ntimeouts.wait = \"1m\"\n\
                gateway.client_id = \"abc\"\nenforcer.label = \"laptop\"\n";
    let settings = settled(&[(System, lock), (User, same)]).expect("settings");
    assert!(!settings.trusts_gateway_dnd());
    assert_eq!(settings.wait(Some(Duration::from_hours(1))), Duration::from_mins(1));
    assert_eq!(settings.client_id().map(HeaderText::as_str), Some("abc"));
    let longer = settled(&[(System, lock), (User, "timeouts.wait = \"1h\"\n")]).expect("settings");
    assert_eq!(longer.wait(None), Duration::from_mins(5));
    // Also what the administrator did not mention: the built-in value holds.
    let bare = settled(&[(System, "locked = true\n"), (User, "trust_gateway_dnd = true\n")]);
    assert!(matches!(bare, Err(ConfigError::Locked { .. })));
    let taken = settled(&[
        (System, "locked = true\ngateway.client_id = \"theirs\"\n"),
        (User, "gateway.client_id = \"mine\"\n"),
    ]);
    assert!(matches!(taken, Err(ConfigError::Locked { .. })));
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    for text in [
        "mode = \"hosted\"\ngateway.url = \"https://example.org\"\n",
        "mode = \"own\"\n",
        "gateway.origin = \"https://app.example\"\n",
    ] {
        let refused = settled(&[(User, text)]).expect_err(text);
        let (clash, missing) = (
            matches!(refused, ConfigError::Contradiction { .. }),
            matches!(refused, ConfigError::Missing { .. }),
        );
        assert!(clash || missing, "{refused}");
    }
    let layers = [(User, "trust_gateway_dnd = true\n"), (Project, "workspace = \"playground\"\n")];
    let refused = settled(&layers).expect_err("an agent would choose the policy");
    assert!(
        refused.to_string().contains("User.toml:1")
            && refused.to_string().contains("Project.toml:1")
    );
}

#[test]
fn every_complaint_names_file_line_and_column() {
    for (text, wanted) in [
        ("mdoe = \"local\"\n", ":1:1: unknown key `mdoe`; did you mean `mode`?"),
        ("\n[gatewy]\nurl = \"x\"\n", ":2:2: unknown key `gatewy`; did you mean `gateway`?"),
        ("[gateway]\nurll = \"x\"\n", ":2:1: unknown key `urll`; did you mean `url`?"),
        ("[gateway]\nurl = 5\n", ":2:7: write a string here"),
        ("gateway = 5\n", ":1:11: write a table here"),
        (
            "[gateway]\nurl = \"http://example.org\"\n",
            ":2:7: \"http://example.org\" is not a gateway address: plain http",
        ),
        ("trust_gateway_dnd = \"yes\"\n", ":1:21: write true or false"),
        ("mode = \"loacl\"\n", ":1:8: write \"local\" or \"hosted\" or \"own\", not \"loacl\""),
        ("timeouts.wait = \"soon\"\n", ":1:17: write a number and s, m or h"),
        ("mode = \"local\"\nmode = \"own\"\n", ":2:1: "),
        (
            "[gateway]\nclient_secret = \"s3cr3t\"\n",
            ":2:1: a secret does not belong into this file",
        ),
        ("locked = true\n", ":1:1: only the administrator's file can lock"),
        ("mode = \n", ":1:8: "),
    ] {
        let scene = Scene::new();
        let said = scene.user(text).load().expect_err(text);
        assert!(said.contains(wanted), "{text}: {said}");
        assert!(!said.contains("s3cr3t"), "{said}");
    }
}

#[test]
fn a_file_that_others_can_write_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let scene = Scene::new();
    scene.user("mode = \"local\"\n");
    let user = scene.places().user;
    let give = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("chmod");
    };
    give(&user, 0o666);
    assert!(scene.load().expect_err("loose").contains("chmod go-w"));
    give(&user, 0o600);
    scene.load().expect("tight");
    // Whoever can write the directory puts a file of the same owner in its place.
    let directory = user.parent().expect("a parent");
    give(directory, 0o777);
    let said = scene.load().expect_err("a loose directory");
    assert!(said.contains("lies in a directory that can be written by others"), "{said}");
    give(directory, 0o700);
}

#[test]
fn setting_one_value_leaves_the_rest_as_it_is_written() {
    let scene = Scene::new();
    let before = "# mine\nmode = \"local\"\nworkspace = \"w\" # why\n\n[gateway] # there\nurl = \"https://a.example\" # old\n";
    scene.user(before);
    let places = scene.places();
    set(&places, &[("gateway.url", Some("https://b.example"))]).expect("written");
    set(&places, &[("gateway.client_id", Some("abc"))]).expect("written");
    set(&places, &[("trust_gateway_dnd", Some("true"))]).expect("written");
    set(&places, &[("workspace", None)]).expect("written");
    let after = fs::read_to_string(&places.user).expect("readable");
    assert_eq!(
        after,
        "# mine\nmode = \"local\"\ntrust_gateway_dnd = true\n\n[gateway] # there\nurl = \"https://b.example\" # old\nclient_id = \"abc\"\n"
    );
}

#[test]
fn what_cannot_be_set_leaves_the_file_alone() {
    let scene = Scene::new();
    scene.user("workspace = \"w\"\n");
    let places = scene.places();
    for (name, value, wanted) in [
        ("gateway.ulr", "https://b.example", "did you mean `gateway.url`?"),
        ("gateway.url", "http://b.example", "plain http"),
        ("mode", "remote", "write \"local\""),
    ] {
        let refused = set(&places, &[(name, Some(value))]).expect_err(name).to_string();
        assert!(refused.contains(wanted), "{refused}");
    }
    scene.user("workspace = \n");
    assert!(matches!(set(&places, &[("mode", Some("local"))]), Err(ConfigError::Unusable { .. })));
    assert_eq!(fs::read_to_string(&places.user).expect("readable"), "workspace = \n");
}

#[test]
fn the_places_go_up_from_the_directory() {
    let home: Environment = [(OsString::from("HOME"), OsString::from("/h"))].into_iter().collect();
    let paths = Paths::from_environment(&home).expect("home");
    let places = Places::of(&paths, Path::new("/a/b"));
    assert_eq!(places.user, Path::new("/h/.config/airlock-exec/config.toml"));
    let wanted = ["/a/b/.airlock/config.toml", "/a/.airlock/config.toml", "/.airlock/config.toml"];
    assert_eq!(places.projects, wanted.map(PathBuf::from));
}
