//! Many processes at once: one chain, and nothing missing.

use super::support::{Running, Sandbox};
use super::{said, verified};
use std::thread;

#[test]
fn twenty_processes_write_one_chain_and_nothing_is_missing() {
    let sandbox = Sandbox::new();
    sandbox.policy("[[rule]]\nargv = [\"rm\"]\ndecision = \"deny\"\n");
    let (each, writers) = (5, 20);
    thread::scope(|scope| {
        for writer in 0..writers {
            let sandbox = &sandbox;
            scope.spawn(move || {
                for number in 0..each {
                    let name = format!("w{writer}-{number}");
                    let (words, status) = match number % 2 {
                        0 => (["--", "ls", "-d", "."], 0),
                        _ => (["--", "rm", "-f", &name[..]], 121),
                    };
                    let output = Running::start(&mut sandbox.airlock(words)).finish();
                    assert_eq!(output.status.code(), Some(status), "{output:?}");
                    if number == 3 {
                        said(sandbox, &["--limit", "1"]);
                    }
                }
            });
        }
    });
    said(&sandbox, &[]);
    verified(&sandbox);
    assert_eq!(sandbox.records_of("notAsked").len(), writers * 2);
    let allowed = sandbox.records_of("allowed");
    let count = allowed.iter().map(|record| record["commands"].as_array().expect("a list").len());
    assert_eq!(count.sum::<usize>(), writers * 3);
}
