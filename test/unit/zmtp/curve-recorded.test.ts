/**
 * Connections with libzmq 4.3.5 that were recorded: our end had the keys of the manual, and instead of random bytes the numbers
 * of the calls. With the same numbers the recorded bytes must be understood again, and answered with the same bytes.
 */
import { readFileSync } from "node:fs"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { Cookies } from "../../../src/security/cookies.ts"
import { privateKeyOf } from "../../../src/security/keys/x25519.ts"
import { boxes, curveClient, curveServer, Host } from "../../support/curve.ts"
import { Recorder } from "../../support/zmtp.ts"

interface Side {
  readonly received: string
  readonly sent: string
}

const file = new URL("../../support/curve-recorded.json", import.meta.url)
const recorded = JSON.parse(readFileSync(file, "utf8")) as { server: Side; client: Side }
const MESSAGES = [[Buffer.from("hello")], [Buffer.from("a"), Buffer.alloc(300, 7)]]

beforeEach(() => {
  const crypto = process.getBuiltinModule("node:crypto")
  let calls = 0
  vi.spyOn(crypto, "randomBytes").mockImplementation((size: number) => Buffer.alloc(size, ++calls))
  vi.spyOn(crypto, "generateKeyPairSync").mockImplementation((() => ({
    privateKey: privateKeyOf(Buffer.alloc(32, ++calls)),
  })) as never)
})
afterEach(() => {
  vi.restoreAllMocks()
})

it("libzmq's client is answered as it was, and its messages are read", () => {
  const { received, sent } = recorded.server
  const jar = new Cookies(boxes, () => 0)
  const recorder = new Recorder("PULL", -1, () => curveServer(new Host(), undefined, jar))
  recorder.feed([Buffer.from(received, "hex")])
  expect(recorder.error).toBeUndefined()
  expect(recorder.takeSent().toString("hex")).toBe(sent)
  expect(recorder.messages).toEqual(MESSAGES.map(parts => parts.map(part => part.toString("latin1"))))
})

it("libzmq's server is told what it was told", () => {
  const { received, sent } = recorded.client
  const recorder = new Recorder("PUSH", -1, () => curveClient())
  recorder.feed([Buffer.from(received, "hex")])
  expect(recorder.error).toBeUndefined()
  for (const parts of MESSAGES) recorder.session.outgoing.message(parts)
  expect(recorder.takeSent().toString("hex")).toBe(sent)
})
