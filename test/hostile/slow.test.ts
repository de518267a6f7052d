/** Peers that are slow, silent or gone: nothing is wrong with what they say, so they are dialled again. */
import { describe, expect, it } from "vitest"
import { Pair } from "../../src/index.ts"
import { freeEndpoint, type Scheme } from "../support/endpoints.ts"
import { nextEvent, turn, until } from "../support/events.ts"
import { bytes, frame, GREETING, handshake, RawPeer, ready } from "../support/raw-peer.ts"
import { type Library, OTHER_ERROR, publishing, pulling, Stage, watchProcess } from "./stage.ts"

watchProcess()

const SHORT = 80
const SLOW = {
  type: OTHER_ERROR,
  code: "EAGAIN",
  reason: `the handshake took longer than ${SHORT} ms`,
} as const

/** One byte at a time, for as long as somebody listens. */
async function trickle(peer: RawPeer, input: Buffer): Promise<void> {
  for (let at = 0; at < input.length && !peer.over; at++) {
    peer.write(input.subarray(at, at + 1))
    // The slowness is what is tested: nothing tells a peer when the next byte is due.
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

const SILENCES: readonly [name: string, say: (peer: RawPeer) => unknown][] = [
  ["says nothing", () => {}],
  ["says ten bytes", peer => peer.write(GREETING.subarray(0, 10))],
  ["greets, and nothing more", peer => peer.write(GREETING)],
  ["stops in the middle of READY", peer => peer.write(handshake("PUSH").subarray(0, -1))],
  ["says one byte now and then", peer => trickle(peer, handshake("PUSH"))],
  [
    "declares a command of 60 kB and sends a byte of it now and then",
    peer => trickle(peer, Buffer.concat([GREETING, bytes("06 000000000000EA60"), Buffer.alloc(1000)])),
  ],
]

describe.each<[Scheme, Library]>([
  ["tcp", "native"],
  ["ipc", "ours"],
])("over %s with %s neighbour", (scheme, library) => {
  it("peers that come and are not done with their handshake in time are closed", async () => {
    await using stage = await Stage.bound(scheme, pulling({ handshakeInterval: SHORT }), library)
    for (const [name, say] of SILENCES) {
      const peer = await stage.attacker()
      void say(peer)
      await stage.goesOn()
      await peer.closed
      expect(await stage.told(3), name).toEqual([{ type: "accept" }, SLOW, { type: "disconnect" }])
    }
    await stage.goesOn()
    expect(await stage.told(0)).toEqual([])
  })

  it("peers that we connect to and that don't shake hands in time are dialled again", async () => {
    await using stage = await Stage.connecting(scheme, pulling({ handshakeInterval: SHORT }), library)
    for (const [name, say] of SILENCES) {
      const server = await stage.ambush(say)
      await (await server.peer(1)).closed
      await server.peer(2)
      stage.socket.disconnect(stage.endpoint)
      await server.close()
      const told = await stage.told(4)
      expect(told.slice(0, 4), name).toEqual([
        { type: "connect" },
        SLOW,
        { type: "disconnect" },
        { type: "connect:retry" },
      ])
      await stage.goesOn()
    }
  })

  it("one byte a turn is fast enough for greeting, handshake and messages", async () => {
    await using stage = await Stage.bound(scheme, publishing(), library)
    const peer = await stage.attacker()
    for (const byte of Buffer.concat([handshake("SUB"), frame(0, bytes('01 "never sent"'))])) {
      peer.write(Buffer.of(byte))
      await turn()
    }
    expect(await stage.told(2)).toEqual([{ type: "accept" }, { type: "handshake" }])
    await stage.goesOn()
    peer.end()
    expect(await stage.told(1)).toEqual([{ type: "disconnect" }])
    await peer.closed
  })

  it("a thousand silent peers at once are all closed, and the neighbour works on", async () => {
    const interval = 500
    const stageOptions = { handshakeInterval: interval, backlog: 2000 }
    await using stage = await Stage.bound(scheme, pulling(stageOptions), library)
    const peers = await Promise.all(Array.from({ length: 1000 }, () => stage.attacker()))
    await stage.goesOn()
    await Promise.all(peers.map(({ closed }) => closed))
    const told = await stage.told(3000)
    expect(told.filter(({ type }) => type === "accept").length).toBe(1000)
    expect(told.filter(({ type }) => type === "disconnect").length).toBe(1000)
    const errors = told.filter(({ type }) => type === OTHER_ERROR)
    expect(errors.length).toBe(1000)
    for (const error of errors)
      expect(error).toMatchObject({ code: "EAGAIN", reason: expect.stringMatching(/longer than 500 ms/) })
    await stage.goesOn()
    expect(await stage.told(0)).toEqual([])
  })

  it("closing our socket ends those that are not done yet", async () => {
    await using stage = await Stage.bound(scheme, pulling(), library)
    const silent = await Promise.all(Array.from({ length: 20 }, () => stage.attacker()))
    const valid = handshake("PUSH")
    for (const [n, peer] of silent.entries()) peer.write(valid.subarray(0, n * 4))
    await stage.told(20)
    await stage.goesOn()
    await stage.close()
    await Promise.all(silent.map(({ closed }) => closed))
    expect((await stage.told(0)).filter(({ type }) => type !== "close")).toEqual([])
  })

  it("a silent peer doesn't take the one place of a PAIR socket", async () => {
    const endpoint = await freeEndpoint(scheme)
    const bound = new Pair({ linger: 0 })
    const connecting = new Pair({ linger: 0 })
    await bound.bind(endpoint)
    const accepted = nextEvent(bound, "accept")
    const silent = await RawPeer.connect(endpoint)
    await accepted
    connecting.connect(endpoint)
    await connecting.send("hello")
    expect(String(await bound.receive())).toBe("hello")
    // It shakes hands after all, and finds the place taken.
    const refused = nextEvent(bound, "accept:error")
    silent.write(handshake("PAIR"))
    await silent.closed
    expect((await refused).error).toMatchObject({ code: "EISCONN" })
    await bound.send("still yours")
    expect(String(await connecting.receive())).toBe("still yours")
    connecting.close()
    bound.close()
  })

  it("five hundred peers come and go, each at another point", async () => {
    await using stage = await Stage.bound(scheme, pulling(), library)
    const whole = Buffer.concat([handshake("PUSH"), bytes('01 03 "abc" 00 05 "de"')])
    for (let n = 0; n < 500; n++) {
      const peer = await stage.attacker()
      peer.write(whole.subarray(0, (n * 7) % (whole.length + 1)))
      if (n % 2 === 0) peer.end()
      else peer.destroy()
      await peer.closed
    }
    await stage.goesOn()
    const told = await stage.told(1500)
    const count = (type: string) => told.filter(event => event.type === type).length
    expect(count("accept")).toBe(500)
    expect(count("disconnect")).toBe(500)
    expect(count("handshake") + count(OTHER_ERROR)).toBe(500)
    for (const { code } of told.filter(({ type }) => type === OTHER_ERROR))
      expect(["EPIPE", "ECONNRESET"]).toContain(code)
    expect(stage.socket.closed).toBe(false)
  })

  it("a peer that is done, but listens on, is closed: at once in the handshake, after what it said in traffic", async () => {
    await using stage = await Stage.bound(scheme, publishing(), library)
    const early = (await stage.attacker()).write(GREETING).end()
    await early.closed
    expect(await stage.told(3)).toMatchObject([
      { type: "accept" },
      { type: OTHER_ERROR, code: "EPIPE", reason: "the peer closed during the handshake" },
      { type: "disconnect" },
    ])
    const late = (await stage.attacker()).write(handshake("SUB"), frame(0, bytes('01 "x"'))).end()
    await late.closed
    expect(await stage.told(3)).toEqual([{ type: "accept" }, { type: "handshake" }, { type: "disconnect" }])
  })

  it("half a message is dropped with its connection", async () => {
    await using stage = await Stage.bound(scheme, pulling(), library)
    const peer = await stage.attacker()
    peer.write(handshake("PUSH"), bytes('01 01 "a" 01 01 "b" 00 09 "cut"')).end()
    await peer.closed
    expect(await stage.told(3)).toEqual([{ type: "accept" }, { type: "handshake" }, { type: "disconnect" }])
    // The neighbour's check would see it.
    await stage.goesOn()
  })

  it("a dialled peer that leaves at any point is dialled again", async () => {
    await using stage = await Stage.connecting(scheme, pulling(), library)
    const inputs = [Buffer.alloc(0), GREETING.subarray(0, 11), GREETING, handshake("PUSH")]
    let life = 0
    const server = await stage.ambush(peer => peer.write(inputs[life++] ?? Buffer.alloc(0)).end())
    for (let n = 1; n <= inputs.length; n++) await (await server.peer(n)).closed
    const told = await stage.told(16)
    const reasons = ["greeting", "greeting", "handshake"].map(at => `the peer closed during the ${at}`)
    expect(told.slice(0, 16)).toEqual([
      ...reasons.flatMap(reason => [
        { type: "connect" },
        { type: OTHER_ERROR, code: "EPIPE", reason },
        { type: "disconnect" },
        { type: "connect:retry" },
      ]),
      { type: "connect" },
      { type: "handshake" },
      { type: "disconnect" },
      { type: "connect:retry" },
    ])
    stage.socket.disconnect(stage.endpoint)
  })
})

describe.each<Library>(["ours", "native"])("resets over tcp with %s neighbour", library => {
  it("show as ECONNRESET, whenever they come", async () => {
    await using stage = await Stage.bound("tcp", pulling(), library)
    for (const [input, phase] of [
      [Buffer.alloc(0), "greeting"],
      [GREETING, "handshake"],
    ] as const) {
      const peer = (await stage.attacker()).write(input)
      await peer.heard(input.length === 0 ? 10 : 64 + 27)
      peer.reset()
      expect(await stage.told(3)).toEqual([
        { type: "accept" },
        { type: OTHER_ERROR, code: "ECONNRESET", reason: `the peer closed during the ${phase}` },
        { type: "disconnect" },
      ])
    }
    const peer = (await stage.attacker()).write(GREETING, ready("PUSH"))
    expect(await stage.told(2)).toEqual([{ type: "accept" }, { type: "handshake" }])
    await peer.heard(64 + 27)
    peer.reset()
    expect(await stage.told(1)).toMatchObject([{ type: "disconnect", code: "ECONNRESET" }])
    await stage.goesOn()
  })

  it("of a dialled peer are no reason to give it up", async () => {
    await using stage = await Stage.connecting("tcp", pulling(), library)
    let life = 0
    const server = await stage.ambush(peer => {
      if (++life === 1) peer.reset()
      else peer.write(handshake("PUSH"))
    })
    await server.peer(2)
    await until(() => server.peers[1]!.received.length >= 64)
    stage.socket.disconnect(stage.endpoint)
    await server.peers[1]!.closed
  })
})
