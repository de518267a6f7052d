import { expect } from "vitest"
import { type XPublisherOptions, XPubPattern } from "../../patterns/xpub.ts"
import { turnWork, WORK_PER_TURN } from "../../src/base/turn-work.ts"
import { type FakePipe, message, text } from "./fake-pipe.ts"

/** A new turn has come, with all its budget of work. */
export const newTurn = () => {
  turnWork.left = WORK_PER_TURN
}

export const bytes = (topic: string) => Buffer.from(topic, "latin1")

/** Makes the pattern of an XPUB. */
export function makeXPub(options: Partial<XPublisherOptions> = {}, budget?: number): XPubPattern {
  const defaults = {
    noDrop: false,
    invertMatching: false,
    verbosity: null,
    manual: false,
    welcomeMessage: bytes(""),
    receiveHighWaterMark: 1000,
  }
  return new XPubPattern({ ...defaults, ...options }, budget)
}

export function subscribe(xpub: XPubPattern, pipe: FakePipe, ...topics: string[]): FakePipe {
  for (const topic of topics) xpub.control(pipe, { type: "subscribe", topic: bytes(topic) })
  return pipe
}

export function cancel(xpub: XPubPattern, pipe: FakePipe, ...topics: string[]): void {
  for (const topic of topics) xpub.control(pipe, { type: "cancel", topic: bytes(topic) })
}

/** All that is to be received, notices as "+topic" and "-topic", the parts of a message joined. */
export function receiveAll(xpub: XPubPattern): string[] {
  const all: string[] = []
  for (let next = xpub.tryReceive(); next !== undefined; next = xpub.tryReceive())
    all.push(text(next).join("|").replace("\x01", "+").replace("\x00", "-"))
  expect(xpub.canReceive()).toBe(false)
  return all
}

export function publish(xpub: XPubPattern, ...topics: string[]): void {
  for (const topic of topics) expect(xpub.trySend(message(topic, "body"))).toBe(true)
}

/** First parts of what the pipe was sent. */
export const got = (pipe: FakePipe) => pipe.written.map(wire => text(wire)[0])
