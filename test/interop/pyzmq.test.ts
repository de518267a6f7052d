/** pyzmq's security against ours: who is server and who binds, in all combinations, with and without authenticators. */
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { curveKeyPair, Pull, Push, Reply, Request, type Socket } from "../../src/index.ts"
import { freeEndpoint } from "../support/endpoints.ts"
import { nextEvent } from "../support/events.ts"
import { NumberedCheck, numbered } from "../support/numbered.ts"
import { open } from "../support/open.ts"
import { PYZMQ_MISSING, PyZmq } from "../support/pyzmq.ts"

if (PYZMQ_MISSING !== undefined) process.stderr.write(`pyzmq is not tested: ${PYZMQ_MISSING}\n`)

const SIZE = 1000
const OPTIONS = { parts: 2, size: SIZE }
const [server, client, stranger] = [curveKeyPair(), curveKeyPair(), curveKeyPair()]

type TheirOptions = Readonly<Record<string, string | number>>

/** The two sides of a mechanism, in our words and in theirs, and who is let in. */
interface Mechanism {
  readonly ourServer: object
  readonly theirServer: TheirOptions
  readonly ourClient: object
  readonly theirClient: TheirOptions
  /** One who is not let in. */
  readonly ourStranger: object
  readonly theirStranger: TheirOptions
  readonly users: Record<string, string> | null
  readonly keys: string[] | null
  /** libzmq's client says this of a refusal. In PLAIN it misspells ERROR, and knows only its own spelling. */
  readonly theirRefusal: readonly ["auth" | "protocol", number]
  /** Without an authenticator the server lets in everybody, or nobody. */
  readonly withoutAuthenticator: "all" | "none"
}

const theirKeys = (publicKey: string, secretKey: string) => ({
  CURVE_PUBLICKEY: publicKey,
  CURVE_SECRETKEY: secretKey,
  CURVE_SERVERKEY: server.publicKey,
})

const MECHANISMS: Readonly<Record<string, Mechanism>> = {
  PLAIN: {
    ourServer: { plainServer: true },
    theirServer: { PLAIN_SERVER: 1 },
    ourClient: { plainUsername: "alice", plainPassword: "secret" },
    theirClient: { PLAIN_USERNAME: "alice", PLAIN_PASSWORD: "secret" },
    ourStranger: { plainUsername: "alice", plainPassword: "guessed" },
    theirStranger: { PLAIN_USERNAME: "alice", PLAIN_PASSWORD: "guessed" },
    users: { alice: "secret" },
    keys: null,
    theirRefusal: ["protocol", 0x10000001],
    withoutAuthenticator: "none",
  },
  CURVE: {
    ourServer: { curveServer: true, curveSecretKey: server.secretKey },
    theirServer: { CURVE_SERVER: 1, CURVE_SECRETKEY: server.secretKey },
    ourClient: {
      curveServerKey: server.publicKey,
      curvePublicKey: client.publicKey,
      curveSecretKey: client.secretKey,
    },
    theirClient: theirKeys(client.publicKey, client.secretKey),
    ourStranger: {
      curveServerKey: server.publicKey,
      curvePublicKey: stranger.publicKey,
      curveSecretKey: stranger.secretKey,
    },
    theirStranger: theirKeys(stranger.publicKey, stranger.secretKey),
    users: null,
    keys: [client.publicKey],
    theirRefusal: ["auth", 400],
    withoutAuthenticator: "all",
  },
}

const authenticate = (peer: { username?: unknown; password?: unknown; publicKey?: unknown }) =>
  peer.publicKey === client.publicKey || (peer.username === "alice" && peer.password === "secret")

const fast = { reconnectInterval: 10, linger: 0 }

describe.skipIf(PYZMQ_MISSING !== undefined)("pyzmq", () => {
  let peer: PyZmq
  beforeEach(() => {
    peer = new PyZmq()
  })
  afterEach(() => peer.kill())

  async function meet(ours: Socket, theirs: string, weBind: boolean, scheme: "tcp" | "ipc"): Promise<void> {
    const endpoint = await freeEndpoint(scheme)
    if (weBind) {
      await ours.bind(endpoint)
      await peer.call("connect", theirs, ours.lastEndpoint as string)
    } else {
      ours.connect(await peer.call("bind", theirs, endpoint))
    }
  }

  for (const [name, mechanism] of Object.entries(MECHANISMS)) {
    for (const scheme of ["tcp", "ipc"] as const) {
      describe.each([
        ["binds", false],
        ["connects", true],
      ])(`with ${name} over ${scheme}, where it %s`, (_, weBind) => {
        it("is a client of our server, which authenticates it", async () => {
          const reply = open(new Reply({ ...mechanism.ourServer, ...fast, authenticate }))
          await peer.call("open", "req", "REQ", mechanism.theirClient)
          await meet(reply, "req", weBind, scheme)
          const asked = peer.call("ask", "req", 0, 100, SIZE)
          for (let n = 0; n < 100; n++) await reply.send(await reply.receive())
          await asked
        })

        it("is a server, which authenticates our client", async () => {
          const request = open(new Request({ ...mechanism.ourClient, ...fast }))
          await peer.call("open", "rep", "REP", mechanism.theirServer, mechanism.users, mechanism.keys)
          await meet(request, "rep", weBind, scheme)
          const echoed = peer.call("echo", "rep", 100)
          const check = new NumberedCheck(0, OPTIONS)
          for (let n = 0; n < 100; n++) {
            await request.send(numbered(n, OPTIONS))
            check.take(await request.receive())
          }
          await echoed
        })

        it("is refused by our server when it is a stranger, and both are told", async () => {
          const reply = open(new Reply({ ...mechanism.ourServer, ...fast, authenticate }))
          await peer.call("open", "req", "REQ", mechanism.theirStranger)
          const refused = nextEvent(reply, "handshake:error:auth")
          await meet(reply, "req", weBind, scheme)
          expect((await refused).error).toMatchObject({ status: 400 })
          expect(await peer.call("failure", "req")).toEqual(mechanism.theirRefusal)
        })

        it("refuses our client when it is a stranger, which is told", async () => {
          const request = open(new Request({ ...mechanism.ourStranger, ...fast }))
          await peer.call("open", "rep", "REP", mechanism.theirServer, mechanism.users, mechanism.keys)
          const refused = nextEvent(request, "handshake:error:auth")
          await meet(request, "rep", weBind, scheme)
          expect((await refused).error).toMatchObject({ status: 400 })
          expect(await peer.call("failure", "rep")).toEqual(["auth", 400])
        })

        if (mechanism.withoutAuthenticator === "all") {
          it("passes messages where nobody authenticates, both ways", async () => {
            const push = open(new Push({ ...mechanism.ourServer, ...fast, linger: -1 }))
            await peer.call("open", "pull", "PULL", mechanism.theirStranger)
            await meet(push, "pull", weBind, scheme)
            const taken = peer.call("receive", "pull", 0, 1000, SIZE)
            for (let n = 0; n < 1000; n++) await push.send(numbered(n, OPTIONS))
            await taken
            const pull = open(new Pull({ ...mechanism.ourStranger, ...fast }))
            await peer.call("open", "push", "PUSH", mechanism.theirServer)
            await meet(pull, "push", weBind, scheme)
            const sent = peer.call("send", "push", 0, 1000, SIZE)
            const check = new NumberedCheck(0, OPTIONS)
            while (check.next < 1000) check.take(await pull.receive())
            await sent
          })
        } else {
          it("lets nobody in where nobody authenticates, and gets nobody in", async () => {
            const reply = open(new Reply({ ...mechanism.ourServer, ...fast }))
            await peer.call("open", "req", "REQ", mechanism.theirClient)
            const here = nextEvent(reply, "handshake:error:other")
            await meet(reply, "req", weBind, scheme)
            await here
            // Their server never answers then.
            const request = open(new Request({ ...mechanism.ourClient, ...fast, handshakeInterval: 200 }))
            await peer.call("open", "rep", "REP", mechanism.theirServer)
            const lost = nextEvent(request, "handshake:error:other")
            await meet(request, "rep", weBind, scheme)
            await lost
          })
        }
      })
    }
  }
})
