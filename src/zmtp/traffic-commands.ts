import { parseCommand, parseControl, parsePing, pongCommand, unexpected } from "./command.ts"
import { BATCH_SIZE, type FrameEncoder } from "./frame-encoder.ts"
import type { SessionSink } from "./session-sink.ts"

/**
 * Handles a command, which may come between the frames of a message. Unknown and nameless ones are dropped, as by
 * libzmq. Commands of the handshake are an error here, though libzmq drops them too.
 */
export function handleCommand(body: Buffer, outgoing: FrameEncoder, sink: SessionSink): void {
  const command = parseCommand(body)
  if (command === undefined) return
  if (command.name === "READY" || command.name === "ERROR") throw unexpected(command)
  if (command.name === "PING") {
    answerPing(command.data, outgoing, sink)
    return
  }
  if (command.name === "PONG") {
    sink.ponged(command.data)
    return
  }
  const control = parseControl(command)
  if (control !== undefined) sink.requested(control)
}

/** Answers a PING. No PONG is added while many bytes wait, because a peer could make them grow without bound. */
function answerPing(data: Buffer, outgoing: FrameEncoder, sink: SessionSink): void {
  const ping = parsePing(data)
  if (ping === undefined) return
  if (outgoing.bytes < BATCH_SIZE) {
    outgoing.command(pongCommand(ping.context))
    sink.output()
  }
  sink.pinged(ping.timeToLive)
}
