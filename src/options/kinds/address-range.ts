import { ZmqError } from "../../base/errors.ts"
import { isIPv4, isIPv6 } from "../../base/runtime.ts"
import type { AddressRange } from "../../contracts/transport.ts"

/**
 * Parses an IPv4 or IPv6 address, alone or with the number of its leading bits that matter: `10.0.0.0/8`,
 * `[fe80::]/10`, `192.0.2.1`. Throws EINVAL.
 */
export function parseRange(text: string): AddressRange {
  const [, host, bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const address = host?.replace(/^\[(.*)\]$/, "$1") ?? ""
  const width = widthOf(address)
  const prefix = bits === undefined ? width : Number(bits)
  if (width === 0 || prefix > width) {
    throw new ZmqError("EINVAL", { reason: "a range of addresses has the form 10.0.0.0/8 or fe80::/10" })
  }
  return { address, prefix }
}

/** Returns the bits of an address, or 0 for text that is none. A zone is refused, because no check would look at it. */
function widthOf(address: string): number {
  if (isIPv4(address)) return 32
  return isIPv6(address) && !address.includes("%") ? 128 : 0
}

export function formatRange({ address, prefix }: AddressRange): string {
  return `${address}/${prefix}`
}
