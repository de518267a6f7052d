import { threadId } from "node:worker_threads"
import type { Waiting } from "../inproc/names.ts"
import { type Claim, hashOf, type NameRegistry } from "./registry.ts"

/** This is the one question of a search that is under way. It can be cancelled once the code that asks is loaded. */
interface Question {
  cancel?: () => void
}

/** A search is one connect() that looks for its name in other threads. */
export class ThreadSearch {
  readonly hash: number
  readonly #protocol: string
  readonly #name: string
  readonly #waiting: Waiting
  readonly #registry: () => NameRegistry
  /** Holds the claims that were found to be of another name with the same hash. */
  #passed: Claim[] = []
  #question: Question | undefined

  constructor(protocol: string, name: string, waiting: Waiting, registry: () => NameRegistry) {
    this.hash = hashOf(name)
    this.#protocol = protocol
    this.#name = name
    this.#waiting = waiting
    this.#registry = registry
  }

  /** Asks the thread that may hold the name now, if there is one. */
  look(): void {
    if (this.#question !== undefined) return
    const registry = this.#registry()
    const holder = registry.holders(this.hash).find(claim => this.#mayHold(claim))
    if (holder !== undefined) this.#ask(holder, registry).catch(this.#waiting.reject)
  }

  /** Starts from the beginning, because the registry has changed. */
  lookAgain(): void {
    this.#passed = []
    this.look()
  }

  stop(): void {
    this.#question?.cancel?.()
    this.#question = undefined
  }

  async #ask(holder: Claim, registry: NameRegistry): Promise<void> {
    const question: Question = {}
    this.#question = question
    const { requestLink } = await import("./questions.ts")
    if (this.#question !== question) return
    question.cancel = requestLink(this.#protocol, holder.thread, this.#name, this.#waiting, end => {
      this.#question = undefined
      if (end === "settled") return
      if (end === "not held") this.#passed.push(holder)
      else registry.evict(holder.thread)
      this.look()
    })
  }

  /** This thread itself is left out, because a name that it holds is found before any search. */
  #mayHold({ slot, word, thread }: Claim): boolean {
    return thread !== threadId && !this.#passed.some(passed => passed.slot === slot && passed.word === word)
  }
}
