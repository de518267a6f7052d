/** This module asks questions from thread to thread. Each question brings the message port for its answer. */
import {
  MessageChannel,
  type MessagePort,
  postMessageToThread,
  receiveMessageOnPort,
} from "node:worker_threads"

/**
 * A question travels in this form, under the protocol's name as the only key. The key is needed because others send
 * messages to the thread too.
 */
interface Envelope {
  readonly question: unknown
  readonly port: MessagePort
}

export interface Outcome {
  /** Is called in the turn of the answer. Later messages on the port go to the listeners that it has by then. */
  answered(answer: unknown, port: MessagePort): void
  /** Is called when the thread has ended, or never existed. */
  ended(): void
}

/** This is one wait for an answer. It is over when the port is undefined. */
interface Wait {
  port: MessagePort | undefined
}

/** Node waits this many milliseconds for the other thread to hear a message. */
const PATIENCE = 5000

/**
 * Asks a thread. Exactly one of the outcomes follows, unless the returned function is called first, which cancels the
 * question. The caller must close the port that it gets. Nothing of this keeps the asking thread running.
 */
export function ask(protocol: string, thread: number, question: object, outcome: Outcome): () => void {
  const { port1: port, port2 } = new MessageChannel()
  const wait: Wait = { port }
  const stop = () => {
    wait.port = undefined
    port.removeEventListener("message", answered)
    port.removeEventListener("close", ended)
  }
  const cancel = () => {
    stop()
    port.close()
  }
  const answered = (event: object) => {
    outcome.answered((event as { data: unknown }).data, port)
    stop()
  }
  const ended = () => {
    cancel()
    outcome.ended()
  }
  port.addEventListener("message", answered)
  port.addEventListener("close", ended)
  port.start()
  port.unref()
  void send(thread, { [protocol]: { question, port: port2 } }, [port2], wait)
  return cancel
}

/**
 * Sends the message, and finds out whether the thread exists. The call has a time limit and is repeated while we wait,
 * because Node never settles it, and keeps its memory, when the thread is terminated first.
 */
async function send(thread: number, message: unknown, transfer: MessagePort[], wait: Wait): Promise<void> {
  try {
    await postMessageToThread(thread, message, transfer, PATIENCE)
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === "ERR_WORKER_MESSAGING_FAILED") wait.port?.close()
    // All other failures come from other listeners in that thread.
    if (code === "ERR_WORKER_MESSAGING_TIMEOUT" && wait.port !== undefined) await send(thread, {}, [], wait)
  }
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
