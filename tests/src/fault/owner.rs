//! Which process is at the other end of a connection over loopback: the kernel's table names the socket, and the
//! process that has it open is its owner. So a proxy can tell servers apart that all call from 127.0.0.1.

use std::fs;
use std::net::SocketAddr;

/// Fields of a line of /proc/net/tcp: the socket's own address, and its inode.
const LOCAL: usize = 1;
const INODE: usize = 9;

/// Which of `candidates` holds the socket that is bound to `address`; `None` when none of them does.
pub fn of(address: SocketAddr, candidates: &[u32]) -> Option<u32> {
    let wanted = format!("socket:[{}]", inode(address)?);
    candidates.iter().copied().find(|pid| {
        let open = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
        let mut links = open.filter_map(|entry| fs::read_link(entry.path()).ok());
        links.any(|link| link.to_str() == Some(&wanted))
    })
}

fn inode(address: SocketAddr) -> Option<u64> {
    let SocketAddr::V4(address) = address else { return None };
    let local = format!("{:08X}:{:04X}", u32::from_le_bytes(address.ip().octets()), address.port());
    let table = fs::read_to_string("/proc/net/tcp").ok()?;
    let line = table.lines().find(|line| line.split_ascii_whitespace().nth(LOCAL) == Some(&local))?;
    line.split_ascii_whitespace().nth(INODE)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn a_connection_of_this_process_is_its_own() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (_other_end, address) = listener.accept().unwrap();
        assert_eq!(stream.local_addr().unwrap(), address);
        let me = std::process::id();
        assert_eq!(of(address, &[1, me]), Some(me));
        assert_eq!(of(address, &[]), None);
    }
}
