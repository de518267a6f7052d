import type { PeerCommands } from "./peer-process.ts"

export interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly error?: string
  readonly code?: string
}

interface Pending {
  resolve(value: unknown): void
  reject(error: Error): void
}

/** A peer elsewhere that does what it is told; how commands and answers get there and back is up to its kind. */
export abstract class RemotePeer implements AsyncDisposable {
  readonly #pending = new Map<number, Pending>()
  #lastId = 0

  call<C extends keyof PeerCommands>(
    command: C,
    ...args: Parameters<PeerCommands[C]>
  ): Promise<Awaited<ReturnType<PeerCommands[C]>>> {
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as (value: unknown) => void, reject })
      this.post({ id, command, args })
    })
  }

  /** At once, whatever it does, without a farewell to anybody. */
  abstract kill(): Promise<void>

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }

  protected abstract post(call: object): void

  protected settle({ id, result, error, code }: Answer): void {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    if (error === undefined) pending?.resolve(result)
    else pending?.reject(Object.assign(new Error(error), { code }))
  }

  /** There will be no more answers. */
  protected abandon(reason: string): void {
    for (const { reject } of this.#pending.values()) reject(new Error(reason))
    this.#pending.clear()
  }
}
