/**
 * Bytes that two systems may hold between them, at most: the sender's kernel and the receiver's. Linux gives a socket
 * some ten mebibytes, and several times that where it is tuned for fast networks.
 */
const IN_KERNELS = 64 * 1024 * 1024

/**
 * Counts the messages that were written to a connection and may be lost with it. Nothing acknowledges a message, so those
 * count behind which little enough was written for the kernels to hold it all; and the count may be too high, but not too low.
 */
export class Unconfirmed {
  /** Messages behind which as many bytes were written as the kernels hold, or fewer. */
  #earlier = 0
  #recent = 0
  #recentBytes = 0

  get messages(): number {
    return this.#earlier + this.#recent
  }

  /** Was written; all that was written before is with the kernel. */
  add(messages: number, bytes: number): void {
    if (this.#recentBytes >= IN_KERNELS) {
      this.#earlier = this.#recent
      this.#recent = 0
      this.#recentBytes = 0
    }
    this.#recent += messages
    this.#recentBytes += bytes
  }

  /** The peer has all of it. */
  confirm(): void {
    this.#earlier = 0
    this.#recent = 0
    this.#recentBytes = 0
  }
}
