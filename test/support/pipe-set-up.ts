import { vi } from "vitest"
import type { Pipe } from "../../src/contracts/pattern.ts"
import { Leftovers } from "../../src/pipes/leftovers.ts"
import { SocketPipe } from "../../src/pipes/pipe.ts"
import type { PipeOptions, PipeOwner } from "../../src/pipes/pipe-owner.ts"
import { FakeConnection, message, text } from "./fake-connection.ts"

/** Makes a pipe with an owner and an endpoint that log what they are told. */
export function setUpPipe(options: Partial<PipeOptions> = {}, awaited = true, redials = true) {
  const log: string[] = []
  const lost = vi.fn((_: unknown, error?: Error) => void log.push(`lost ${error?.message ?? ""}`.trim()))
  const closePipe = vi.fn()
  const hooks: Partial<Record<"readable" | "writable" | "connected", () => void>> = {}
  const tell = (what: keyof typeof hooks) => {
    log.push(what)
    hooks[what]?.()
  }
  const pipeOptions = {
    sendHighWaterMark: 3,
    receiveHighWaterMark: 4,
    conflate: false,
    linger: -1,
    ...options,
  }
  const owner: PipeOwner = {
    blocky: true,
    pipeOptions,
    leftovers: new Leftovers(pipeOptions, () => pipe.resumeUnlessFull()),
    connected: () => tell("connected"),
    disconnected: () => void log.push("disconnected"),
    control: (_, control) => void log.push(control.type),
    readable: () => tell("readable"),
    writable: () => tell("writable"),
  }
  const pipe = new SocketPipe(owner, awaited, {
    redials,
    lost: (_, connection, error) => lost(connection, error),
    closePipe,
  })
  const connect = (room?: number) => {
    const connection = new FakeConnection()
    if (room !== undefined) connection.room = room
    pipe.connect(connection)
    return connection
  }
  return {
    pipe,
    log,
    lost,
    closePipe,
    connect,
    hooks,
    options: owner.pipeOptions as { -readonly [K in keyof PipeOptions]: PipeOptions[K] },
  }
}

/** Writes numbered messages until one is refused, and returns how many were taken. */
export function fill(pipe: Pipe, from = 1, most = 100): number {
  let count = 0
  while (count < most && pipe.tryWrite(message(String(from + count)))) count++
  return count
}

/** Reads all that is there. */
export function drainReads(pipe: Pipe): string[] {
  const texts: string[] = []
  for (let m = pipe.tryRead(); m; m = pipe.tryRead()) texts.push(text(m))
  return texts
}
