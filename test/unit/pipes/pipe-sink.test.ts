/** What the owner of a pipe throws comes out of no call of a connection, whichever transport that is of. */
import { describe, expect, it, onTestFinished } from "vitest"
import { RawConnection } from "../../../src/connections/raw-connection.ts"
import { upgradeToZmtp } from "../../../src/connections/upgrade-to-zmtp.ts"
import type { Connection, LocalPeer } from "../../../src/contracts/connection.ts"
import { Leftovers } from "../../../src/pipes/leftovers.ts"
import { SocketPipe } from "../../../src/pipes/pipe.ts"
import type { PipeOwner } from "../../../src/pipes/pipe-owner.ts"
import { connectInproc } from "../../../transports/inproc/link.ts"
import { creditMemory } from "../../../transports/threads/credit.ts"
import { ThreadEnd } from "../../../transports/threads/link.ts"
import { until } from "../../support/events.ts"
import { message } from "../../support/fake-connection.ts"
import { memoryPair } from "../../support/memory-stream.ts"
import { ZMTP_OPTIONS } from "../../support/zmtp.ts"

type Ends = readonly [Connection, Connection]

const peer: LocalPeer = { socketType: "PAIR", routingId: Buffer.alloc(0), tellsRoutingId: false }

const TRANSPORTS: Readonly<Record<string, () => Ends | Promise<Ends>>> = {
  async zmtp() {
    const [left, right] = memoryPair().map(stream => upgradeToZmtp(stream, peer, ZMTP_OPTIONS))
    return [await left!, await right!]
  },
  raw() {
    const [left, right] = memoryPair()
    return [new RawConnection(left, false), new RawConnection(right, false)]
  },
  inproc: () => connectInproc("inproc://guarded", peer, peer),
  threads() {
    const { port1, port2 } = new MessageChannel()
    const parts = { credit: creditMemory(), endpoint: "inproc://guarded", peer, window: 0 }
    return [
      new ThreadEnd({ ...parts, port: port1 as never, number: 0 }),
      new ThreadEnd({ ...parts, port: port2 as never, number: 1 }),
    ]
  },
}

/** The next exceptions that nobody catches, instead of the failure of the test. */
function uncaught(): Error[] {
  const seen: Error[] = []
  const listeners = process.listeners("uncaughtException")
  process.removeAllListeners("uncaughtException")
  process.on("uncaughtException", error => seen.push(error))
  onTestFinished(() => {
    process.removeAllListeners("uncaughtException")
    for (const listener of listeners) process.on("uncaughtException", listener)
  })
  return seen
}

function pipeOver(connection: Connection, events: Partial<PipeOwner> = {}) {
  const pipeOptions = { sendHighWaterMark: 0, receiveHighWaterMark: 0, conflate: false, linger: 0 }
  const gone: unknown[] = []
  const errors: unknown[] = []
  const nothing = () => {}
  const owner: PipeOwner = {
    pipeOptions,
    blocky: true,
    leftovers: new Leftovers(pipeOptions, nothing),
    connected: nothing,
    disconnected: nothing,
    control: nothing,
    readable: nothing,
    writable: nothing,
    ...events,
  }
  const lost = (pipe: SocketPipe, _: Connection, error: Error | undefined) => {
    gone.push(pipe)
    errors.push(error)
  }
  const pipe = new SocketPipe(owner, true, { redials: false, lost, closePipe: nothing })
  pipe.connect(connection)
  return { pipe, gone, errors }
}

describe.each(Object.entries(TRANSPORTS))("an error from inside a call of a %s connection", (_, make) => {
  it("ends the connection that the message came by, disturbs no sender, and is no uncaught exception", async () => {
    const seen = uncaught()
    const [left, right] = await make()
    const bug = new Error("a bug")
    const {
      pipe: to,
      gone,
      errors,
    } = pipeOver(right, {
      readable(pipe) {
        while (pipe.tryRead() !== undefined);
        throw bug
      },
    })
    const { pipe: from, gone: goneThere } = pipeOver(left)
    expect(from.tryWrite(message("a"))).toBe(true)
    await until(() => gone.length > 0 && goneThere.length > 0)
    expect([to.peer, gone, goneThere, seen]).toEqual([undefined, [to], [from], []])
    expect(errors).toEqual([expect.objectContaining({ code: "EPROTO", cause: bug })])
  })

  it("is an uncaught exception at the end of the connection, and the endpoint hears of the end all the same", async () => {
    const seen = uncaught()
    const [left, right] = await make()
    const { pipe, gone } = pipeOver(right, {
      disconnected() {
        throw new Error("a late bug")
      },
    })
    pipeOver(left).pipe.finish(0)
    await until(() => seen.length > 0)
    expect(seen.map(error => error.message)).toEqual(["a late bug"])
    expect([pipe.peer, gone]).toEqual([undefined, [pipe]])
  })
})
