/** Questions from thread to thread, put through a message port that comes with them. */
import {
  MessageChannel,
  type MessagePort,
  postMessageToThread,
  receiveMessageOnPort,
} from "node:worker_threads"

/** A question as it travels, under the protocol as its one key, which tells it from what others send to a thread. */
interface Envelope {
  readonly question: unknown
  readonly port: MessagePort
}

export interface Outcome {
  /** In the turn in which the answer came. What follows on the port is whoever listens to it by then. */
  answered(answer: unknown, port: MessagePort): void
  /** The thread has ended, or never was. */
  ended(): void
}

/** What waits for an answer; without a port it doesn't any more. */
interface Wait {
  port: MessagePort | undefined
}

/** Milliseconds. */
const PATIENCE = 5000

/**
 * Asks a thread; exactly one of the outcomes follows once it has time to answer, unless the function returned is called
 * before. The port is the asker's to close. Nothing of this holds the thread.
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
 * Node says whether a message was heard, but never does if the thread is terminated first, and keeps all that until then.
 * So it is asked to wait for a limited time only, and again as long as we wait ourselves.
 */
async function send(thread: number, message: unknown, transfer: MessagePort[], wait: Wait): Promise<void> {
  try {
    await postMessageToThread(thread, message, transfer, PATIENCE)
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === "ERR_WORKER_MESSAGING_FAILED") wait.port?.close()
    // Other failures are those of other listeners there.
    if (code === "ERR_WORKER_MESSAGING_TIMEOUT" && wait.port !== undefined) await send(thread, {}, [], wait)
  }
}

/** The first message on the port is the answer. Anybody in the process may ask anything: the question is unchecked. */
export function onQuestion(protocol: string, hear: (question: unknown, port: MessagePort) => void): void {
  // Ahead of the listeners of others, one of which might throw.
  process.prependListener("workerMessage", (message: unknown) => {
    const envelope: unknown = Object(message)[protocol]
    if (isEnvelope(envelope)) hear(envelope.question, whole(envelope.port))
  })
}

function isEnvelope(value: unknown): value is Envelope {
  const { port } = Object(value) as { port?: unknown }
  return typeof (Object(port) as Partial<MessagePort>).postMessage === "function"
}

/** On Deno a port that comes with such a message doesn't say when it is closed; one that came through a port does. */
function whole(port: MessagePort): MessagePort {
  if ("on" in port) return port
  const { port1, port2 } = new MessageChannel()
  port1.postMessage(port, [port])
  const received = receiveMessageOnPort(port2)
  port1.close()
  return received?.message as MessagePort
}
