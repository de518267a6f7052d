/** zeromqjs.md 2.9: endpoints, their errors, and by which name they are undone. */
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { inprocName, type Library, outcome, outcomes, type Rows } from "../row.ts"

const folder = mkdtempSync(join(tmpdir(), "zeromq-ts-"))
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
let last = 0
const ipcName = () => `ipc://${folder}/${++last}`

const NONSENSE = [
  "",
  "foo-bar",
  "tcp://",
  "tcp://127.0.0.1",
  "tcp://127.0.0.1:",
  "tcp://127.0.0.1:abc",
  "ipc://",
  "inproc://",
  "foo://bar",
  "udp://127.0.0.1:5555",
  "pgm://127.0.0.1:5555",
]

const each = (addresses: readonly string[], call: (address: string) => unknown) =>
  outcomes(Object.fromEntries(addresses.map(address => [address, () => call(address)])))

/** A resolved endpoint without what differs from run to run. */
const form = (endpoint: string | null) => endpoint?.replace(/:\d+$/, ":PORT").replace(/tmp\w{6}/, "tmpXXXXXX")

async function boundTo(zmq: Library, address: string, options: object = {}) {
  const socket = new zmq.Pull(options)
  await socket.bind(address)
  return { socket, endpoint: socket.lastEndpoint as string }
}

/** In the native package a name is free only a little later. */
async function rebind(zmq: Library, endpoint: string) {
  for (;;) {
    const socket = new zmq.Pull()
    const error = await socket.bind(endpoint).catch(error => error)
    if (error === undefined) return socket
    if (error.code !== "EADDRINUSE") throw error
  }
}

export const rows: Rows = {
  "bind() to what is no address": zmq => each(NONSENSE, address => new zmq.Pull().bind(address)),

  "connect() to what is no address": zmq =>
    each([...NONSENSE, "tcp://127.0.0.1:*", "tcp://*:5555"], address => new zmq.Pull().connect(address)),

  "unbind() and disconnect() of what is no address, or nobody's": async zmq => {
    const socket = new zmq.Pull()
    const unknown = ["", "foo-bar", "foo://bar", "tcp://127.0.0.1:5555", "ipc:///nowhere", "inproc://nobody"]
    return [
      await each(unknown, address => socket.unbind(address)),
      await each(unknown, address => socket.disconnect(address)),
    ]
  },

  "connect() to who can't be found, or can't be, is tried again in the background": zmq =>
    each(["tcp://no.such.host.invalid:5555", "tcp://127.0.0.1:99999", "ipc:///no/such/folder/x"], address => {
      const socket = new zmq.Pull()
      socket.connect(address)
      socket.close()
    }),

  "bind() to addresses that aren't ours": zmq =>
    each(["tcp://no.such.host.invalid:5555", "tcp://192.0.2.1:5555"], address =>
      new zmq.Pull().bind(address),
    ),

  "bind() to ipc paths that can't be": zmq =>
    each(["ipc:///no/such/folder/x", `ipc:///tmp/${"x".repeat(120)}`], address =>
      new zmq.Pull().bind(address),
    ),

  "bind() to what is taken": async zmq => {
    const { endpoint } = await boundTo(zmq, "tcp://127.0.0.1:*")
    const name = inprocName()
    await boundTo(zmq, name)
    const codeOf = async (address: string) => {
      const error = await new zmq.Pull().bind(address).catch(error => error)
      return [error.code, error.errno, error.message, error.address === address]
    }
    return [await codeOf(endpoint), await codeOf(name)]
  },

  "lastEndpoint of a bound socket is resolved": async zmq => {
    const forms: Record<string, unknown> = {}
    for (const [address, options] of [
      ["tcp://*:*", {}],
      ["tcp://127.0.0.1:0", {}],
      ["tcp://lo:*", {}],
      ["tcp://*:*", { ipv6: true }],
      ["tcp://[::1]:*", { ipv6: true }],
    ] as const) {
      const { socket, endpoint } = await boundTo(zmq, address, options)
      forms[`${address} ${JSON.stringify(options)}`] = form(endpoint)
      socket.close()
    }
    const name = inprocName()
    const path = ipcName()
    return {
      forms,
      inproc: (await boundTo(zmq, name)).endpoint === name,
      ipc: (await boundTo(zmq, path)).endpoint === path,
    }
  },

  "lastEndpoint before, after connect(), and after unbind()": async zmq => {
    const socket = new zmq.Pull()
    const before = socket.lastEndpoint
    socket.connect("tcp://localhost:5555")
    const connected = socket.lastEndpoint
    await socket.bind("tcp://127.0.0.1:*")
    const bound = socket.lastEndpoint as string
    await socket.unbind(bound)
    return [before, connected, form(bound), socket.lastEndpoint === bound]
  },

  "ipc://* makes a name of its own, which is gone after close()": async zmq => {
    const { socket, endpoint } = await boundTo(zmq, "ipc://*")
    const path = endpoint.replace("ipc://", "")
    const there = existsSync(path)
    socket.close()
    while (existsSync(path)) await new Promise(resolve => setImmediate(resolve))
    return [/^ipc:\/\/.*tmp\w{6}\/socket$/.test(endpoint), there]
  },

  "unbind() wants the resolved endpoint": async zmq => {
    const { socket, endpoint } = await boundTo(zmq, "tcp://*:*")
    const port = endpoint.split(":").at(-1)
    const wildcard = await socket.unbind(`tcp://*:${port}`).catch(error => error.code)
    return [
      wildcard,
      await outcome(() => socket.unbind(endpoint)),
      await outcome(() => socket.unbind("tcp://*:*")),
    ]
  },

  "disconnect() undoes a bind(), unbind() a connect()": async zmq => {
    const { socket, endpoint } = await boundTo(zmq, "tcp://127.0.0.1:*")
    const disconnected = await outcome(() => socket.disconnect(endpoint))
    const connecter = new zmq.Pull()
    connecter.connect(endpoint)
    return [disconnected, await outcome(() => connecter.unbind(endpoint))]
  },

  "once undone it is unknown": async zmq => {
    const { socket, endpoint } = await boundTo(zmq, "tcp://127.0.0.1:*")
    await socket.unbind(endpoint)
    const again = await socket.unbind(endpoint).catch(error => [error.code, error.address === endpoint])
    const connecter = new zmq.Pull()
    connecter.connect("tcp://127.0.0.1:1")
    connecter.disconnect("tcp://127.0.0.1:1")
    return [again, await outcome(() => connecter.disconnect("tcp://127.0.0.1:1"))]
  },

  "a port can be bound again after unbind(), and after close()": async zmq => {
    const { socket, endpoint } = await boundTo(zmq, "tcp://127.0.0.1:*")
    await socket.unbind(endpoint)
    const unbound = await rebind(zmq, endpoint)
    unbound.close()
    const closed = await rebind(zmq, endpoint)
    return closed.lastEndpoint === endpoint
  },

  "inproc names are known within one context only": async zmq => {
    const name = inprocName()
    await boundTo(zmq, name)
    const { socket } = await boundTo(zmq, name, { context: new zmq.Context() })
    return socket.closed
  },

  "inproc takes a connect() before the bind()": async zmq => {
    const name = inprocName()
    const push = new zmq.Push()
    push.connect(name)
    await push.send("early")
    const { socket } = await boundTo(zmq, name)
    return outcome(() => socket.receive())
  },

  "bind() to an ipc path where somebody listens": {
    run: async zmq => {
      const path = ipcName()
      await boundTo(zmq, path)
      const error = await new zmq.Pull().bind(path).catch(error => error)
      return error?.code ?? "taken over"
    },
    ours: "EADDRINUSE",
  },

  "the file of an ipc path after close()": {
    run: async zmq => {
      const path = ipcName()
      const { socket } = await boundTo(zmq, path)
      await socket.unbind(path)
      socket.close()
      return existsSync(path.replace("ipc://", ""))
    },
    ours: false,
  },

  "bind() to an ipc path where a dead socket's file was left": async zmq => {
    const path = ipcName()
    const { spawnSync } = await import("node:child_process")
    const file = path.replace("ipc://", "")
    const dies = `require("net").createServer().listen(${JSON.stringify(file)}, () => process.kill(process.pid, "SIGKILL"))`
    spawnSync(process.execPath, ["-e", dies])
    const { endpoint } = await boundTo(zmq, path)
    return [existsSync(file), endpoint === path]
  },
}
