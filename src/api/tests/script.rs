//! A tiny HTTP server for tests: it answers request after request with scripted bytes, and keeps what it was asked.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the server does with one request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// Writes these bytes and closes.
    Raw(Vec<u8>),
    /// Closes without a reply.
    Close,
    /// Says nothing and keeps the connection open.
    Silence,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Method and path with query.
    pub(crate) line: String,
    /// The headers, names in lower case.
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

/// The server; it ends with the test.
#[derive(Debug)]
pub(crate) struct Server {
    /// Its address.
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// A reply with a JSON body.
pub(crate) fn json(status: u16, body: &str) -> Step {
    reply(status, "Content-Type: application/json\r\nCF-Ray: 8f1b2c3d4e5f6a7b-FRA\r\n", body)
}

/// A reply with headers of its own, each ending in a line break.
pub(crate) fn reply(status: u16, headers: &str, body: &str) -> Step {
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status} X\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n");
    Step::Raw(format!("{head}{body}").into_bytes())
}

/// A good reply with that result.
pub(crate) fn success(result: &str) -> Step {
    json(200, &format!(r#"{{"success":true,"errors":[],"messages":[],"result":{result}}}"#))
}

impl Server {
    /// Answers each request as `answer` says: its number, from 0, and the request.
    pub(crate) fn answering(answer: impl FnMut(usize, &Asked) -> Step + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/client/v4", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let state = Arc::new(Mutex::new((0, answer)));
        let log = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, state) = (Arc::clone(&log), Arc::clone(&state));
                std::thread::spawn(move || {
                    let mut stream = stream;
                    let Some(request) = receive(&mut stream) else { return };
                    log.lock().unwrap().push(request.clone());
                    let step = {
                        let (number, answer) = &mut *state.lock().unwrap();
                        *number += 1;
                        answer(*number - 1, &request)
                    };
                    act(stream, step);
                });
            }
        });
        Self { url, asked }
    }

    /// Plays the steps in order, and repeats the last one.
    pub(crate) fn playing(steps: Vec<Step>) -> Self {
        Self::answering(move |number, _| steps[number.min(steps.len() - 1)].clone())
    }

    /// The requests so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The request lines so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }
}

fn act(mut stream: TcpStream, step: Step) {
    match step {
        Step::Raw(bytes) => {
            stream.write_all(&bytes).unwrap();
            stream.flush().unwrap();
        }
        Step::Close => {}
        Step::Silence => {
            // The client closes when it has waited long enough.
            let _ = stream.set_read_timeout(Some(Duration::from_secs(30)));
            let _ = stream.read(&mut [0]);
        }
    }
}

fn receive(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
    };
    let mut body = bytes.split_off(end + 4);
    let head = String::from_utf8(bytes).unwrap();
    let mut lines = head.lines();
    let line = lines.next().unwrap().trim_end_matches(" HTTP/1.1").to_owned();
    let pairs = lines.filter_map(|line| line.split_once(": "));
    let headers: HashMap<_, _> = pairs.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    let length: usize = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let missing = length - body.len();
    let mut rest = vec![0; missing];
    stream.read_exact(&mut rest).ok()?;
    body.extend(rest);
    Some(Asked { line, headers, body: String::from_utf8(body).unwrap() })
}
