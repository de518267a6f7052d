/** This module hears the questions that other threads ask. */
import { MessageChannel, type MessagePort, receiveMessageOnPort } from "node:worker_threads"

/**
 * A question travels in this form, under the protocol's name as the only key. The key is needed because others send
 * messages to the thread too.
 */
export interface Envelope {
  readonly question: unknown
  readonly port: MessagePort
}

/** This question asks a thread if it holds the name. */
export interface HoldsQuestion {
  readonly type: "holds"
  readonly name: string
}

export function isHoldsQuestion(value: unknown): value is HoldsQuestion {
  const { type, name } = Object(value) as Partial<HoldsQuestion>
  return type === "holds" && typeof name === "string"
}

/**
 * Listens to the questions of other threads. The first message that `hear` posts on the port is the answer.
 * @param hear gets the question unchecked, because any code in the process may send one
 */
export function onQuestion(protocol: string, hear: (question: unknown, port: MessagePort) => void): void {
  // This listener comes first, because a listener of somebody else might throw.
  process.prependListener("workerMessage", (message: unknown) => {
    const envelope: unknown = Object(message)[protocol]
    if (isEnvelope(envelope)) hear(envelope.question, whole(envelope.port))
  })
}

function isEnvelope(value: unknown): value is Envelope {
  const { port } = Object(value) as { port?: unknown }
  return typeof (Object(port) as Partial<MessagePort>).postMessage === "function"
}

/**
 * Returns a port that reports its close. On Deno a port that comes with a thread message does not, so it is passed
 * through another port, because one that arrives that way does.
 */
function whole(port: MessagePort): MessagePort {
  if ("on" in port) return port
  const { port1, port2 } = new MessageChannel()
  port1.postMessage(port, [port])
  const received = receiveMessageOnPort(port2)
  port1.close()
  return received?.message as MessagePort
}
