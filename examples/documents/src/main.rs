//! `cargo run -p documents`, then open <http://127.0.0.1:8003/docs>.

use std::net::SocketAddr;

use axum::{
    extract::{ConnectInfo, Request},
    middleware::map_request,
};
use palisade::edge::ClientAddress;

#[tokio::main]
#[expect(clippy::print_stdout, reason = "a program says where it listens")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8003").await?;
    println!("listening on http://{}, the API document is at /docs", listener.local_addr()?);
    // This is a toy on one's own machine: whoever is refused is told why.
    let app = documents::routes()?.dangerous().explain_in_bodies().into_axum()?;
    let app = app.layer(map_request(note_address)).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app).await?;
    Ok(())
}

/// Where a request comes from is for the server to say.
async fn note_address(ConnectInfo(peer): ConnectInfo<SocketAddr>, mut request: Request) -> Request {
    request.extensions_mut().insert(ClientAddress(peer.ip()));
    request
}
