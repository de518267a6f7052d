/** zeromqjs.md 2.9: a name is free as soon as unbind() is settled or close() has returned. */
import { describe, expect, it } from "vitest"
import { Pull } from "../../src/index.ts"
import { freeEndpoint } from "../support/endpoints.ts"

describe.each(["tcp", "ipc", "inproc"] as const)("an address of %s can be bound again at once", scheme => {
  it("after unbind()", async () => {
    const pull = new Pull()
    const endpoint = await freeEndpoint(scheme)
    for (let n = 0; n < 3; n++) {
      await pull.bind(endpoint)
      expect(pull.lastEndpoint).toBe(endpoint)
      await pull.unbind(endpoint)
    }
    pull.close()
  })

  it("after close()", async () => {
    const endpoint = await freeEndpoint(scheme)
    for (let n = 0; n < 3; n++) {
      const pull = new Pull()
      await pull.bind(endpoint)
      pull.close()
    }
  })
})
