import { isIPv4, isIPv6, type Socket } from "node:net"
import { fromSystemError, ZmqError } from "../../src/base/errors.ts"
import type { HostPort } from "./address.ts"
import { ExactReader } from "./exact-reader.ts"

const VERSION = 5
const NO_AUTHENTICATION = 0
const CONNECT = 1
const ADDRESS = { v4: 1, name: 3, v6: 4 } as const

/** A proxy refuses with these replies (RFC 1928, 6). Each has the code with which a direct attempt would fail. */
const REFUSALS = {
  1: ["EPROTO", "general failure"],
  2: ["EACCES", "not allowed by its rules"],
  3: ["ENETUNREACH", "network unreachable"],
  4: ["EHOSTUNREACH", "host unreachable"],
  5: ["ECONNREFUSED", "connection refused"],
  6: ["ETIMEDOUT", "the connection timed out"],
  7: ["EPROTO", "it doesn't know the command"],
  8: ["EAFNOSUPPORT", "it doesn't know the type of address"],
} as const

/**
 * Asks a SOCKS5 proxy to connect a new, paused socket to a target (RFC 1928, without authentication). Addresses are sent
 * as addresses; the proxy resolves names. Afterwards the socket leads to the target and is paused. Rejects, with the
 * socket destroyed, when the proxy refuses, leaves, breaks the protocol or is too slow, or when the signal is aborted.
 * @param timeout in milliseconds; 0 for no limit
 */
export async function connectThrough(
  socket: Socket,
  target: HostPort,
  endpoint: string,
  timeout: number,
  signal: AbortSignal,
): Promise<void> {
  const reader = new ExactReader(socket, endpoint, timeout, signal)
  try {
    await negotiate(socket, reader, target, endpoint)
  } catch (cause) {
    reader.release()
    socket.destroy()
    throw fromSystemError(cause, endpoint)
  }
  reader.release()
}

async function negotiate(
  socket: Socket,
  reader: ExactReader,
  target: HostPort,
  endpoint: string,
): Promise<void> {
  const request = requestFor(target, endpoint)
  socket.write(Buffer.of(VERSION, 1, NO_AUTHENTICATION))
  const [version, method] = await reader.read(2)
  if (version !== VERSION) throw failure("EPROTO", endpoint, "the proxy doesn't speak SOCKS5")
  if (method !== NO_AUTHENTICATION) throw failure("EACCES", endpoint, "the proxy wants a user name")
  socket.write(request)
  const [replyVersion, reply, , type] = await reader.read(4)
  if (replyVersion !== VERSION) throw failure("EPROTO", endpoint, "the proxy's reply is malformed")
  if (reply !== 0) throw refusal(reply!, endpoint)
  // The rest of the reply is the address of the proxy's own end. It is read, because the target's bytes come after it.
  await reader.read((await addressLength(type!, reader, endpoint)) + 2)
}

function requestFor({ host, port }: HostPort, endpoint: string): Buffer {
  const head = Buffer.of(VERSION, CONNECT, 0)
  const tail = Buffer.of(port >> 8, port & 0xff)
  return Buffer.concat([head, encodeHost(host, endpoint), tail])
}

function encodeHost(host: string, endpoint: string): Buffer {
  if (isIPv4(host)) return Buffer.of(ADDRESS.v4, ...host.split(".").map(Number))
  if (isIPv6(host)) return Buffer.of(ADDRESS.v6, ...bytesOfV6(host, endpoint))
  const name = Buffer.from(host)
  if (name.length > 255) throw failure("ENAMETOOLONG", endpoint, "SOCKS5 takes names of up to 255 bytes")
  return Buffer.concat([Buffer.of(ADDRESS.name, name.length), name])
}

function bytesOfV6(host: string, endpoint: string): number[] {
  if (host.includes("%")) throw failure("EINVAL", endpoint, "a zone means nothing to a proxy")
  // The address passes through a URL, because that writes every IPv6 address as groups of hexadecimal digits.
  const plain = new URL(`http://[${host}]`).hostname.slice(1, -1)
  const [before = [], after] = plain.split("::").map(groups)
  const gap = after === undefined ? [] : Array<number>(8 - before.length - after.length).fill(0)
  return [...before, ...gap, ...(after ?? [])].flatMap(group => [group >> 8, group & 0xff])
}

function groups(text: string): number[] {
  return text === "" ? [] : text.split(":").map(group => Number.parseInt(group, 16))
}

async function addressLength(type: number, reader: ExactReader, endpoint: string): Promise<number> {
  switch (type) {
    case ADDRESS.v4:
      return 4
    case ADDRESS.v6:
      return 16
    case ADDRESS.name:
      return (await reader.read(1))[0]!
    default:
      throw failure("EPROTO", endpoint, "the proxy's reply has an unknown type of address")
  }
}

function refusal(reply: number, endpoint: string): ZmqError {
  const [code, reason] = REFUSALS[reply as keyof typeof REFUSALS] ?? ["EPROTO", `reply ${reply}`]
  return failure(code, endpoint, `the proxy refuses: ${reason}`)
}

function failure(code: ConstructorParameters<typeof ZmqError>[0], address: string, reason: string): ZmqError {
  return new ZmqError(code, { address, reason })
}
