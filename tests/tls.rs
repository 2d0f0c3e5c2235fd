//! The binary over TLS and HTTP/2: a server with a certificate of its own stands before an emulator, and only the test
//! tells the program to trust it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use axum::body::{Body, to_bytes};
use botform::catalogue::Variant;
use botform::emulator::{Emulator, World, ZoneSeed};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex, mpsc};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// The first byte of a TLS handshake.
const HANDSHAKE: u8 = 22;

/// What a server saw.
#[derive(Debug, Default)]
struct Seen {
    /// The first byte of each connection.
    first_bytes: Vec<u8>,
    /// The version of HTTP of each request.
    versions: Vec<Version>,
}

type Shared = Arc<Mutex<Seen>>;

struct Server {
    address: String,
    seen: Shared,
}

fn certificate() -> CertifiedKey<KeyPair> {
    generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap()
}

fn tls(own: &CertifiedKey<KeyPair>) -> TlsAcceptor {
    let key = PrivateKeyDer::Pkcs8(own.signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config =
        builder.with_no_client_auth().with_single_cert(vec![own.cert.der().clone()], key).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

/// Serves until the test process ends.
fn serve(acceptor: TlsAcceptor) -> Server {
    let seen = Shared::default();
    let (send, receive) = mpsc::channel();
    let log = Arc::clone(&seen);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::matching([ZoneSeed::new("shop.example.com", Variant::SbfmPro)]);
            let emulator = Emulator::start(world, "127.0.0.1:0".parse().unwrap()).await.unwrap();
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            send.send(listener.local_addr().unwrap()).unwrap();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let origin = format!("http://{}", emulator.addr());
                tokio::spawn(connection(stream, acceptor.clone(), origin, Arc::clone(&log)));
            }
        });
    });
    Server { address: format!("https://{}/client/v4", receive.recv().unwrap()), seen }
}

async fn connection(stream: TcpStream, acceptor: TlsAcceptor, origin: String, seen: Shared) {
    let mut first = [0];
    if stream.peek(&mut first).await.is_ok_and(|read| read == 1) {
        seen.lock().unwrap().first_bytes.push(first[0]);
    }
    let Ok(stream) = acceptor.accept(stream).await else { return };
    let service = service_fn(|request: Request<Incoming>| {
        seen.lock().unwrap().versions.push(request.version());
        forward(request, origin.clone())
    });
    let serving = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
    // The client closes the connection as it likes.
    drop(serving.serve_connection(TokioIo::new(stream), service).await);
}

/// Passes a request on to the emulator.
async fn forward(request: Request<Incoming>, origin: String) -> reqwest::Result<Response<Body>> {
    rustls::crypto::ring::default_provider().install_default().ok();
    let client = reqwest::Client::builder().no_proxy().build()?;
    let (parts, body) = request.into_parts();
    let body = to_bytes(Body::new(body), 1 << 20).await.unwrap();
    let mut passed_on =
        client.request(parts.method, format!("{origin}{}", parts.uri.path_and_query().unwrap()));
    for name in ["authorization", "content-type"] {
        if let Some(value) = parts.headers.get(name) {
            passed_on = passed_on.header(name, value);
        }
    }
    let reply = passed_on.body(body).send().await?;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = reply.status();
    response.headers_mut().insert("content-type", reply.headers()["content-type"].clone());
    *response.body_mut() = Body::from(reply.bytes().await?);
    Ok(response)
}

/// Runs `plan` for one zone, trusting one certificate and no other.
fn plan(server: &Server, trusted: &CertifiedKey<KeyPair>) -> Output {
    let folder = TempDir::new().unwrap();
    let zone = "zone: shop.example.com\nplan: sbfm_pro\nsettings: {ai_search: block}\n";
    std::fs::write(folder.path().join("shop.example.com.yaml"), zone).unwrap();
    let root = folder.path().join("root.pem");
    std::fs::write(&root, trusted.cert.pem()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_botform"));
    command.args(["plan", ".", "--base-url", &server.address]).current_dir(folder.path()).env_clear();
    command
        .env("HOME", folder.path())
        .env("CLOUDFLARE_API_TOKEN", "a-token-for-tests")
        .env("SSL_CERT_FILE", root);
    command.output().unwrap()
}

#[test]
fn a_plan_is_made_over_tls_and_http_2() {
    let own = certificate();
    let server = serve(tls(&own));
    let output = plan(&server, &own);
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stderr}");
    assert!(stdout.contains("Plan: 1 zone to change"), "{stdout}");
    let seen = server.seen.lock().unwrap();
    assert!(seen.versions.len() >= 2, "{seen:?}");
    assert!(seen.versions.iter().all(|version| *version == Version::HTTP_2), "{seen:?}");
    assert!(seen.first_bytes.iter().all(|byte| *byte == HANDSHAKE), "{seen:?}");
}

#[test]
fn a_server_that_is_not_trusted_gets_no_request() {
    let server = serve(tls(&certificate()));
    let output = plan(&server, &certificate());
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).to_lowercase();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("certificate"), "{text}");
    let seen = server.seen.lock().unwrap();
    assert!(!seen.first_bytes.is_empty() && seen.versions.is_empty(), "{seen:?}");
    assert!(seen.first_bytes.iter().all(|byte| *byte == HANDSHAKE), "{seen:?}");
}
