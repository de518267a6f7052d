import { isIPv4, isIPv6 } from "node:net"
import { networkInterfaces } from "node:os"
import { ZmqError } from "../../src/base/errors.ts"
import { dns } from "../common/builtins.ts"

/** Looks a host name up, and resolves to its addresses, best first. Family 4 asks for IPv4 only, 0 for both. */
export type Lookup = (hostname: string, family: 0 | 4) => Promise<readonly FoundAddress[]>

/** An address of a host. */
interface FoundAddress {
  /** This is the address as text. */
  readonly address: string
  /** This is 4 for IPv4, 6 for IPv6. */
  readonly family: number
}

/**
 * Looks a name up by getaddrinfo(3), in the order of the operating system. That runs in Node's thread pool, where it may
 * wait for long. The name `localhost` is answered at once, because its addresses are fixed (RFC 6761, 6.3).
 */
export const lookupBySystem: Lookup = async (hostname, family) => {
  if (isLocalhost(hostname)) return loopback(family === 0)
  return dns().lookup(hostname, { family, all: true, verbatim: true })
}

function isLocalhost(name: string): boolean {
  return /^localhost\.?$/i.test(name)
}

function loopback(ipv6: boolean): readonly FoundAddress[] {
  const v4 = { address: "127.0.0.1", family: 4 }
  return ipv6 && hasLoopback6() ? [{ address: "::1", family: 6 }, v4] : [v4]
}

function hasLoopback6(): boolean {
  return Object.values(networkInterfaces()).some(list => list?.some(({ address }) => address === "::1"))
}

/** Resolves to all addresses to try for a connect, in order. Rejects with EHOSTUNREACH when there is none. */
export async function resolveRemote(
  host: string,
  ipv6: boolean,
  lookup: Lookup,
  endpoint: string,
): Promise<readonly string[]> {
  const known = usableLiteral(host, ipv6)
  if (known !== undefined) return [known]
  if (isIPv6(host)) throw unreachable(endpoint, "the option ipv6 is off")
  const found = await lookup(host, ipv6 ? 0 : 4).catch((cause: unknown) => {
    throw unreachable(endpoint, `the name ${host} can't be resolved`, cause)
  })
  const usable = found.filter(({ family }) => ipv6 || family === 4).map(({ address }) => address)
  if (usable.length === 0) throw unreachable(endpoint, `the name ${host} has no usable address`)
  return usable
}

/** Resolves to the address to bind, for `*`, a literal, an interface or a host name. Rejects with ENODEV. */
export async function resolveLocal(
  host: string,
  ipv6: boolean,
  lookup: Lookup,
  endpoint: string,
): Promise<string> {
  const local = localAddress(host, ipv6, endpoint)
  if (local !== undefined) return local
  const found = await resolveRemote(host, ipv6, lookup, endpoint).catch((cause: unknown) => {
    throw noDevice(endpoint, `no interface and no known host has the name ${host}`, cause)
  })
  return literal(found[0]!, ipv6)!
}

/** Does the same as resolveLocal(), but at once. The only host name that it knows is `localhost`. Throws ENODEV or ENOTSUP. */
export function resolveLocalNow(host: string, ipv6: boolean, endpoint: string): string {
  if (isLocalhost(host)) return literal(loopback(ipv6)[0]!.address, ipv6)!
  const local = localAddress(host, ipv6, endpoint)
  if (local !== undefined) return local
  const reason = `no interface has the name ${host}, and looking a host up takes its time: use bind()`
  throw new ZmqError("ENOTSUP", { address: endpoint, reason })
}

/** Returns the address to bind, or undefined when the host may be a host name. */
function localAddress(host: string, ipv6: boolean, endpoint: string): string | undefined {
  if (host === "*") return ipv6 ? "::" : "0.0.0.0"
  // The interfaces are listed for names only, because Deno needs a permission for that.
  const local = literal(host, ipv6)
  if (local !== undefined || isLocalhost(host)) return local
  if (isIPv6(host)) throw noDevice(endpoint, "the option ipv6 is off")
  return literal(interfaceAddress(host, ipv6), ipv6)
}

/** Returns the local address of a connect. It must be a literal or an interface, not a host name. Throws ENODEV. */
export function resolveSource(host: string, ipv6: boolean, endpoint: string): string {
  const plain = usableLiteral(host, ipv6) ?? interfaceAddress(host, ipv6)
  if (plain === undefined) throw noDevice(endpoint, `no usable interface has the name ${host}`)
  return plain
}

/** Returns a literal address in usable form; undefined when it is none, or needs the option `ipv6`. */
function usableLiteral(host: string | undefined, ipv6: boolean): string | undefined {
  if (host === undefined || isIPv4(host)) return host
  if (!isIPv6(host)) return undefined
  return ipv6 ? host : unmapped(host)
}

/** This matches an IPv4 address in IPv6 form, either dotted or as two groups of hexadecimal digits. */
const MAPPED = /^(?:0*:)*0*:ffff:([\d.]+|[\da-f]{1,4}:[\da-f]{1,4})$/i

/**
 * Returns the IPv4 address that an IPv6 form stands for (RFC 4291, 2.5.5.2). It is needed because an endpoint that was
 * bound with `ipv6` shows this form.
 */
function unmapped(host: string): string | undefined {
  const rest = MAPPED.exec(host)?.[1]
  if (rest === undefined) return undefined
  const [high, low] = rest.split(":").map(group => Number.parseInt(group, 16))
  const dotted = low === undefined ? rest : [high! >> 8, high! & 0xff, low >> 8, low & 0xff].join(".")
  return isIPv4(dotted) ? dotted : undefined
}

/** Returns the address to bind. It is mapped to IPv6 with `ipv6`, because an IPv6 socket takes no other form. */
function literal(host: string | undefined, ipv6: boolean): string | undefined {
  const usable = usableLiteral(host, ipv6)
  return usable !== undefined && ipv6 && isIPv4(usable) ? `::ffff:${usable}` : usable
}

function interfaceAddress(name: string, ipv6: boolean): string | undefined {
  const addresses = networkInterfaces()[name] ?? []
  const v6 = ipv6 ? addresses.find(({ family }) => family === "IPv6") : undefined
  const found = v6 ?? addresses.find(({ family }) => family === "IPv4")
  // The zone is added, because a link-local address is valid only with its interface.
  return found?.address.startsWith("fe80:") ? `${found.address}%${name}` : found?.address
}

function unreachable(address: string, reason: string, cause?: unknown): ZmqError {
  return new ZmqError("EHOSTUNREACH", { address, reason, cause })
}

function noDevice(address: string, reason: string, cause?: unknown): ZmqError {
  return new ZmqError("ENODEV", { address, reason, cause })
}
