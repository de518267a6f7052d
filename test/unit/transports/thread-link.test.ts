/** inproc between threads, its ends in two: a transport like any other. */
import assert from "node:assert/strict"
import { afterAll, beforeAll, describe, it } from "vitest"
import type { Transport } from "../../../src/contracts/transport.ts"
import { inproc } from "../../../transports/inproc.ts"
import { linkMessages } from "../../suites/message-end.ts"
import { messageTransportSuite } from "../../suites/message-transport.ts"
import type { TransportSetup } from "../../suites/transport-bench.ts"
import { FarTransport } from "../../support/far-transport.ts"
import { THREADS_COUPLE } from "../../support/runtime.ts"

const runner = { describe: describe.skipIf(THREADS_COUPLE.missing), it }
if (THREADS_COUPLE.missing) console.log(`left out: ${THREADS_COUPLE.reason}`)

let far: FarTransport
beforeAll(() => {
  far = new FarTransport()
})
afterAll(() => far.close())

let names = 0

function setup(elsewhere: () => Partial<Transport>): TransportSetup {
  const name = ++names
  return {
    transport: { ...inproc({ shared: "" }), ...elsewhere() },
    address: `somewhere-${name}`,
    nobody: `nowhere-${name}`,
    malformed: [""],
  }
}

const WAYS = {
  "bound in a worker": () => setup(() => ({ listen: far.listen })),
  "connected from a worker": () => setup(() => ({ dial: far.dial })),
}

for (const [way, make] of Object.entries(WAYS)) {
  messageTransportSuite(`between threads, ${way}`, runner, make)

  runner.describe(`between threads, ${way}`, () => {
    it("tells the far end of a failure, that it may not dial again at once", () =>
      linkMessages(make(), async (near, other) => {
        near.open()
        other.open()
        near.connection.destroy(new Error("refused"))
        await Promise.all([near.closed, other.closed])
        assert.equal(near.reason?.message, "refused")
        assert.equal((other.reason as { code?: string } | undefined)?.code, "ECONNRESET")
      }))
  })
}
