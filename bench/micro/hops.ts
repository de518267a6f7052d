import type { Pipe } from "../../src/contracts/pattern.ts"
import { Context, Pull, Push } from "../../src/index.ts"
import { Leftovers } from "../../src/pipes/leftovers.ts"
import { SocketPipe } from "../../src/pipes/pipe.ts"
import type { PipeOwner } from "../../src/pipes/pipe-owner.ts"
import { connectInproc } from "../../transports/inproc/link.ts"
import type { Subject } from "./harness.ts"

const COUNT = 2000
const BURST = 100

const pipeOptions = { sendHighWaterMark: 1000, receiveHighWaterMark: 1000, conflate: false, linger: -1 }
const owner: PipeOwner = {
  blocky: true,
  pipeOptions,
  leftovers: new Leftovers(pipeOptions, () => {}),
  connected() {},
  disconnected() {},
  control() {},
  readable() {},
  writable() {},
}

export const hops: readonly Subject[] = [pipeHop(), socketHop()]

/** From a pipe over an inproc link to the pipe at the other end; no pattern, no socket, no promise. */
function pipeHop(): Subject {
  const [from, to] = linkedPipes()
  const message = [Buffer.from("hop")]
  return {
    name: `pipe to pipe through inproc, bursts of ${BURST}`,
    operations: COUNT,
    async run() {
      let received = 0
      while (received < COUNT) {
        for (let i = 0; i < BURST; i++) if (!from.tryWrite(message)) break
        while (to.tryRead() !== undefined) received++
        // Only the first time: the link opens in a microtask.
        if (received === 0) await undefined
      }
      return received
    },
  }
}

function linkedPipes(): readonly [Pipe, Pipe] {
  const anonymous = { socketType: "PAIR", routingId: Buffer.alloc(0), tellsRoutingId: false }
  const ends = connectInproc("inproc://micro", anonymous, anonymous)
  const endpoint = { redials: false, lost() {}, closePipe() {} }
  const pipes = ends.map(() => new SocketPipe(owner, false, endpoint)) as [SocketPipe, SocketPipe]
  for (const [i, pipe] of pipes.entries()) pipe.connect(ends[i]!)
  return pipes
}

/** `await push.send()` to `for await`, both in this thread. */
function socketHop(): Subject {
  const context = new Context()
  const push = new Push({ context })
  const pull = new Pull({ context })
  const bound = pull.bind("inproc://micro").then(() => push.connect("inproc://micro"))
  const message = Buffer.from("hop")
  const messages = pull[Symbol.asyncIterator]()
  return {
    name: "PUSH to PULL through inproc",
    operations: COUNT,
    async run() {
      await bound
      const sendAll = async () => {
        for (let i = 0; i < COUNT; i++) await push.send(message)
      }
      const sending = sendAll()
      let bytes = 0
      for (let i = 0; i < COUNT; i++) bytes += (await messages.next()).value![0]!.length
      await sending
      return bytes
    },
  }
}
