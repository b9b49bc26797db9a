//! The payloads and answers of each host, as its documentation writes them.

use airlock_exec::intercept::agent::{Answer, HOSTS, Host, intent};
use serde_json::Value;
use std::path::Path;

fn fixtures(host: &Host) -> Value {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/agent_hooks/fixtures");
    let path = directory.join(format!("{}.json", host.name));
    let text = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).expect("JSON")
}

#[test]
fn every_payload_means_what_its_host_says() {
    for host in HOSTS {
        for case in fixtures(host)["payloads"].as_array().expect("payloads") {
            let about = format!("{}: {}", host.name, case["about"]);
            let payload = serde_json::to_vec(&case["payload"]).expect("JSON");
            let read = intent(host, &payload);
            if let Some(why) = case["unreadable"].as_str() {
                let error = read.expect_err(&about).to_string();
                assert!(error.contains(why), "{about}: {error}");
                continue;
            }
            let intent = read.unwrap_or_else(|error| panic!("{about}: {error}"));
            let text = intent.as_ref().map(|intent| intent.text.as_str());
            assert_eq!(text, case["text"].as_str(), "{about}");
            let directory = intent.as_ref().and_then(|intent| intent.directory.as_deref());
            assert_eq!(directory, case["directory"].as_str().map(Path::new), "{about}");
        }
    }
}

#[test]
fn every_answer_is_in_the_form_of_its_host() {
    for host in HOSTS {
        let fixtures = fixtures(host);
        for (answer, name, status) in [
            (Answer::Allow("WHY".to_owned()), "allow", 0),
            (Answer::Deny("WHY".to_owned()), "deny", 2),
        ] {
            let reply = answer.to(host, false);
            let said = reply.document.map_or(Value::Null, |said| said.parse().expect("JSON"));
            assert_eq!(said, fixtures["answers"][name], "{} {name}", host.name);
            assert_eq!(reply.status, status);
            assert_eq!(reply.text.as_deref(), (status == 2).then_some("WHY"));
        }
    }
}

#[test]
fn cursor_is_answered_in_its_own_form_whose_file_it_reads() {
    let host = HOSTS.iter().find(|host| host.name == "claude-code").expect("known");
    let reply = Answer::Deny("WHY".to_owned()).to(host, true);
    let said: Value = reply.document.expect("a document").parse().expect("JSON");
    assert_eq!(said["permission"], "deny");
    assert_eq!(said["hookSpecificOutput"]["permissionDecision"], "deny");
}
