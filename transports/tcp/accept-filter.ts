import { BlockList, isIPv6 } from "node:net"
import { ZmqError } from "../../src/base/errors.ts"
import type { AddressRange } from "../../src/contracts/transport.ts"
import type { AcceptFilter } from "../net/listener.ts"

/**
 * Makes a filter that accepts peers with an address in one of the ranges, IPv4 addresses in IPv6 form included.
 * @param ranges when empty, all peers are accepted
 */
export function acceptFilter(ranges: readonly AddressRange[], endpoint: string): AcceptFilter {
  if (ranges.length === 0) return () => undefined
  const welcome = new BlockList()
  for (const { address, prefix } of ranges) welcome.addSubnet(address, prefix, familyOf(address))
  return ({ remoteAddress }) => {
    if (remoteAddress !== undefined && welcome.check(remoteAddress, familyOf(remoteAddress))) return undefined
    // A peer that has left already has no address.
    const who = remoteAddress ?? "an unknown address"
    return new ZmqError("EACCES", { address: endpoint, reason: `${who} is not in tcpAcceptFilter` })
  }
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIPv6(address) ? "ipv6" : "ipv4"
}
