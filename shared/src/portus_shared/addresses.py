"""Network addresses as far as they tell clients apart."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network, ip_address

_SITE_BITS = 64


def site_of(address: str) -> str:
    """Return what all addresses of one client have in common, to count by.

    Whoever has one IPv6 address has the other 2**64 of its network. What is no address stays.
    """
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return str(known)
    if known.ipv4_mapped:
        return str(known.ipv4_mapped)
    return str(IPv6Network((known, _SITE_BITS), strict=False).network_address)
