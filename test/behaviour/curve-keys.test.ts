/** A CURVE server changes its keys while it is bound, and a client outlasts damage that anybody on the way can do. */
import { once } from "node:events"
import { expect, it } from "vitest"
import { forbidsDialling } from "../../src/base/errors.ts"
import { curveKeyPair, Pull, Push } from "../../src/index.ts"
import { errorCommand } from "../../src/zmtp/command.ts"
import { connected, curveClient, ends, flipped, initiated, take, welcomed } from "../support/curve.ts"
import { open } from "../support/open.ts"

it("a bound server takes the keys that it has when a client connects", async () => {
  const [first, second, own] = [curveKeyPair(), curveKeyPair(), curveKeyPair()]
  const pull = open(new Pull({ curveServer: true, curveSecretKey: first.secretKey }))
  await pull.bind("tcp://127.0.0.1:*")
  const dial = (curveServerKey: string) => {
    const push = open(new Push({ curveServerKey, curveSecretKey: own.secretKey }))
    push.connect(pull.lastEndpoint!)
    return push
  }
  const passes = async (push: Push, text: string) => {
    await push.send(text)
    expect(String((await pull.receive())[0])).toBe(text)
  }
  const early = dial(first.publicKey)
  await passes(early, "before")
  pull.curveSecretKey = second.secretKey
  pull.curvePreviousSecretKey = first.secretKey
  await passes(dial(first.publicKey), "the old key")
  await passes(dial(second.publicKey), "the new key")
  pull.curvePreviousSecretKey = null
  const refused = once(
    pull.events.on("handshake:error:protocol", () => {}),
    "handshake:error:protocol",
  )
  dial(first.publicKey)
  expect((await refused)[0].error).toMatchObject({ code: "ERR_ZMTP_CRYPTOGRAPHIC" })
  await passes(early, "connections that are there stay")
})

/** The error of the call. */
function errorOf(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    return error
  }
}

it("damage and forged refusals don't end a client's dialling, but a proven server's refusal does", () => {
  const forged = () => Buffer.from(errorCommand("400"))
  const waiting = curveClient()
  take(waiting)
  expect(forbidsDialling(errorOf(() => waiting.receive(forged())))).toBe(false)
  const damaged = ends()
  const welcome = flipped(welcomed(damaged), 500)
  expect(forbidsDialling(errorOf(() => damaged.client.receive(welcome)))).toBe(false)
  const { client, server } = connected()
  const body = Buffer.alloc(40)
  server.protection!.seal(0, Buffer.from("payload"), body, 0)
  for (const bit of [3, 70, 130, 300])
    expect(forbidsDialling(errorOf(() => client.protection!.open(flipped(body, bit)))), `${bit}`).toBe(false)
  const proven = ends()
  initiated(proven)
  expect(forbidsDialling(errorOf(() => proven.client.receive(forged())))).toBe(true)
})
