import type { Socket } from "node:net"
import type { TransportOptions } from "../../src/contracts/transport.ts"
import { NetStream } from "../net/stream.ts"
import { formatEndpoint } from "./address.ts"

/** What later versions of Node than our types are written for can do: keep-alive in full, and a type of service. */
interface TunableSocket {
  setKeepAlive(enable: boolean, idle?: number, interval?: number, count?: number): unknown
  setTypeOfService?(value: number): unknown
}

/** Sets what the options say of a connected socket. Nagle's algorithm is always off. */
export function tune(socket: Socket, options: TransportOptions): void {
  const tunable: TunableSocket = socket
  socket.setNoDelay(true)
  if (options.tcpKeepalive === 0) tunable.setKeepAlive(false)
  else if (options.tcpKeepalive === 1) {
    const { tcpKeepaliveIdle: idle, tcpKeepaliveInterval: interval, tcpKeepaliveCount: count } = options
    // Earlier versions leave the last two out of account.
    tunable.setKeepAlive(true, Math.max(idle, 0) * 1000, positive(interval * 1000), positive(count))
  }
  if (options.typeOfService > 0) setTypeOfService(socket, options.typeOfService)
}

/** Unlike the others it may throw, such as on a socket whose peer has left. */
function setTypeOfService(socket: Socket & TunableSocket, value: number): void {
  try {
    socket.setTypeOfService?.(value)
  } catch (error) {
    socket.destroy(error as Error)
  }
}

/** Undefined stands for Node's default. */
function positive(value: number): number | undefined {
  return value > 0 ? value : undefined
}

/** @param known stands in for addresses that are gone because the peer has left already */
export function streamOf(socket: Socket, known: string): NetStream {
  const { localAddress, localPort, remoteAddress, remotePort } = socket
  return new NetStream(
    socket,
    describe(localAddress, localPort, known),
    describe(remoteAddress, remotePort, known),
  )
}

function describe(address: string | undefined, port: number | undefined, known: string): string {
  if (address === undefined || port === undefined) return known
  const endpoint = formatEndpoint(address, port)
  // One text for all connections that come to one place.
  return endpoint === known ? known : endpoint
}
