/** What connections leave to be received when they are gone. */
import { expect, it } from "vitest"
import { Leftovers } from "../../../src/pipes/leftovers.ts"
import { SocketPipe } from "../../../src/pipes/pipe.ts"
import type { PipeOwner } from "../../../src/pipes/pipe-owner.ts"
import { FakeConnection, text } from "../../support/fake-connection.ts"

const MARK = 2
const MOST = 64

function setUp() {
  const pipeOptions = { sendHighWaterMark: 1, receiveHighWaterMark: MARK, conflate: false, linger: -1 }
  const pipes: SocketPipe[] = []
  const leftovers = new Leftovers(pipeOptions, () => {
    for (const pipe of pipes) pipe.resumeUnlessFull()
  })
  const owner: PipeOwner = {
    blocky: true,
    pipeOptions,
    leftovers,
    connected() {},
    disconnected() {},
    control() {},
    readable() {},
    writable() {},
  }
  const come = () => {
    const pipe = new SocketPipe(owner, true, { redials: false, lost: gone => gone.retire(), closePipe() {} })
    const connection = new FakeConnection()
    pipe.connect(connection)
    pipes.push(pipe)
    return { pipe, connection }
  }
  /** Peers that say all that they may and go. */
  const leave = (count: number) =>
    Array.from({ length: count }, () => {
      const { pipe, connection } = come()
      expect(connection.deliver("1", "2", "3")).toBe(MARK)
      connection.closed()
      return pipe
    })
  return { pipeOptions, leftovers, come, leave }
}

it("hold back new connections, and only those, while they are too many", () => {
  const { leftovers, come, leave } = setUp()
  const earlier = come()
  const gone = leave(MOST)
  const newcomer = come()
  expect([leftovers.tooMany, newcomer.connection.isPaused]).toEqual([true, true])
  expect(earlier.connection.deliver("still welcome")).toBe(1)
  expect(text(gone[0]!.tryRead()!)).toBe("1")
  expect([leftovers.tooMany, newcomer.connection.isPaused]).toEqual([false, false])
  expect(newcomer.connection.deliver("1", "2", "3")).toBe(MARK)
})

it("are no fewer for what is received of those who are there, or was dropped", () => {
  const { leftovers, come, leave } = setUp()
  const there = come()
  there.connection.deliver("1", "2")
  const dropping = come()
  dropping.connection.deliver("1", "2")
  leave(MOST)
  there.pipe.tryRead()
  dropping.pipe.finish(0, () => {})
  dropping.connection.closed()
  expect(leftovers.tooMany).toBe(true)
})

it("may be any number without a high-water mark, also when that is taken away", () => {
  const { pipeOptions, come, leave } = setUp()
  leave(MOST)
  const newcomer = come()
  expect(newcomer.connection.isPaused).toBe(true)
  newcomer.pipe.limitsChanged()
  expect(newcomer.connection.isPaused).toBe(true)
  pipeOptions.receiveHighWaterMark = 0
  newcomer.pipe.limitsChanged()
  expect(newcomer.connection.isPaused).toBe(false)
})
