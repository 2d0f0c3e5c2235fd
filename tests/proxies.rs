//! Credentials and proxies: whatever the environment says, a request to this machine goes straight to it.

#![expect(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

use botform::api::{Client, Credentials, Options, ReadZones as _, Retry};
use botform::model::ZoneId;
use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// The address that the inner test asks.
const ADDRESS: &str = "BOTFORM_TEST_ADDRESS";

/// All names under which programs look for a proxy.
const NAMES: [&str; 6] = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// A port that hangs up on everyone, and the first bytes of each connection.
fn listen(address: &str) -> Option<(u16, Receiver<String>)> {
    let listener = TcpListener::bind(address).ok()?;
    let port = listener.local_addr().unwrap().port();
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = sender.send(first_bytes(stream));
        }
    });
    Some((port, receiver))
}

fn first_bytes(mut stream: TcpStream) -> String {
    let mut bytes = [0; 4096];
    let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
    let count = stream.read(&mut bytes).unwrap_or_default();
    String::from_utf8_lossy(bytes.get(..count).unwrap_or_default()).into_owned()
}

/// Runs the inner test in a process whose environment names a proxy.
fn ask(address: &str, proxy: u16, names: &[&str]) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "inner", "--ignored"]).env(ADDRESS, address);
    NAMES.iter().chain(&["NO_PROXY", "no_proxy", "REQUEST_METHOD"]).for_each(|name| {
        command.env_remove(name);
    });
    names.iter().for_each(|name| {
        command.env(name, format!("http://127.0.0.1:{proxy}"));
    });
    assert!(command.output().unwrap().status.success());
}

#[test]
#[ignore = "the other tests run it in a process of its own"]
fn inner() {
    let Ok(address) = std::env::var(ADDRESS) else { return };
    let mut options = Options::new(Credentials::token("cfut_hunter2hunter2".to_owned()).unwrap());
    options.base_url = address;
    options.retry = Retry { attempts: 1, ..Retry::default() };
    options.patience = Some(Duration::ZERO);
    let client = Client::new(options).unwrap();
    let zone = ZoneId::try_from("0".repeat(32)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(client.get(&zone)).unwrap_err();
}

#[test]
fn no_proxy_ever_sees_a_request_to_this_machine() {
    let hosts = [("127.0.0.1:0", "127.0.0.1"), ("127.0.0.1:0", "localhost"), ("[::1]:0", "[::1]")];
    for (bind, host) in hosts {
        let Some((port, asked)) = listen(bind) else { continue };
        for scheme in ["http", "https"] {
            let (proxy, seen) = listen("127.0.0.1:0").unwrap();
            ask(&format!("{scheme}://{host}:{port}"), proxy, &NAMES);
            assert!(seen.recv_timeout(Duration::from_millis(50)).is_err(), "{scheme} {host}");
            let first = asked.recv_timeout(Duration::from_secs(5)).unwrap();
            assert_eq!(first.contains("cfut_hunter2hunter2"), scheme == "http", "{first:?}");
        }
    }
}

#[test]
fn each_way_to_name_a_proxy_is_without_effect_for_this_machine() {
    let (port, _asked) = listen("127.0.0.1:0").unwrap();
    for name in NAMES {
        let (proxy, seen) = listen("127.0.0.1:0").unwrap();
        ask(&format!("http://127.0.0.1:{port}"), proxy, &[name]);
        assert!(seen.recv_timeout(Duration::from_millis(50)).is_err(), "{name}");
    }
}

#[test]
fn a_proxy_on_the_way_to_another_machine_sees_no_credentials() {
    let (proxy, seen) = listen("127.0.0.1:0").unwrap();
    ask("https://api.example.invalid/client/v4", proxy, &["HTTPS_PROXY"]);
    let first = seen.recv_timeout(Duration::from_secs(5)).unwrap();
    assert!(first.starts_with("CONNECT api.example.invalid:443") && !first.contains("cfut"), "{first}");
}
