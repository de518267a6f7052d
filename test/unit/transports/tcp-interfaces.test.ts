/** The interfaces are asked for where a name needs them, and nowhere else: Deno wants a permission for that. */
import { networkInterfaces } from "node:os"
import { beforeEach, describe, expect, it, vi } from "vitest"
import { tcp } from "../../../transports/tcp.ts"
import { byteHost, streamOf } from "../../suites/byte-end.ts"

vi.mock("node:os", async importActual => {
  const actual = await importActual<typeof import("node:os")>()
  return { ...actual, networkInterfaces: vi.fn(actual.networkInterfaces) }
})

const asked = vi.mocked(networkInterfaces)
beforeEach(() => void asked.mockClear())

const host = (ipv6: boolean) => byteHost({ options: { ipv6 } })

describe.each([false, true])("with ipv6 %s", ipv6 => {
  it.each(["127.0.0.1:*", "0.0.0.0:0", "*:*", "[::ffff:127.0.0.1]:*"])(
    "binding %s asks for none",
    async address => {
      const listener = await tcp().listen(address, host(ipv6), () => {})
      await listener.close()
      const now = tcp().listenSync?.(address, host(ipv6), () => {})
      await now?.close()
      expect(asked).not.toHaveBeenCalled()
    },
  )

  it("connecting to a literal, and from one, asks for none", async () => {
    const listener = await tcp().listen("127.0.0.1:*", host(false), () => {})
    const port = listener.endpoint.split(":").at(-1)
    for (const address of [`127.0.0.1:${port}`, `127.0.0.1:0;127.0.0.1:${port}`]) {
      const connection = await tcp().dial(address, host(ipv6))
      streamOf(connection).destroy()
    }
    await listener.close()
    expect(asked).not.toHaveBeenCalled()
  })
})

it("the name of an interface asks", async () => {
  const listener = await tcp()
    .listen("lo:*", host(false), () => {})
    .catch(() => undefined)
  await listener?.close()
  expect(asked).toHaveBeenCalled()
})
