//! What a host is told, in its own words.

use super::host::{Form, Host, Silence};
use serde_json::{Map, Value, json};

/// What becomes of the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The agent may run it; why, for people.
    Allow(String),
    /// It must not; why and what to do, for the agent.
    Deny(String),
}

/// An answer as a host reads it: a document, a text and a status, which all agree.
#[derive(Debug, PartialEq, Eq)]
pub struct Reply {
    /// One JSON document for standard output, or nothing.
    pub document: Option<String>,
    /// The text for standard error, never empty with a refusal.
    pub text: Option<String>,
    /// 0 or 2: every other status lets the command run in some host.
    pub status: u8,
}

impl Answer {
    /// Says it to a host, and to Cursor when it reads the same file.
    #[must_use]
    pub fn to(&self, host: &Host, from_cursor: bool) -> Reply {
        let mut members = Map::new();
        let cursor = if from_cursor { &[Form::Permission][..] } else { &[] };
        for form in host.forms.iter().chain(cursor) {
            if let Value::Object(said) = self.in_form(*form) {
                members.extend(said);
            }
        }
        let document = (!members.is_empty()).then(|| Value::Object(members).to_string());
        match self {
            Self::Allow(_) => Reply { document, text: None, status: 0 },
            Self::Deny(why) => Reply { document, text: Some(why.clone()), status: 2 },
        }
    }

    /// Says nothing where that leaves the host's own question to the host.
    #[must_use]
    pub fn quietly_to(&self, host: &Host, from_cursor: bool) -> Reply {
        match (self, host.silence) {
            (Self::Allow(_), Silence::GoesOn) => Reply { document: None, text: None, status: 0 },
            _ => self.to(host, from_cursor),
        }
    }

    fn in_form(&self, form: Form) -> Value {
        match (form, self) {
            (Form::Nested | Form::NestedGrant, Self::Allow(why)) => nested("allow", why),
            (Form::Nested | Form::NestedDenial, Self::Deny(why)) => nested("deny", why),
            (Form::Flat, Self::Allow(why)) => {
                json!({"permissionDecision": "allow", "permissionDecisionReason": why})
            }
            (Form::Flat, Self::Deny(why)) => {
                json!({"permissionDecision": "deny", "permissionDecisionReason": why})
            }
            (Form::Permission, Self::Allow(_)) => json!({"permission": "allow"}),
            // The agent was seen to read either of them.
            (Form::Permission, Self::Deny(why)) => {
                json!({"permission": "deny", "user_message": why, "agent_message": why})
            }
            (Form::Decision, Self::Allow(_)) => json!({"decision": "allow"}),
            (Form::Decision | Form::DecisionDenial, Self::Deny(why)) => {
                json!({"decision": "deny", "reason": why})
            }
            (Form::Block, Self::Deny(why)) => json!({"decision": "block", "reason": why}),
            (Form::Cancel, Self::Allow(_)) => json!({"cancel": false}),
            (Form::Cancel, Self::Deny(why)) => json!({"cancel": true, "errorMessage": why}),
            (Form::NestedDenial | Form::DecisionDenial | Form::Block, Self::Allow(_))
            | (Form::NestedGrant, Self::Deny(_)) => Value::Null,
        }
    }
}

fn nested(decision: &str, why: &str) -> Value {
    json!({"hookSpecificOutput": {
        "hookEventName": "PreToolUse",
        "permissionDecision": decision,
        "permissionDecisionReason": why,
    }})
}
