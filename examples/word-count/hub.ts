import { networkInterfaces } from "node:os"
import { Publisher, Pull, Push, Reply, type Socket } from "zeromq-ts"
import { type Coded, withCodec } from "zeromq-ts/codec"
import { Complaint } from "./complaint.ts"
import { ITEMS, NEWS, PULSE, QUESTIONS, REPORTS, SILENCE } from "./protocol.ts"

/** The ventilator's four sockets; protocol.ts says who talks on them. */
export class Hub {
  /**
   * Short queues, so that little is dealt twice when a worker is lost. Heartbeats of ZMTP's own, so that the
   * queue of a machine that vanished without a word is given up too, and not dealt to for ever.
   */
  readonly work = withCodec(
    new Push({
      sendHighWaterMark: 4,
      linger: 0,
      heartbeatInterval: PULSE * 4,
      heartbeatTimeout: PULSE * SILENCE,
    }),
    ITEMS,
  )
  readonly results = withCodec(new Pull({ linger: 0 }), REPORTS)
  /** The last word, "end", may take its time to get through to other machines. */
  readonly news = withCodec(new Publisher({ linger: 1000 }), NEWS)
  readonly door = withCodec(new Reply({ linger: 0 }), QUESTIONS)
  readonly #host: string

  constructor(host: string) {
    this.#host = host
  }

  /** On ports that the operating system chooses. */
  async bind(): Promise<void> {
    for (const socket of this.#sockets) {
      try {
        await socket.bind(`tcp://${this.#host}:*`)
      } catch (error) {
        this.close()
        throw new Complaint(`cannot listen on ${this.#host}: ${(error as Error).message}`)
      }
    }
  }

  /** The door, as seen from this machine and from others. */
  get localDoor(): string {
    return this.#doorAt(this.#host === "0.0.0.0" ? "127.0.0.1" : this.#host)
  }

  get publicDoor(): string {
    return this.#doorAt(this.#host === "0.0.0.0" ? lanAddress() : this.#host)
  }

  close(): void {
    for (const socket of this.#sockets) socket.close()
  }

  get #sockets(): readonly Coded<Socket>[] {
    return [this.work, this.results, this.news, this.door]
  }

  #doorAt(host: string): string {
    return `tcp://${host}:${portOf(this.door)}`
  }
}

export function portOf(socket: Coded<Socket>): number {
  return Number(socket.lastEndpoint?.split(":").at(-1))
}

function lanAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap(list => list ?? [])
  return addresses.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? "127.0.0.1"
}
