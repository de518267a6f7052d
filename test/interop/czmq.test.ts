/** czmq's authentication: certificates made by zcert, clients admitted by zauth, with our client; and the reverse. */
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { allowKeys, curveKeyPair, Reply, Request } from "../../src/index.ts"
import { CZMQ_MISSING, compileCzmqPeer, czmqSays } from "../support/czmq.ts"
import { freeEndpoint } from "../support/endpoints.ts"
import { nextEvent } from "../support/events.ts"
import { NumberedCheck, numbered } from "../support/numbered.ts"
import { open } from "../support/open.ts"
import { temporaryDirectory } from "../support/temporary.ts"

if (CZMQ_MISSING !== undefined) process.stderr.write(`czmq is not tested: ${CZMQ_MISSING}\n`)

describe.skipIf(CZMQ_MISSING !== undefined)("czmq", () => {
  const folder = temporaryDirectory()
  const known = join(folder.path, "known")
  let program = ""
  beforeAll(async () => {
    program = compileCzmqPeer(folder.path)
    mkdirSync(known)
  })
  afterAll(() => folder.remove())

  const made = async (file: string) => {
    const [curvePublicKey, curveSecretKey] = (await czmqSays(program, "make", file)) as [string, string]
    return { curvePublicKey, curveSecretKey }
  }

  it("serves our client, whose certificate zauth knows, and refuses another", async () => {
    const client = await made(join(known, "client.pub"))
    const stranger = await made(join(folder.path, "stranger.pub"))
    const [curveServerKey, endpoint] = (await czmqSays(
      program,
      "serve",
      known,
      await freeEndpoint("tcp"),
    )) as [string, string]
    const request = open(new Request({ ...client, curveServerKey, linger: 0 }))
    request.connect(endpoint)
    const check = new NumberedCheck(0, { parts: 3 })
    for (let n = 0; n < 100; n++) {
      await request.send(numbered(n, { parts: 3 }))
      check.take(await request.receive())
    }
    const other = open(new Request({ ...stranger, curveServerKey, linger: 0 }))
    const refused = nextEvent(other, "handshake:error:auth")
    other.connect(endpoint)
    expect((await refused).error).toMatchObject({ status: 400 })
  })

  it("is served by us, with a certificate that it has made", async () => {
    const { curvePublicKey, curveSecretKey } = await made(join(folder.path, "their.pub"))
    const server = curveKeyPair()
    const reply = open(
      new Reply({
        curveServer: true,
        curveSecretKey: server.secretKey,
        authenticate: allowKeys([curvePublicKey]),
      }),
    )
    await reply.bind("tcp://127.0.0.1:*")
    const endpoint = reply.lastEndpoint as string
    const asked = czmqSays(program, "ask", endpoint, server.publicKey, curvePublicKey, curveSecretKey, "100")
    for (let n = 0; n < 100; n++) await reply.send(await reply.receive())
    expect(await asked).toEqual(["100"])
  })
})
