//! Where a gateway listens: at one address, or at both that `localhost` stands for.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use tokio::net::{TcpListener, TcpStream};

/// How often a free port is looked for that is free at both addresses.
const ATTEMPTS: u32 = 16;

/// An open place to listen at.
///
/// A browser at `localhost` tries both loopback addresses. Whoever had the other one at our
/// port could show its own page there, with the keys that ours keeps.
#[derive(Debug)]
pub struct Listening {
    first: TcpListener,
    other: Option<TcpListener>,
}

impl Listening {
    /// Opens an address; of the two loopback ones both, where the machine has both.
    ///
    /// # Errors
    ///
    /// That of the system, also when somebody else listens at the other one.
    pub async fn at(address: SocketAddr) -> io::Result<Self> {
        let mut left = if address.port() == 0 { ATTEMPTS } else { 1 };
        loop {
            left -= 1;
            match Self::try_at(address).await {
                Err(error) if error.kind() == io::ErrorKind::AddrInUse && left > 0 => {}
                opened => return opened,
            }
        }
    }

    async fn try_at(address: SocketAddr) -> io::Result<Self> {
        let first = TcpListener::bind(address).await?;
        let Some(other) = other_loopback(address.ip()) else { return Ok(first.into()) };
        let other = SocketAddr::new(other, first.local_addr()?.port());
        match TcpListener::bind(other).await {
            Ok(listener) => Ok(Self { first, other: Some(listener) }),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                let what = format!("another program listens at {other}, which is localhost too");
                Err(io::Error::new(error.kind(), what))
            }
            // There is no such address here, so nobody else has it either.
            Err(error) => {
                tracing::debug!(%error, %other, "the other loopback address is not there");
                Ok(first.into())
            }
        }
    }

    /// Returns the address that was asked for, with its port.
    ///
    /// # Errors
    ///
    /// That of the system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.first.local_addr()
    }

    pub(super) async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        let Some(other) = &self.other else { return self.first.accept().await };
        tokio::select! {
            accepted = self.first.accept() => accepted,
            accepted = other.accept() => accepted,
        }
    }
}

impl From<TcpListener> for Listening {
    fn from(first: TcpListener) -> Self {
        Self { first, other: None }
    }
}

fn other_loopback(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(Ipv4Addr::LOCALHOST) => Some(Ipv6Addr::LOCALHOST.into()),
        IpAddr::V6(Ipv6Addr::LOCALHOST) => Some(Ipv4Addr::LOCALHOST.into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: IpAddr, port: u16) -> SocketAddr {
        SocketAddr::new(address, port)
    }

    #[tokio::test]
    async fn listens_at_both_addresses_of_localhost() {
        // A machine without IPv6 has only one.
        if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await.is_err() {
            return;
        }
        for first in [IpAddr::V4(Ipv4Addr::LOCALHOST), Ipv6Addr::LOCALHOST.into()] {
            let listening = Listening::at(at(first, 0)).await.expect("a port");
            let port = listening.local_addr().expect("an address").port();
            for address in [IpAddr::V4(Ipv4Addr::LOCALHOST), Ipv6Addr::LOCALHOST.into()] {
                let (called, accepted) =
                    tokio::join!(TcpStream::connect(at(address, port)), listening.accept());
                called.expect("somebody is there");
                accepted.expect("and it is us");
                let taken = TcpListener::bind(at(address, port)).await;
                assert!(taken.is_err(), "nobody else can be {address} at that port");
            }
        }
    }

    #[tokio::test]
    async fn does_not_share_localhost_with_another_program() {
        let Ok(other) = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await else { return };
        let port = other.local_addr().expect("an address").port();
        let refused = Listening::at(at(Ipv4Addr::LOCALHOST.into(), port)).await;
        let error = refused.expect_err("the other half is taken");
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse, "{error}");
    }
}
