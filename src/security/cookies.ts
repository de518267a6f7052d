import { type Boxes, openBox, sealBox } from "./box/boxes.ts"
import { nodeCrypto } from "./keys/x25519.ts"

/** A cookie has 16 random bytes, and a box of 16 bytes and its content. */
const RANDOM = 16
const NONCE_TEXT = "COOKIE--"
const NONCE_PREFIX = Buffer.from(NONCE_TEXT)
const KEY = 32

/**
 * A key makes cookies for this many milliseconds, and takes them for as long again. A client answers with its cookie at once,
 * so that no honest one is ever too late.
 */
export const COOKIE_KEY_LIFE = 60_000

interface CookieKey {
  readonly bytes: Uint8Array
  readonly since: number
}

/**
 * Cookies hold for a server what it has to know of a client that has proven nothing yet (RFC 26, "WELCOME"). So the server
 * itself remembers nothing about it. Only this object can read them. Each belongs to one connection, so that a recorded
 * handshake is worth nothing on another one.
 */
export class Cookies {
  readonly #boxes: Boxes
  readonly #now: () => number
  #current: CookieKey
  #previous: CookieKey | undefined
  #connections = 0

  /** @param now returns the milliseconds of a clock that is never set back */
  constructor(boxes: Boxes, now: () => number) {
    this.#boxes = boxes
    this.#now = now
    this.#current = this.#newKey()
  }

  /** Returns the number of a new connection. */
  connection(): number {
    return ++this.#connections
  }

  /** Returns a new cookie with this content, for this connection. */
  seal(connection: number, content: Uint8Array): Buffer {
    this.#rotate()
    const random = nodeCrypto().randomBytes(RANDOM)
    const key = this.#keyFor(this.#current, connection)
    const box = sealBox(this.#boxes, key, Buffer.concat([NONCE_PREFIX, random]), content)
    key.fill(0)
    return Buffer.concat([random, box])
  }

  /** Returns the content of a cookie. It is undefined for a cookie that is too old, of another connection, or none of ours. */
  open(connection: number, cookie: Uint8Array): Buffer | undefined {
    this.#rotate()
    const nonce = Buffer.concat([NONCE_PREFIX, cookie.subarray(0, RANDOM)])
    for (const each of [this.#current, this.#previous]) {
      if (each === undefined) continue
      const key = this.#keyFor(each, connection)
      const content = openBox(this.#boxes, key, nonce, cookie.subarray(RANDOM))
      key.fill(0)
      if (content !== undefined) return content
    }
    return undefined
  }

  /** Derives the key of one connection, so that the number of the connection is in no cookie. */
  #keyFor({ bytes }: CookieKey, connection: number): Uint8Array {
    const input = Buffer.alloc(16)
    input.writeDoubleBE(connection)
    return this.#boxes.deriveKey(bytes, input)
  }

  /** Drops keys that are too old. Nothing is done by a timer, so that an idle server has none. */
  #rotate(): void {
    const now = this.#now()
    if (now - this.#current.since >= COOKIE_KEY_LIFE) {
      this.#previous?.bytes.fill(0)
      this.#previous = this.#current
      this.#current = this.#newKey()
    }
    if (this.#previous === undefined || now - this.#previous.since < 2 * COOKIE_KEY_LIFE) return
    this.#previous.bytes.fill(0)
    this.#previous = undefined
  }

  #newKey(): CookieKey {
    return { bytes: nodeCrypto().randomBytes(KEY), since: this.#now() }
  }
}
