/** Most bytes on their way that the peer hasn't taken; one message is let through whatever its size. */
const BYTES = 16 * 1024 * 1024

/**
 * How much one end of a link may send before the other has taken it, and what that other is owed in turn. The peer tells
 * how many messages it took; how many bytes those were the sender knows.
 */
export class Credit {
  /** Messages that may still be sent. */
  #room: number
  /** Bytes on their way. */
  #weight = 0
  /** Of these, not yet posted. */
  #spentMessages = 0
  #spentBytes = 0
  /** What was posted and not yet taken, oldest first, from #oldest on. */
  readonly #posts: { messages: number; readonly bytes: number }[] = []
  #oldest = 0
  /** Taken from the peer, and not yet told. */
  #messages = 0
  #bytes = 0
  readonly #tellAt: number

  /** Windows in messages; 0 for no limit. */
  constructor(sendWindow: number, receiveWindow: number) {
    this.#room = sendWindow || Number.POSITIVE_INFINITY
    // At half the window, so that the sender goes on before it runs dry.
    this.#tellAt = Math.ceil((receiveWindow || Number.POSITIVE_INFINITY) / 2)
  }

  get available(): boolean {
    return this.#room > 0 && this.#weight < BYTES
  }

  spend(bytes: number): void {
    this.#room--
    this.#weight += bytes
    this.#spentMessages++
    this.#spentBytes += bytes
  }

  /** What was spent since the last time goes out as one. */
  posted(): void {
    if (this.#spentMessages === 0) return
    this.#posts.push({ messages: this.#spentMessages, bytes: this.#spentBytes })
    this.#spentMessages = 0
    this.#spentBytes = 0
  }

  /** The peer has taken so many. */
  regain(messages: number): void {
    this.#room += messages
    for (let left = messages; left > 0; ) {
      const post = this.#posts[this.#oldest]
      if (post === undefined) break
      const taken = Math.min(left, post.messages)
      post.messages -= taken
      left -= taken
      if (post.messages > 0) break
      this.#weight -= post.bytes
      this.#oldest++
    }
    if (this.#oldest * 2 > this.#posts.length) this.#oldest -= this.#posts.splice(0, this.#oldest).length
  }

  /** A message of the peer was taken. Returns how many it is to be told of now; mostly none. */
  took(bytes: number): number {
    this.#messages++
    this.#bytes += bytes
    if (this.#messages < this.#tellAt && this.#bytes < BYTES / 4) return 0
    const told = this.#messages
    this.#messages = 0
    this.#bytes = 0
    return told
  }
}
