//! IP networks.

use std::net::IpAddr;

use ipnet::IpNet;
use skyform_value::{Number, Str};

use super::FunctionError;
use super::signature::{
    Answer, Arguments, Function, function, list_of_string, number, parameter, string, strings,
    variadic,
};

pub(super) const FUNCTIONS: &[Function] = &[
    function(
        "cidrhost",
        &[parameter("prefix", string), parameter("hostnum", number)],
        string,
        host,
    ),
    function("cidrnetmask", &[parameter("prefix", string)], string, netmask),
    function(
        "cidrsubnet",
        &[parameter("prefix", string), parameter("newbits", number), parameter("netnum", number)],
        string,
        subnet,
    ),
    variadic(
        "cidrsubnets",
        &[parameter("prefix", string)],
        parameter("newbits", number),
        list_of_string,
        subnets,
    ),
];

fn network(arguments: &Arguments<'_>) -> Result<IpNet, FunctionError> {
    let text = arguments.text(0);
    let parsed: Result<IpNet, _> = text.parse();
    let network = parsed.map_err(|_| {
        arguments.wrong(0, format!("invalid CIDR expression: \"{text}\" is not a CIDR address"))
    })?;
    Ok(network.trunc())
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(four) => u128::from(u32::from(four)),
        IpAddr::V6(six) => u128::from(six),
    }
}

fn address(bits: u128, like: &IpNet) -> IpAddr {
    match like {
        IpNet::V4(_) => IpAddr::V4(u32::try_from(bits).unwrap_or(u32::MAX).into()),
        IpNet::V6(_) => IpAddr::V6(bits.into()),
    }
}

fn host(arguments: &Arguments<'_>) -> Answer {
    let network = network(arguments)?;
    let number = arguments.number(1);
    let Some(wanted) = number.to_integer() else {
        return Err(arguments.wrong(1, "a whole number is required"));
    };
    let size = u32::from(network.max_prefix_len() - network.prefix_len());
    let negative = number < Number::ZERO;
    let magnitude = u128::try_from(if negative { -wanted } else { wanted }).ok();
    let fits = |magnitude: u128| {
        size == 128 || magnitude < 1 << size || negative && magnitude == 1 << size
    };
    let Some(magnitude) = magnitude.filter(|magnitude| fits(*magnitude)) else {
        return Err(
            format!("prefix of {size} does not accommodate a host numbered {number}").into()
        );
    };
    let start = bits(network.network());
    let span = if size == 128 { 0 } else { 1_u128 << size };
    let offset = if negative { span.wrapping_sub(magnitude) } else { magnitude };
    Ok(address(start.wrapping_add(offset), &network).to_string().into())
}

fn netmask(arguments: &Arguments<'_>) -> Answer {
    match network(arguments)? {
        IpNet::V4(four) => Ok(four.netmask().to_string().into()),
        IpNet::V6(_) => {
            Err(arguments.wrong(0, "IPv6 addresses cannot have a netmask: only prefix lengths"))
        }
    }
}

fn widened(network: &IpNet, new_bits: i64) -> Result<u8, FunctionError> {
    let length = i64::from(network.prefix_len()) + new_bits;
    if new_bits < 0 || length > i64::from(network.max_prefix_len()) {
        return Err(format!(
            "insufficient address space to extend prefix of {} by {new_bits}",
            network.prefix_len()
        )
        .into());
    }
    Ok(u8::try_from(length).unwrap_or(u8::MAX))
}

fn subnet(arguments: &Arguments<'_>) -> Answer {
    let network = network(arguments)?;
    let new_bits = arguments.whole(1)?;
    let number = arguments.number(2);
    if let IpNet::V4(_) = network
        && (new_bits < 0 || number < Number::ZERO)
    {
        return outer_subnet(arguments, &network, new_bits);
    }
    let length = widened(&network, new_bits)?;
    let wanted = number.to_integer().and_then(|whole| u128::try_from(whole).ok());
    let wanted = wanted.filter(|wanted| new_bits >= 128 || *wanted < 1 << new_bits);
    let Some(wanted) = wanted else {
        return Err(format!(
            "prefix extension of {new_bits} does not accommodate a subnet numbered {number}"
        )
        .into());
    };
    let shift = u32::from(network.max_prefix_len() - length);
    let start = bits(network.network()) | wanted.checked_shl(shift).unwrap_or(0);
    Ok(format!("{}/{length}", address(start, &network)).into())
}

/// With fewer bits, or a number below zero, of which nobody says what they mean: as recorded.
fn outer_subnet(arguments: &Arguments<'_>, network: &IpNet, new_bits: i64) -> Answer {
    let length = i64::from(network.prefix_len()) + new_bits;
    if length < 0 {
        return Ok("<nil>".into());
    }
    if new_bits >= 0 {
        widened(network, new_bits)?;
    }
    let shift = u32::try_from(32 - length).unwrap_or(0);
    let start = i128::try_from(bits(network.network())).unwrap_or(0);
    let number = i128::from(arguments.whole(2)?);
    let merged = (start | number.wrapping_shl(shift)).unsigned_abs() & u128::from(u32::MAX);
    Ok(format!("{}/{length}", address(merged, network)).into())
}

fn subnets(arguments: &Arguments<'_>) -> Answer {
    let network = network(arguments)?;
    let start = bits(network.network());
    let size = u32::from(network.max_prefix_len() - network.prefix_len());
    let mut offset: u128 = 0;
    let mut found = Vec::new();
    for index in 1..arguments.values.len() {
        let new_bits = arguments.whole(index)?;
        if new_bits < 1 {
            return Err(arguments.wrong(index, "must extend prefix by at least one bit"));
        }
        if new_bits > 32 {
            return Err(arguments.wrong(index, "may not extend prefix by more than 32 bits"));
        }
        let length = widened(&network, new_bits)?;
        let step = 1_u128 << (network.max_prefix_len() - length).min(127);
        offset = offset.div_ceil(step) * step;
        if size < 128 && offset + step > 1 << size {
            return Err(arguments.wrong(
                index,
                format!(
                    "not enough remaining address space for a subnet with a prefix of {length} bits"
                ),
            ));
        }
        found.push(Str::from(format!("{}/{length}", address(start + offset, &network))));
        offset += step;
    }
    Ok(strings(found))
}
