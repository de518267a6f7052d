import { EventEmitter, once } from "node:events"
import { connect, createServer, type NetConnectOpts, type Server, type Socket } from "node:net"

/** `there`: from whoever connected to whoever is bound; `back`: the other way. */
export type Direction = "there" | "back"

function netAddress(endpoint: string): NetConnectOpts {
  if (endpoint.startsWith("ipc://")) return { path: endpoint.slice(6) }
  const { hostname, port } = new URL(endpoint.replace("tcp:", "http:"))
  return { host: hostname, port: Number(port) }
}

/** Stands between two peers on tcp or ipc, passes every byte on, and counts the commands that go by. */
export class Relay extends EventEmitter {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #counts = new Map<string, number>()

  private constructor(target: string) {
    super()
    this.#server = createServer(socket => {
      const onward = connect(netAddress(target))
      this.#pass(socket, onward, "there")
      this.#pass(onward, socket, "back")
    })
  }

  /** Listens on the one endpoint for connections that go on to the other. */
  static async start(endpoint: string, target: string): Promise<Relay> {
    const relay = new Relay(target)
    relay.#server.listen(netAddress(endpoint))
    await once(relay.#server, "listening")
    return relay
  }

  /** Waits until so many more commands of a name have gone by. */
  async seen(direction: Direction, name: "PING" | "PONG", count: number): Promise<void> {
    const key = `${direction} ${name}`
    const goal = (this.#counts.get(key) ?? 0) + count
    while ((this.#counts.get(key) ?? 0) < goal) await once(this, "traffic")
  }

  stop(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #pass(from: Socket, to: Socket, direction: Direction): void {
    this.#sockets.add(from)
    from.on("data", chunk => {
      to.write(chunk)
      for (const [name] of chunk.toString("latin1").matchAll(/P[IO]NG/g)) {
        const key = `${direction} ${name}`
        this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
      }
      this.emit("traffic")
    })
    from.on("error", () => {})
    from.on("close", () => {
      this.#sockets.delete(from)
      to.destroy()
    })
  }
}
