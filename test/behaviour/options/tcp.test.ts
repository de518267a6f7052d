/** What concerns tcp alone, through the public face and over each transport that knows it (zmq_setsockopt(3)). */
import { Socket as NetSocket } from "node:net"
import { describe, expect, it } from "vitest"
import { Pull, Push } from "../../../src/index.ts"
import { open } from "../../support/open.ts"

describe("over tcp", () => {
  it("tcpKeepalive, tcpKeepaliveIdle and backlog are taken", async () => {
    const options = { tcpKeepalive: 1, tcpKeepaliveIdle: 30, backlog: 5 }
    const pull = open(new Pull(options))
    await pull.bind("tcp://127.0.0.1:*")
    const push = open(new Push({ tcpKeepalive: 1, tcpKeepaliveIdle: 30 }))
    push.connect(pull.lastEndpoint as string)
    await push.send("x")
    expect(String(await pull.receive())).toBe("x")
    expect({ ...options }).toEqual({
      tcpKeepalive: pull.tcpKeepalive,
      tcpKeepaliveIdle: pull.tcpKeepaliveIdle,
      backlog: pull.backlog,
    })
  })

  it("the other settings of tcp are taken, and don't keep it from working", async () => {
    const options = {
      tcpKeepalive: 1,
      tcpKeepaliveIdle: 60,
      tcpKeepaliveInterval: 30,
      tcpKeepaliveCount: 5,
      tcpMaxRetransmitTimeout: 1000,
      typeOfService: 0,
      interface: null,
    }
    const pull = open(new Pull({ ...options, receiveBufferSize: 65_536 }))
    await pull.bind("tcp://127.0.0.1:*")
    const push = open(new Push({ ...options, sendBufferSize: 65_536 }))
    push.connect(pull.lastEndpoint as string)
    await push.send("x")
    expect(String(await pull.receive())).toBe("x")
    expect(pull).toMatchObject({ ...options, receiveBufferSize: 65_536 })
    expect(push).toMatchObject({ ...options, sendBufferSize: 65_536 })
  })

  it("interface is refused, since Node can't do it, rather than taken for done", () => {
    const pull = open(new Pull())
    expect(() => Object.assign(pull, { interface: "lo" })).toThrow(
      expect.objectContaining({ code: "ENOTSUP", reason: expect.stringContaining("Node") }),
    )
    expect(pull.interface).toBe(null)
  })

  it("typeOfService is set where Node can, and else refused", async () => {
    for (const value of [256, -1])
      expect(() => open(new Pull({ typeOfService: value }))).toThrow("Invalid argument")
    if (!("setTypeOfService" in NetSocket.prototype)) {
      expect(() => open(new Pull({ typeOfService: 16 }))).toThrow(
        expect.objectContaining({ code: "ENOTSUP", reason: expect.stringContaining("Node") }),
      )
      return
    }
    const pull = open(new Pull({ typeOfService: 16 }))
    await pull.bind("tcp://127.0.0.1:*")
    const push = open(new Push({ typeOfService: 16 }))
    push.connect(pull.lastEndpoint as string)
    await push.send("x")
    expect(String(await pull.receive())).toBe("x")
  })

  it("ipv6: addresses in brackets, and names of both families", async () => {
    const pull = open(new Pull({ ipv6: true }))
    await pull.bind("tcp://[::1]:*")
    expect(pull.lastEndpoint).toMatch(/^tcp:\/\/\[::1\]:\d+$/)
    const push = open(new Push({ ipv6: true }))
    push.connect(pull.lastEndpoint as string)
    await push.send("six")
    expect(String(await pull.receive())).toBe("six")
    await expect(open(new Pull()).bind("tcp://[::1]:*")).rejects.toMatchObject({ code: "ENODEV" })
  })
})
