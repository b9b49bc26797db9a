//! What lies between a command and its gateway, and tells who has hung up.

use crate::support::Sandbox;
use serde_json::Value;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::{fs, thread};

/// A wire before the gateway of a sandbox, that knows which calls it carried were hung up.
pub(crate) struct Wire(Arc<Mutex<Vec<Carried>>>);

/// What went over one connection.
#[derive(Debug, Default)]
struct Carried {
    sent: Vec<u8>,
    is_over: bool,
}

impl Wire {
    /// Puts one between the commands of a sandbox and its gateway.
    pub(crate) fn before(sandbox: &Sandbox) -> Self {
        sandbox.warm_up();
        let path = sandbox.path("run/airlock-exec/gateway.json");
        let endpoint = fs::read_to_string(&path).expect("an endpoint");
        let endpoint: Value = serde_json::from_str(&endpoint).expect("JSON");
        let gateway = endpoint["url"].as_str().expect("a URL").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        fs::write(&path, endpoint.to_string().replace(&gateway, &url)).expect("written");
        let wire = Self(Arc::default());
        let carried = Arc::clone(&wire.0);
        thread::spawn(move || {
            for (at, ours) in listener.incoming().map_while(Result::ok).enumerate() {
                carried.lock().expect("whole").push(Carried::default());
                let theirs = TcpStream::connect(&gateway["http://".len()..]).expect("connected");
                let (mut from, mut to) = (theirs.try_clone().expect("open"), ours.try_clone());
                thread::spawn(move || io::copy(&mut from, to.as_mut().expect("open")));
                let carried = Arc::clone(&carried);
                thread::spawn(move || carry(ours, theirs, &carried, at));
            }
        });
        wire
    }

    /// Tells whether a request was submitted, and whoever did that has hung up.
    pub(crate) fn is_hung_up(&self) -> bool {
        let is_submission = |call: &&Carried| {
            let sent = String::from_utf8_lossy(&call.sent);
            sent.contains("POST /v1/artifacts")
        };
        let carried = self.0.lock().expect("whole");
        let mut submitted = carried.iter().filter(is_submission).peekable();
        submitted.peek().is_some() && submitted.all(|call| call.is_over)
    }
}

fn carry(mut ours: TcpStream, mut theirs: TcpStream, all: &Mutex<Vec<Carried>>, at: usize) {
    let mut piece = [0; 4096];
    while let Ok(length @ 1..) = ours.read(&mut piece) {
        all.lock().expect("whole")[at].sent.extend_from_slice(&piece[..length]);
        theirs.write_all(&piece[..length]).expect("carried");
    }
    all.lock().expect("whole")[at].is_over = true;
}
