//! The emulator over real loopback HTTP: replies, faults, the two other interfaces, and the examples.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod api;
mod examples;
mod faults;
mod others;
mod replies;
mod serving;

/// Whatever an embedding program spawns or shares crosses threads.
#[test]
fn public_types_are_send_and_sync() {
    fn crosses<T: Send + Sync + 'static>() {}
    fn spawns<F: Future + Send + 'static>(_: fn(botform::emulator::World, std::net::SocketAddr) -> F) {}
    crosses::<botform::emulator::Emulator>();
    crosses::<botform::emulator::World>();
    crosses::<botform::emulator::ZoneSeed>();
    crosses::<botform::emulator::Recorded>();
    crosses::<botform::emulator::WorldError>();
    spawns(botform::emulator::Emulator::start);
}
