//! What lies between servers: a proxy of this process, or the kernel with a namespace for each of them.

use std::time::Duration;

use crate::fault::namespace::Hosts;
use crate::fault::proxy::{End, Link, Links};

pub(super) enum Net {
    /// Level B.
    Proxy(Links),
    /// Level C.
    Kernel(Hosts),
}

impl Net {
    /// A process is at that end from now on.
    pub(super) fn belongs(&self, process: u32, end: End) {
        if let Net::Proxy(links) = self {
            links.belongs(process, end);
        }
    }

    pub(super) fn cut(&self, links: Vec<Link>) -> anyhow::Result<()> {
        match self {
            Net::Proxy(proxy) => proxy.cut(links),
            Net::Kernel(hosts) => hosts.cut(&links)?,
        }
        Ok(())
    }

    pub(super) fn heal(&self) -> anyhow::Result<()> {
        match self {
            Net::Proxy(proxy) => proxy.heal(),
            Net::Kernel(hosts) => hosts.heal()?,
        }
        Ok(())
    }

    /// The kernel of this level delays nothing.
    pub(super) fn delay(&self, link: Link, by: Duration) {
        if let Net::Proxy(links) = self {
            links.delay([link], by);
        }
    }

    pub(super) fn reset(&self) {
        if let Net::Proxy(links) = self {
            links.reset();
        }
    }
}
