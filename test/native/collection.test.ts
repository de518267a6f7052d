/** What the garbage collector may take, and what not: zeromqjs.md 2.8. Each case is a program, see support/collect.ts. */
import { describe, expect, it } from "vitest"
import { compiled } from "../support/compiled.ts"
import { freeEndpoint } from "../support/endpoints.ts"
import { Program } from "../support/program.ts"

const script = compiled(new URL("../support/collect.ts", import.meta.url))

async function outputOf(name: string, endpoint: string): Promise<string[]> {
  const program = new Program(["--expose-gc", script, name, endpoint])
  const code = await program.ended
  expect(program.errors).toBe("")
  expect(code).toBe(0)
  return program.output
}

describe.each(["tcp", "ipc", "inproc"] as const)("a lost socket that is bound to %s", scheme => {
  it("is closed, and its address free, when nothing is pending", async () => {
    expect(await outputOf("idle", await freeEndpoint(scheme))).toEqual(["free"])
  })

  it("is kept by a pending receive() until that is settled", async () => {
    expect(await outputOf("receiving", await freeEndpoint(scheme))).toEqual(["kept", "received", "free"])
  })

  it("is closed after its receive() timed out", async () => {
    expect(await outputOf("receivingUntilTimeout", await freeEndpoint(scheme))).toEqual(["EAGAIN", "free"])
  })

  it("is closed after it received what it waited for", async () => {
    expect(await outputOf("idleOnceReceived", await freeEndpoint(scheme))).toEqual(["only one", "free"])
  })
})

describe("a lost socket", () => {
  it("is kept by an iteration, also while the loop's body waits for something else", async () => {
    expect(await outputOf("iterating", await freeEndpoint("tcp"))).toEqual(["1", "2", "3", "free"])
  })

  it("is kept by listeners to its events", async () => {
    const program = new Program(["--expose-gc", script, "listening", await freeEndpoint("tcp")])
    await program.says("accept")
    expect(program.output).toEqual(["kept", "accept"])
  })

  it("is not kept by an observer that nobody reads; who has it reads on to the end", async () => {
    expect(await outputOf("observerOutlivesSocket", await freeEndpoint("tcp"))).toEqual([
      "bind",
      "close",
      "end",
    ])
  })
})

describe("a context", () => {
  it.each(["contextAfterClose", "contextNeverUsed"])("can be collected: %s", async name => {
    expect((await outputOf(name, "")).at(0)).toMatch(/^collected/)
  })
})

describe("buffers", () => {
  it("of 16 bytes can be collected while the message is still queued", async () => {
    expect(await outputOf("smallBuffer", await freeEndpoint("tcp"))).toEqual(["collected"])
  })

  it("of 1025 bytes stay until the message was sent", async () => {
    expect(await outputOf("largeBuffer", await freeEndpoint("tcp"))).toEqual(["kept", "true", "collected"])
  })

  it.each(["tcp", "ipc", "inproc"] as const)("sent and echoed can all be collected: %s", async scheme => {
    expect(await outputOf("echoedBuffers", await freeEndpoint(scheme))).toEqual(["true", "collected"])
  })
})
