import { type MessagePort, receiveMessageOnPort } from "node:worker_threads"

type Functions = Record<string, (...args: never[]) => unknown>

interface Call {
  readonly id: number
  readonly name: string
  readonly args: readonly unknown[]
  /** Made while a call of the other side was served: part of it. */
  readonly nested: boolean
}

interface Answer {
  readonly answer: number
  readonly result?: unknown
  readonly error?: unknown
}

/** Milliseconds after which a thread that doesn't answer is taken for dead. */
const PATIENCE = 15_000

/** What each of two coupled threads is given. */
export interface CouplingParts {
  readonly port: MessagePort
  /** How often each side was written to. */
  readonly bells: Int32Array
  /** The one that leads is called out of turn only from within its own calls; the other one serves it at any time. */
  readonly side: "leads" | "follows"
}

/**
 * Couples two threads as if they were one: each calls functions of the other, and is blocked until they have returned;
 * what they call back meanwhile is served at once. What else the follower calls reaches the leader in a turn of its own.
 */
export class Coupling<Mine, Theirs> {
  readonly #port: MessagePort
  readonly #bells: Int32Array
  readonly #leads: boolean
  readonly #mine: Functions
  readonly #answers = new Map<number, Answer>()
  #lastId = 0
  /** Calls of the other side that are being served. */
  #serving = 0
  /** Own calls that are not answered yet. */
  #waiting = 0

  constructor({ port, side, bells }: CouplingParts, mine: Mine) {
    this.#port = port
    this.#leads = side === "leads"
    this.#bells = bells
    this.#mine = mine as Functions
    port.on("message", (posted: Call | Answer) => this.#take(posted))
  }

  call<N extends keyof Theirs & string>(
    name: N,
    ...args: Theirs[N] extends (...args: infer A) => unknown ? A : never
  ): Theirs[N] extends (...args: never[]) => infer R ? R : never {
    const id = ++this.#lastId
    this.#post({ id, name, args, nested: this.#serving > 0 })
    this.#waiting++
    const { result, error } = this.#answerTo(id)
    this.#waiting--
    if (error !== undefined) throw error
    return result as never
  }

  #answerTo(id: number): Answer {
    for (;;) {
      const answer = this.#answers.get(id)
      if (answer !== undefined) {
        this.#answers.delete(id)
        return answer
      }
      const rung = Atomics.load(this.#bells, this.#own)
      const received = receiveMessageOnPort(this.#port)
      if (received !== undefined) this.#take(received.message as Call | Answer)
      else if (Atomics.wait(this.#bells, this.#own, rung, PATIENCE) === "timed-out")
        throw new Error("the other thread does not answer")
    }
  }

  #take(posted: Call | Answer): void {
    if ("answer" in posted) this.#answers.set(posted.answer, posted)
    else if (this.#leads && this.#waiting > 0 && !posted.nested) setImmediate(() => this.#serve(posted))
    else this.#serve(posted)
  }

  #serve({ id, name, args }: Call): void {
    this.#serving++
    try {
      this.#post({ answer: id, result: this.#mine[name]!(...(args as never[])) })
    } catch (error) {
      this.#post({ answer: id, error })
    }
    this.#serving--
  }

  #post(posted: Call | Answer): void {
    this.#port.postMessage(posted)
    const other = 1 - this.#own
    Atomics.add(this.#bells, other, 1)
    Atomics.notify(this.#bells, other)
  }

  get #own(): number {
    return this.#leads ? 0 : 1
  }
}
