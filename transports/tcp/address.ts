import { isIPv4, isIPv6 } from "node:net"
import { ZmqError } from "../../src/base/errors.ts"

/** This is a host (`*` for any) and a port. An IPv6 host has no brackets here. */
export interface HostPort {
  readonly host: string
  readonly port: number
}

/** This says where to connect to, and from where. */
export interface ConnectTarget extends HostPort {
  /** This is the local address or interface name, and the local port (0 for any), given before a `;` (zmq_tcp(7)). */
  readonly source?: HostPort
}

const MAX_PORT = 65535
/** Host names and the names of interfaces have this form. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/
const DIGITS = /^\d+$/

/**
 * Parses the address of a bind, which has the form `host:port` (zmq_tcp(7)). The host is `*`, an IPv4 address, an IPv6
 * address with or without brackets, or the name of an interface or of a host. The port is a number; `*` or 0 stands for
 * any free one. Throws EINVAL.
 * @param scheme the scheme of the endpoint, which errors name
 */
export function parseBind(scheme: string, address: string): HostPort {
  const endpoint = `${scheme}://${address}`
  const { host, port } = split(address, endpoint)
  if (host !== "*" && !isHost(host)) throw malformed(endpoint, "unknown form of host")
  if (port === "*") return { host, port: 0 }
  const number = parsePort(port, endpoint)
  if (number > MAX_PORT) throw malformed(endpoint, `a port is at most ${MAX_PORT}`)
  return { host, port: number }
}

/**
 * Parses the address of a connect: `host:port` or `source:port;host:port` (zmq_tcp(7)). A port beyond the range is
 * accepted, as by libzmq; dialling it fails. Throws EINVAL.
 * @param scheme the scheme of the endpoint, which errors name
 */
export function parseConnect(scheme: string, address: string): ConnectTarget {
  const endpoint = `${scheme}://${address}`
  const at = address.indexOf(";")
  const { host, port } = split(address.slice(at + 1), endpoint)
  if (!isHost(host)) throw malformed(endpoint, "connect needs an address or a host name")
  const target = { host, port: parsePort(port, endpoint) }
  return at < 0 ? target : { ...target, source: parseSource(address.slice(0, at), endpoint) }
}

/**
 * Parses a SOCKS proxy's `host:port`. Throws EINVAL.
 * @param endpoint the endpoint of the connect, which the error names
 */
export function parseProxy(proxy: string | null, endpoint: string): HostPort | undefined {
  if (proxy === null) return undefined
  try {
    const { host, port, source } = parseConnect("socks", proxy)
    if (source === undefined && port >= 1 && port <= MAX_PORT) return { host, port }
  } catch {}
  throw malformed(endpoint, "socksProxy has the form host:port")
}

function parseSource(text: string, endpoint: string): HostPort {
  const { host, port } = split(text, endpoint)
  if (!isHost(host)) throw malformed(endpoint, "a source is an address or the name of an interface")
  return { host, port: port === "*" ? 0 : parsePort(port, endpoint) }
}

/** Splits the text at its last colon, because IPv6 addresses may come without brackets. */
function split(text: string, endpoint: string): { host: string; port: string } {
  const at = text.lastIndexOf(":")
  if (at < 1) throw malformed(endpoint, "an address has the form host:port")
  const host = text.slice(0, at)
  return { host: host.startsWith("[") ? unbracket(host, endpoint) : host, port: text.slice(at + 1) }
}

function unbracket(host: string, endpoint: string): string {
  const inner = host.slice(1, -1)
  if (!host.endsWith("]") || !isIPv6(inner)) throw malformed(endpoint, "brackets hold an IPv6 address")
  return inner
}

function isHost(host: string): boolean {
  return isIPv4(host) || isIPv6(host) || NAME.test(host)
}

function parsePort(port: string, endpoint: string): number {
  if (!DIGITS.test(port)) throw malformed(endpoint, "a port is a number")
  return Number(port)
}

function malformed(endpoint: string, reason: string): ZmqError {
  return new ZmqError("EINVAL", { address: endpoint, reason })
}

/** Formats an endpoint as libzmq prints it: `tcp://127.0.0.1:5555`, `tcp://[::1]:5555`. */
export function formatEndpoint(scheme: string, host: string, port: number): string {
  return host.includes(":") ? `${scheme}://[${host}]:${port}` : `${scheme}://${host}:${port}`
}
