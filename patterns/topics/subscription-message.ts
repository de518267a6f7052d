import { ZmqError } from "../../src/base/errors.ts"
import { LONGEST_TOPIC } from "../../src/base/limits.ts"
import type { Control, Message } from "../../src/contracts/message.ts"

const CANCEL = 0
const SUBSCRIBE = 1

/** A subscription in the form of a message part: 1 or 0, and the topic (RFC 23). Undefined when it is anything else. */
export function parseSubscription(part: Uint8Array): Control | undefined {
  if (part[0] === SUBSCRIBE) return { type: "subscribe", topic: part.subarray(1) }
  if (part[0] === CANCEL) return { type: "cancel", topic: part.subarray(1) }
  return undefined
}

/** The opposite, of a topic as a Latin-1 string. */
export function subscriptionMessage(type: Control["type"], topic: string): Uint8Array {
  return Buffer.from(String.fromCharCode(type === "subscribe" ? SUBSCRIBE : CANCEL) + topic, "latin1")
}

/**
 * Hands on the subscriptions of a message and returns its other parts. A message whose first part is no subscription
 * is a user's, whatever its other parts begin with (libzmq's rule with ZMQ_ONLY_FIRST_SUBSCRIBE; without it, parts go
 * missing).
 */
export function takeSubscriptions(message: Message, take: (control: Control) => void): Message {
  const [first] = message
  if (first === undefined || parseSubscription(first) === undefined) return message
  return message.filter(part => {
    const control = parseSubscription(part)
    if (control !== undefined) take(control)
    return control === undefined
  })
}

/** Bytes of a part that begins as a subscription's does. */
const LONGEST_PART = 1 + LONGEST_TOPIC

/** True when the message has a subscription whose topic is longer than any publisher takes. */
export function hasLongTopic(message: Message): boolean {
  const [first] = message
  if (first === undefined || parseSubscription(first) === undefined) return false
  return message.some(part => part.length > LONGEST_PART && parseSubscription(part) !== undefined)
}

/** Throws EMSGSIZE for a topic that no publisher takes. */
export function checkTopic({ length }: Uint8Array): void {
  if (length <= LONGEST_TOPIC) return
  const reason = `a topic of ${length} bytes, where ${LONGEST_TOPIC} are allowed`
  throw new ZmqError("EMSGSIZE", { reason })
}

/** Bytes as a string of as many characters. Those of peers are checked for their length first. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.prototype.latin1Slice.call(bytes)
}
