import assert from "node:assert/strict"
import type { Connection } from "../../src/contracts/connection.ts"
import {
  connectAddress,
  DEFAULT_OPTIONS,
  Inbox,
  type RecordingHost,
  type TransportSetup,
  turn,
} from "./transport-bench.ts"

/** What the checks common to byte and message transports need of their kind. */
export interface Kind {
  /** A host that can make connections. */
  host(setup: TransportSetup): RecordingHost
  /** Closes both ends and waits until they are closed. */
  close(near: Connection, far: Connection): Promise<void>
  /** Checks that something sent on each end comes out of the other; opens both. */
  exchange(near: Connection, far: Connection): Promise<void>
}

type Check = (setup: TransportSetup, kind: Kind) => Promise<void>

/** What holds for listening and dialling, whatever is carried. */
export const LISTENING_CHECKS: Readonly<Record<string, Check>> = {
  "refuses malformed addresses with EINVAL": async ({ transport, malformed }) => {
    for (const address of malformed) {
      const expected = { code: "EINVAL", address: `${transport.scheme}://${address}` }
      assert.throws(() => transport.checkBind(address), expected, `bind to "${address}"`)
      assert.throws(
        () => transport.checkConnect(address, DEFAULT_OPTIONS),
        expected,
        `connect to "${address}"`,
      )
    }
  },

  "accepts its own addresses": async ({ transport, address, nobody }) => {
    transport.checkBind(address)
    transport.checkConnect(nobody, DEFAULT_OPTIONS)
  },

  "names the resolved endpoint, which can be connected to": async (setup, kind) => {
    const inbox = await bind(setup, kind)
    assert.ok(inbox.listener.endpoint.startsWith(`${setup.transport.scheme}://`))
    setup.transport.checkConnect(connectAddress(setup, inbox.listener.endpoint), DEFAULT_OPTIONS)
    const [near, far] = await connect(setup, kind, inbox)
    await kind.exchange(near, far)
    await kind.close(near, far)
    await inbox.listener.close()
  },

  "hands each incoming link over, once": async (setup, kind) => {
    const inbox = await bind(setup, kind)
    const [near, far] = await connect(setup, kind, inbox)
    assert.equal(inbox.handed.length, 1)
    await kind.close(near, far)
    await inbox.listener.close()
  },

  "tells a host that binds a taken address EADDRINUSE": async (setup, kind) => {
    const inbox = await bind(setup, kind)
    const taken = connectAddress(setup, inbox.listener.endpoint)
    const expected = { code: "EADDRINUSE", address: `${setup.transport.scheme}://${taken}` }
    await assert.rejects(
      setup.transport.listen(taken, kind.host(setup), () => {}),
      expected,
    )
    await kind.close(...(await connect(setup, kind, inbox)))
    await inbox.listener.close()
  },

  "frees the address on close, at once and more than once": async (setup, kind) => {
    const first = await bind(setup, kind)
    const address = setup.ephemeral ? setup.address : connectAddress(setup, first.listener.endpoint)
    await Promise.all([first.listener.close(), first.listener.close()])
    await first.listener.close()
    const second = await new Inbox(kind.host(setup)).listen(setup.transport, address)
    await first.listener.close()
    await kind.close(...(await connect(setup, kind, second)))
    await second.listener.close()
  },

  "keeps accepted connections when the listener closes": async (setup, kind) => {
    const inbox = await bind(setup, kind)
    const [near, far] = await connect(setup, kind, inbox)
    await inbox.listener.close()
    await kind.exchange(near, far)
    await kind.close(near, far)
  },

  "dials nobody: rejects, or waits when it is patient": async (setup, kind) => {
    const host = kind.host(setup)
    const dialling = setup.transport.dial(setup.nobody, host)
    if (setup.transport.patient !== true) return assert.rejects(dialling)
    let settled = false
    const watched = dialling
      .catch(() => {})
      .then(() => {
        settled = true
      })
    await turn()
    await turn()
    assert.equal(settled, false)
    host.abort.abort()
    return watched
  },

  "rejects a dial that is aborted, before or meanwhile": async (setup, kind) => {
    const before = kind.host(setup)
    before.abort.abort()
    await assert.rejects(setup.transport.dial(setup.nobody, before))
    const meanwhile = kind.host(setup)
    const dialling = setup.transport.dial(setup.nobody, meanwhile)
    meanwhile.abort.abort()
    await assert.rejects(dialling)
  },

  "leaves nothing behind of an aborted dial": async (setup, kind) => {
    const inbox = await bind(setup, kind)
    const host = kind.host(setup)
    host.abort.abort()
    await assert.rejects(setup.transport.dial(connectAddress(setup, inbox.listener.endpoint), host))
    await kind.close(...(await connect(setup, kind, inbox)))
    assert.equal(inbox.handed.length, 1)
    await inbox.listener.close()
  },

  "keeps many links apart": async (setup, kind) => {
    const inbox = await bind(setup, kind)
    const pairs: [Connection, Connection][] = []
    for (let i = 0; i < 20; i++) pairs.push(await connect(setup, kind, inbox))
    await Promise.all(pairs.map(([near, far]) => kind.exchange(near, far)))
    await Promise.all(pairs.map(([near, far]) => kind.close(near, far)))
    await inbox.listener.close()
  },
}

export async function bind(setup: TransportSetup, kind: Kind): Promise<Inbox> {
  return new Inbox(kind.host(setup)).listen(setup.transport, setup.address)
}

/** Both ends of a new link, the dialling one first. */
export async function connect(
  setup: TransportSetup,
  kind: Kind,
  inbox: Inbox,
): Promise<[near: Connection, far: Connection]> {
  const address = connectAddress(setup, inbox.listener.endpoint)
  return Promise.all([setup.transport.dial(address, kind.host(setup)), inbox.next()])
}
