/** This module asks questions from thread to thread. Each question brings the message port for its answer. */
import { MessageChannel, type MessagePort, postMessageToThread } from "node:worker_threads"
import type { Envelope } from "./hear.ts"

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
  const envelope: Envelope = { question, port: port2 }
  void send(thread, { [protocol]: envelope }, [port2], wait)
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
