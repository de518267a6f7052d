import { ZmqError } from "../base/errors.ts"
import { toOwnBytes } from "../base/parts.ts"
import type { Pattern } from "../contracts/pattern.ts"
import type { NumberedOption } from "./by-number.ts"
import type { OptionSet } from "./option-set.ts"

/** These options read and set this part of a socket. */
interface Subject {
  readonly pattern: Pattern
  readonly options: Pick<OptionSet, "has" | "get" | "set">
}

/** Such patterns can subscribe. They throw when they can't at the moment. */
interface Subscribing {
  subscribe(topic: Buffer): void
  unsubscribe(topic: Buffer): void
}

const POLLIN = 1
const POLLOUT = 2

/** These options have a number but no property (zmq_setsockopt(3), zmq_getsockopt(3)). */
const SPECIAL: Readonly<Record<number, (subject: Subject) => NumberedOption>> = {
  // ZMQ_SUBSCRIBE, ZMQ_UNSUBSCRIBE
  6: subject => ({ type: "bytes", set: topic => subscribing(subject).subscribe(toOwnBytes(topic)) }),
  7: subject => ({ type: "bytes", set: topic => subscribing(subject).unsubscribe(toOwnBytes(topic)) }),
  // ZMQ_RCVMORE: messages come whole.
  13: () => ({ type: "int32", get: () => 0 }),
  // ZMQ_EVENTS
  15: ({ pattern }) => ({
    type: "int32",
    get: () => (pattern.canReceive() ? POLLIN : 0) | (pattern.canSend() ? POLLOUT : 0),
  }),
  // ZMQ_IPV4ONLY
  31: subject => ({
    type: "bool",
    get: () => !subject.options.get("ipv6"),
    set: value => subject.options.set("ipv6", !value),
  }),
  // ZMQ_XPUB_VERBOSER; ZMQ_XPUB_VERBOSE is the option `verbosity` itself.
  78: subject => ({
    type: "bool",
    set: value => {
      if (!subject.options.has("verbosity")) throw new ZmqError("EINVAL")
      subject.options.set("verbosity", value ? "allSubsUnsubs" : null)
    },
  }),
}

export function specialOption(subject: Subject, number: number): NumberedOption | undefined {
  return Object.hasOwn(SPECIAL, number) ? SPECIAL[number]?.(subject) : undefined
}

function subscribing({ pattern }: Subject): Subscribing {
  if ("subscribe" in pattern && "unsubscribe" in pattern) return pattern as Pattern & Subscribing
  throw new ZmqError("EINVAL")
}
