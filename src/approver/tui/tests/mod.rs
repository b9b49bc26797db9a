//! The view, drawn on a screen of a test and pressed by one.

mod keys;
mod screens;

use super::{Effect, Key, Moment, View};
use crate::approver::card::Colour;
use crate::approver::item::tests::named;
use crate::approver::{Item, Seen};
use crate::protocol::RequestId;
use crate::protocol::follow::FollowUp;
use jiff::{SignedDuration, Timestamp};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use serde_json::{Value, json};
use std::time::Duration;

/// A view on a screen, and the time it is there.
struct Scene {
    view: View,
    terminal: Terminal<TestBackend>,
    milliseconds: u64,
}

impl Scene {
    fn new(columns: u16, rows: u16, items: Vec<Item>) -> Self {
        let terminal = Terminal::new(TestBackend::new(columns, rows)).expect("a screen");
        let view = View::new(Colour::Plain, || 37);
        let mut scene = Self { view, terminal, milliseconds: 0 };
        scene.waits(items);
        scene
    }

    fn now(&self) -> Moment {
        let since = SignedDuration::from_millis(i64::try_from(self.milliseconds).expect("short"));
        Moment {
            steady: Duration::from_millis(self.milliseconds),
            wall: Timestamp::UNIX_EPOCH + SignedDuration::from_secs(12) + since,
        }
    }

    fn waits(&mut self, items: Vec<Item>) {
        let now = self.now();
        self.view.waits(items, now);
        self.draw();
    }

    fn draw(&mut self) -> String {
        let now = self.now();
        let view = &mut self.view;
        self.terminal.draw(|frame| view.draw(frame, now)).expect("drawn");
        let buffer = self.terminal.backend().buffer();
        let row = |y| (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
        let rows: Vec<String> =
            (0..buffer.area.height).map(|y| row(y).trim_end().to_owned()).collect();
        rows.join("\n")
    }

    /// Lets time go by as the event loop does: typed keys are dropped, then it is armed.
    fn later(&mut self, milliseconds: u64) {
        self.milliseconds += milliseconds;
        let now = self.now();
        if self.view.due_in(now) == Some(Duration::ZERO) {
            self.view.arm(now);
        }
        self.draw();
    }

    fn press(&mut self, key: &Key) -> Effect {
        let now = self.now();
        let effect = self.view.press(key, now);
        self.draw();
        effect
    }

    /// Lets the view be told of a command, as its followers do.
    fn told(&mut self, request: &RequestId, message: FollowUp) {
        let now = self.now();
        self.view.told(request, Seen { missing: 0, message }, now);
        self.draw();
    }

    fn types(&mut self, text: &str) -> Vec<Effect> {
        text.chars().map(|character| self.press(&Key::Char(character))).collect()
    }
}

/// A usual command with that text.
fn usual(id: &str, command: &str) -> Item {
    named(id, plaintext(id, command))
}

fn plaintext(id: &str, command: &str) -> Value {
    let argv: Vec<&str> = command.split(' ').collect();
    json!({
        "requestId": id, "artifactType": "command.review", "actionType": "terminal_command",
        "artifactHashAlg": "SHA-256", "commandText": command, "argv": argv,
        "executable": format!("/usr/bin/{}", argv[0]), "executableSha256": "ab".repeat(32),
        "cwd": "/home/anna/shop", "environment": [{"name": "GIT_DIR", "value": ".git"}],
        "files": [{"path": "Makefile", "sha256": "cd".repeat(32), "preview": "all:\n\ttrue\n"}],
        "stdin": "null", "user": "anna", "host": "laptop", "workspace": "shop",
        "interception": "prefix", "notes": [], "source": "airlock-exec/0.1.0",
        "whyAsked": "no rule covers it",
    })
}

fn grave(id: &str, command: &str) -> Item {
    let mut fields = plaintext(id, command);
    fields["askTwice"] = json!(true);
    fields["notes"] = json!(["replaces history that others may have on the remote: git push -f"]);
    named(id, fields)
}
