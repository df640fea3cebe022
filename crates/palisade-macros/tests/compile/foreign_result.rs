use palisade::prelude::*;

#[dependency]
async fn address() -> Result<std::net::IpAddr, Denied> {
    Ok(std::net::Ipv4Addr::LOCALHOST.into())
}

fn main() {}
