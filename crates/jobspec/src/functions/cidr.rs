//! Networks and addresses.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Answer, Failure, number, text, whole};
use crate::number::Number;
use crate::options::Options;
use crate::value::Value;

/// A network: its first address as a number, the bits of its prefix, and the bits of an address.
#[derive(Clone, Copy)]
struct Net {
    base: u128,
    prefix: u32,
    bits: u32,
}

/// All ones in the lowest bits.
fn ones(bits: u32) -> u128 {
    if bits >= 128 { u128::MAX } else { (1 << bits) - 1 }
}

fn parse(given: &str) -> Result<Net, Failure> {
    let bad = || Failure::Call(format!("invalid CIDR expression: invalid CIDR address: {given}"));
    let (address, prefix) = given.split_once('/').ok_or_else(bad)?;
    let plain = prefix.bytes().all(|byte| byte.is_ascii_digit());
    let prefix = prefix.parse::<u32>().ok().filter(|_| plain).ok_or_else(bad)?;
    let (base, bits) = match (address.parse::<Ipv4Addr>(), address.parse::<Ipv6Addr>()) {
        (Ok(four), _) => (u128::from(u32::from(four)), 32),
        (_, Ok(six)) => (u128::from(six), 128),
        _ => return Err(bad()),
    };
    if prefix > bits {
        return Err(bad());
    }
    Ok(Net { base: base & !ones(bits - prefix), prefix, bits })
}

fn show(address: u128, bits: u32) -> String {
    match (bits, u32::try_from(address)) {
        (32, Ok(four)) => Ipv4Addr::from(four).to_string(),
        _ => Ipv6Addr::from(address).to_string(),
    }
}

/// Where the number lies among as many as the bits can count; negative ones count from the end.
fn place(number: &Number, bits: u32) -> Option<u128> {
    let size = u128::try_from(number.magnitude()?).ok()?;
    match number.is_negative() && size > 0 {
        false => (size <= ones(bits)).then_some(size),
        true => (size - 1 <= ones(bits)).then(|| ones(bits) - (size - 1)),
    }
}

pub(super) fn cidrhost(values: &[Value], _: &Options<'_>) -> Answer {
    let net = parse(text(values, 0))?;
    let host = number(values, 1);
    whole_number(&host)?;
    let Some(offset) = place(&host, net.bits - net.prefix) else {
        let why = format!("prefix of {} does not accommodate a host numbered {}", net.prefix, host.text());
        return Err(Failure::Call(why));
    };
    Ok(Value::text(&show(net.base | offset, net.bits)))
}

fn whole_number(number: &Number) -> Result<(), Failure> {
    match number.is_integer() {
        true => Ok(()),
        false => Err(Failure::Call("value must be a whole number".to_owned())),
    }
}

pub(super) fn cidrnetmask(values: &[Value], _: &Options<'_>) -> Answer {
    let net = parse(text(values, 0))?;
    Ok(Value::text(&show(ones(net.bits) & !ones(net.bits - net.prefix), net.bits)))
}

pub(super) fn cidrsubnet(values: &[Value], _: &Options<'_>) -> Answer {
    let net = parse(text(values, 0))?;
    let extra = whole(values, 1)?;
    let wanted = number(values, 2);
    whole_number(&wanted)?;
    let prefix = u32::try_from(i64::from(net.prefix).saturating_add(extra)).unwrap_or(u32::MAX);
    if prefix > net.bits {
        let why = format!("insufficient address space to extend prefix of {} by {extra}", net.prefix);
        return Err(Failure::Call(why));
    }
    let Some(index) = place(&wanted, prefix.saturating_sub(net.prefix)) else {
        let why =
            format!("prefix extension of {extra} does not accommodate a subnet numbered {}", wanted.text());
        return Err(Failure::Call(why));
    };
    let base = net.base | index.checked_shl(net.bits - prefix).unwrap_or_default();
    Ok(Value::text(&format!("{}/{prefix}", show(base, net.bits))))
}

pub(super) fn cidrsubnets(values: &[Value], _: &Options<'_>) -> Answer {
    let net = parse(text(values, 0)).map_err(|failure| match failure {
        Failure::Call(why) => Failure::Argument(0, why),
        other => other,
    })?;
    let last = net.base | ones(net.bits - net.prefix);
    let mut next = Some(net.base);
    let mut before = String::new();
    let mut items = Vec::new();
    for index in 1..values.len() {
        let extra = whole(values, index)?;
        if extra < 1 {
            return Err(Failure::Argument(index, "must extend prefix by at least one bit".to_owned()));
        }
        if extra > 32 {
            return Err(Failure::Argument(index, "may not extend prefix by more than 32 bits".to_owned()));
        }
        let prefix = net.prefix + u32::try_from(extra).unwrap_or_default();
        if prefix > net.bits {
            let kind = if net.bits == 32 { "IPv4" } else { "IPv6" };
            let why =
                format!("would extend prefix to {prefix} bits, which is too long for an {kind} address");
            return Err(Failure::Argument(index, why));
        }
        let span = ones(net.bits - prefix);
        let start = next.map(|address| address.checked_add(span).map(|sum| sum & !span)).unwrap_or_default();
        let Some(start) = start.filter(|start| start | span <= last) else {
            let why = format!(
                "not enough remaining address space for a subnet with a prefix of {prefix} bits after {before}"
            );
            return Err(Failure::Argument(index, why));
        };
        before = format!("{}/{prefix}", show(start, net.bits));
        items.push(before.clone());
        next = (start | span).checked_add(1);
    }
    Ok(super::text::texts(items.into_iter()))
}
