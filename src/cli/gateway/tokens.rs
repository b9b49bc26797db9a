//! Tokens of clients.

use super::arguments::{ListArguments, StoreArguments};
use super::{GatewayCommandError, say, say_json};
use crate::approver::time;
use crate::display::Displayable;
use crate::display::counted;
use crate::gateway::{Role, Token};
use crate::process::Environment;
use clap::{Args, Subcommand, ValueEnum};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

#[derive(Debug, Subcommand)]
pub(super) enum TokenAction {
    /// Print a new token; it is not shown again
    Create(CreateArguments),
    /// List tokens by number; none is shown itself
    List(ListArguments),
    /// Refuse a token from now on
    Revoke(RevokeArguments),
}

#[derive(Debug, Args)]
pub(super) struct CreateArguments {
    /// What the holder may do
    #[arg(long, value_enum)]
    role: TokenRole,
    /// A name to tell this token from others
    #[arg(long, value_name = "TEXT")]
    label: Option<String>,
    #[command(flatten)]
    store: StoreArguments,
}

#[derive(Debug, Args)]
pub(super) struct RevokeArguments {
    /// Its number in the list
    #[arg(value_name = "NUMBER")]
    id: i64,
    #[command(flatten)]
    store: StoreArguments,
}

/// What the holder of a token may do.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum TokenRole {
    /// Submit artifacts and wait for decisions
    Enforcer,
    /// Read an inbox and decide
    Approver,
}

impl From<TokenRole> for Role {
    fn from(role: TokenRole) -> Self {
        match role {
            TokenRole::Enforcer => Self::Enforcer,
            TokenRole::Approver => Self::Approver,
        }
    }
}

pub(super) async fn run(
    action: TokenAction,
    environment: &Environment,
) -> Result<(), GatewayCommandError> {
    match action {
        TokenAction::Create(create) => {
            let label = create.label.as_deref();
            let store = create.store.open(environment).await?;
            let token = store.create_token(create.role.into(), label).await;
            store.close().await;
            let token = token?;
            let token = token.expose_secret();
            let role = Role::from(create.role).name();
            create.store.answer(&json!({"token": token, "role": role, "label": label}), token)
        }
        TokenAction::List(list) => {
            let store = list.store.open(environment).await?;
            let tokens = store.tokens(list.revoked()).await;
            store.close().await;
            show(&tokens?, list.store.json)
        }
        TokenAction::Revoke(revoke) => {
            let store = revoke.store.open(environment).await?;
            let revoked = store.revoke_token(revoke.id).await;
            store.close().await;
            revoked?;
            let words = format!("token {} is refused from now on", revoke.id);
            revoke.store.answer(&json!({"id": revoke.id, "status": "revoked"}), &words)
        }
    }
}

fn show(tokens: &[Token], json: bool) -> Result<(), GatewayCommandError> {
    if json {
        return say_json(&tokens.iter().map(described).collect::<Vec<_>>());
    }
    if tokens.is_empty() {
        say("there are no tokens")?;
        return say("next: airlock-exec gateway token create --role enforcer --label NAME");
    }
    for token in tokens {
        let label = token.label.as_deref().unwrap_or("no label");
        let state = match token.revoked_at {
            None => format!("since {}", time::moment(token.created_at)),
            Some(at) => format!("revoked {}", time::moment(at)),
        };
        let names = match (token.role, token.identifiers) {
            (Role::Enforcer, count) => counted(count, "enforcer"),
            (Role::Approver, count) => counted(count, "approver"),
        };
        let label = Displayable::from(label);
        say(&format!("{:>4}  {:8}  {label}  {names}  {state}", token.id, token.role.name()))?;
    }
    Ok(())
}

fn described(token: &Token) -> Value {
    json!({
        "id": token.id,
        "role": token.role.name(),
        "label": token.label,
        "createdAt": token.created_at,
        "revokedAt": token.revoked_at,
        "identifiers": token.identifiers,
    })
}
