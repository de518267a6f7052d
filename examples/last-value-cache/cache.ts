import { Subscriber, XPublisher } from "zeromq-ts"

const SUBSCRIBED = 1

/** Passes on what a publisher says, and gives its last message of each topic to whoever subscribes later. */
export class LastValueCache {
  readonly #publisher = new Subscriber()
  // With allSubs also those are told of who subscribe to what others have already.
  readonly #subscribers = new XPublisher({ verbosity: "allSubs" })
  readonly #last = new Map<string, Buffer[]>()

  /** Follows the publisher at `from` and serves subscribers at `to`; returns the endpoint that `to` became. */
  async open(from: string, to: string): Promise<string> {
    await this.#subscribers.bind(to)
    this.#publisher.connect(from)
    this.#publisher.subscribe()
    return this.#subscribers.lastEndpoint ?? to
  }

  /** Works until close(). */
  async run(): Promise<void> {
    await Promise.all([this.#passOn(), this.#catchUp()])
  }

  close(): void {
    this.#publisher.close()
    this.#subscribers.close()
  }

  async #passOn(): Promise<void> {
    for await (const message of this.#publisher) {
      // Kept for long, so copied: what is received shares its memory with what came beside it.
      this.#last.set(
        topicOf(message),
        message.map(part => Buffer.from(part)),
      )
      await this.#subscribers.send(message)
    }
  }

  /** The subscription is in force when it is received. Others with the same topic get the value once more. */
  async #catchUp(): Promise<void> {
    for await (const [request] of this.#subscribers) {
      if (request?.[0] !== SUBSCRIBED) continue
      const prefix = request.toString("latin1", 1)
      for (const [topic, message] of this.#last) {
        if (topic.startsWith(prefix)) await this.#subscribers.send(message)
      }
    }
  }
}

/** Topics are bytes; Latin-1 keeps each as one character. */
function topicOf([first]: Buffer[]): string {
  return first?.toString("latin1") ?? ""
}
