//! `cargo run -p documents`, then open <http://127.0.0.1:8003/docs>.

#[tokio::main]
#[expect(clippy::print_stdout, reason = "a program says where it listens")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8003").await?;
    println!("listening on http://{}, the API document is at /docs", listener.local_addr()?);
    axum::serve(listener, documents::app()?).await?;
    Ok(())
}
