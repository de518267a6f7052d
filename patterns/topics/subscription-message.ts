import { ZmqError } from "../../src/base/errors.ts"
import { LONGEST_TOPIC } from "../../src/base/limits.ts"
import type { Control, Message } from "../../src/contracts/message.ts"

const CANCEL = 0
const SUBSCRIBE = 1

/** Parses a message part as a subscription, which is the byte 1 or 0 and a topic (RFC 23). Other parts give undefined. */
export function parseSubscription(part: Uint8Array): Control | undefined {
  if (part[0] === SUBSCRIBE) return { type: "subscribe", topic: part.subarray(1) }
  if (part[0] === CANCEL) return { type: "cancel", topic: part.subarray(1) }
  return undefined
}

/** Makes the message part of a subscription to a topic, which is a Latin-1 string. */
export function subscriptionMessage(type: Control["type"], topic: string): Uint8Array {
  return Buffer.from(String.fromCharCode(type === "subscribe" ? SUBSCRIBE : CANCEL) + topic, "latin1")
}

/** The parts of a message that are no subscriptions, from an index on. */
export function otherParts(message: Message, from = 0): Message {
  const others: Uint8Array[] = []
  for (let i = from; i < message.length; i++) {
    const part = message[i]!
    if (part[0] !== SUBSCRIBE && part[0] !== CANCEL) others.push(part)
  }
  return others
}

/**
 * Returns true when the whole message is data, because its first part is no subscription. Other parts may begin like
 * subscriptions all the same. libzmq has this rule with ZMQ_ONLY_FIRST_SUBSCRIBE; without the rule, parts of data would
 * get lost.
 */
export function isData([first]: Message): boolean {
  return first === undefined || parseSubscription(first) === undefined
}

/** Hands on the subscriptions of a message and returns its other parts. */
export function takeSubscriptions(message: Message, take: (control: Control) => void): Message {
  if (isData(message)) return message
  for (const part of message) {
    const control = parseSubscription(part)
    if (control !== undefined) take(control)
  }
  return otherParts(message)
}

/** A message of a peer that is gone: its subscriptions are void. */
export function withoutSubscriptions(message: Message): Message {
  return isData(message) ? message : otherParts(message)
}

/** The part of a subscription has at most this many bytes. */
const LONGEST_PART = 1 + LONGEST_TOPIC

/** True when the message has a subscription whose topic is too long for publishers. */
export function hasLongTopic(message: Message): boolean {
  return (
    !isData(message) &&
    message.some(part => part.length > LONGEST_PART && parseSubscription(part) !== undefined)
  )
}

/** Throws EMSGSIZE for a topic that is too long for publishers. */
export function checkTopic({ length }: Uint8Array): void {
  if (length <= LONGEST_TOPIC) return
  const reason = `a topic of ${length} bytes, where ${LONGEST_TOPIC} are allowed`
  throw new ZmqError("EMSGSIZE", { reason })
}

/** Returns a string with one character per byte. Topics of peers must be checked for their length before. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.prototype.latin1Slice.call(bytes)
}
