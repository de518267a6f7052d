import type { Socket } from "node:net"
import type { TransportOptions } from "../../src/contracts/transport.ts"
import { NetStream } from "../net/stream.ts"
import { formatEndpoint } from "./address.ts"

/** Later versions of Node than our types describe have these methods. */
interface TunableSocket {
  setKeepAlive(enable: boolean, idle?: number, interval?: number, count?: number): unknown
  setTypeOfService?(value: number): unknown
}

/** Sets a connected socket's TCP options. Nagle's algorithm is always off. */
export function tune(socket: Socket, options: TransportOptions): void {
  const tunable: TunableSocket = socket
  socket.setNoDelay(true)
  if (options.tcpKeepalive === 0) tunable.setKeepAlive(false)
  else if (options.tcpKeepalive === 1) {
    const { tcpKeepaliveIdle: idle, tcpKeepaliveInterval: interval, tcpKeepaliveCount: count } = options
    // Earlier versions of Node ignore the last two.
    tunable.setKeepAlive(true, Math.max(idle, 0) * 1000, positive(interval * 1000), positive(count))
  }
  if (options.typeOfService > 0) setTypeOfService(socket, options.typeOfService)
}

/** Sets the type of service. A failure destroys the socket; it fails for one whose peer has left. */
function setTypeOfService(socket: Socket & TunableSocket, value: number): void {
  try {
    socket.setTypeOfService?.(value)
  } catch (error) {
    socket.destroy(error as Error)
  }
}

/** Returns undefined, which stands for Node's default, unless the value is positive. */
function positive(value: number): number | undefined {
  return value > 0 ? value : undefined
}

/**
 * Makes a stream of a socket.
 * @param scheme the scheme of its endpoints
 * @param known the endpoint to show when the socket has no address any more, because the peer has left already
 */
export function streamOf(socket: Socket, scheme: string, known: string): NetStream {
  const { localAddress, localPort, remoteAddress, remotePort } = socket
  return new NetStream(
    socket,
    describe(scheme, localAddress, localPort, known),
    describe(scheme, remoteAddress, remotePort, known),
  )
}

function describe(
  scheme: string,
  address: string | undefined,
  port: number | undefined,
  known: string,
): string {
  if (address === undefined || port === undefined) return known
  const endpoint = formatEndpoint(scheme, address, port)
  // All connections to one endpoint share one string, because that saves memory.
  return endpoint === known ? known : endpoint
}
