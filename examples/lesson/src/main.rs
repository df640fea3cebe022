//! `cargo run -p lesson`, then open <http://127.0.0.1:8001/docs>.

#[tokio::main]
#[expect(clippy::print_stdout, reason = "a program says where it listens")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8001").await?;
    println!("listening on http://{}, the API document is at /docs", listener.local_addr()?);
    axum::serve(listener, lesson::app()?).await?;
    Ok(())
}
