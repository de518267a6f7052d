/** SOCKS5 proxies to test against: real servers, where they are installed, and one by hand that can misbehave. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, writeFileSync } from "node:fs"
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { freePort } from "./endpoints.ts"

export interface RunningProxy {
  /** For the option socksProxy. */
  readonly address: string
  stop(): void
}

interface RealProxy {
  readonly name: string
  readonly installed: boolean
  start(): Promise<RunningProxy>
}

/** The servers that Debian has. */
export const REAL_PROXIES: readonly RealProxy[] = [
  {
    name: "microsocks",
    installed: isInstalled("microsocks"),
    start: () => run(port => ["microsocks", ["-i", "127.0.0.1", "-p", String(port)]]),
  },
  {
    name: "danted",
    installed: isInstalled("danted"),
    start: () => run(port => ["danted", ["-f", danteConfiguration(port)]]),
  },
]

function isInstalled(program: string): boolean {
  return spawnSync("which", [program]).status === 0
}

function danteConfiguration(port: number): string {
  const file = join(mkdtempSync(join(tmpdir(), "zeromq-ts-")), "danted.conf")
  const lines = [
    "logoutput: /dev/null",
    `internal: 127.0.0.1 port = ${port}`,
    "external: lo",
    "socksmethod: none",
    "clientmethod: none",
    "client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }",
    "socks pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }",
  ]
  writeFileSync(file, `${lines.join("\n")}\n`)
  return file
}

async function run(command: (port: number) => readonly [string, readonly string[]]): Promise<RunningProxy> {
  const port = await freePort()
  const [program, args] = command(port)
  // A process group of its own: some of them fork.
  const child = spawn(program, args, { stdio: "ignore", detached: true })
  const kill = () => killGroup(child)
  process.once("exit", kill)
  while (!(await answers(port))) if (child.exitCode !== null) throw new Error(`${program} has ended`)
  return {
    address: `127.0.0.1:${port}`,
    stop() {
      process.off("exit", kill)
      kill()
    },
  }
}

function killGroup({ pid }: ChildProcess): void {
  try {
    process.kill(-(pid as number), "SIGKILL")
  } catch {
    // Gone already.
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1")
  try {
    await once(socket, "connect")
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** What a proxy by hand says, in hexadecimal digits; undefined when it keeps silent. */
export interface Script {
  readonly greeting?: string
  readonly reply?: string
  /** Hangs up afterwards. */
  readonly leaves?: boolean
  /** The whole conversation byte by byte. */
  readonly dribbles?: boolean
  /** Follows at once after the reply, as if the target had been quick. */
  readonly target?: Uint8Array
  /** Connects to the target and relays, after the reply. */
  readonly relays?: boolean
}

export const ACCEPTS = "05 00"
export const GRANTS = "05 00 00 01 7f000001 1234"

/** A proxy that follows a script, and keeps what was asked of it. */
export class ScriptedProxy {
  readonly requests: Buffer[] = []
  connections = 0
  readonly #server: Server
  readonly #script: Script

  private constructor(script: Script) {
    this.#script = script
    this.#server = createServer(socket => {
      this.connections++
      socket.on("error", () => {})
      void this.#serve(socket).catch(() => socket.destroy())
    })
  }

  static async start(script: Script): Promise<ScriptedProxy> {
    const proxy = new ScriptedProxy(script)
    proxy.#server.listen(0, "127.0.0.1").unref()
    await once(proxy.#server, "listening")
    return proxy
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  stop(): void {
    this.#server.close()
  }

  async #serve(socket: Socket): Promise<void> {
    const { greeting, reply, leaves, target, relays } = this.#script
    await once(socket, "data")
    if (greeting !== undefined) await this.#say(socket, fromHex(greeting))
    if (greeting === ACCEPTS) {
      const [request] = (await once(socket, "data")) as [Buffer]
      this.requests.push(request)
      if (reply !== undefined) await this.#say(socket, Buffer.concat([fromHex(reply), target ?? Buffer.of()]))
      if (relays) relay(socket, request)
    }
    if (leaves) socket.end()
  }

  async #say(socket: Socket, bytes: Buffer): Promise<void> {
    if (!this.#script.dribbles) return void socket.write(bytes)
    socket.setNoDelay(true)
    for (const byte of bytes) {
      socket.write(Buffer.of(byte))
      await new Promise(resolve => setImmediate(resolve))
    }
  }
}

/** To the request's port on this machine, whatever the name. */
function relay(socket: Socket, request: Buffer): void {
  const target = connect(request.readUInt16BE(request.length - 2), "127.0.0.1")
  target.on("error", () => socket.destroy()).on("close", () => socket.destroy())
  socket.on("close", () => target.destroy())
  socket.pipe(target)
  target.pipe(socket)
}

function fromHex(text: string): Buffer {
  return Buffer.from(text.replaceAll(" ", ""), "hex")
}
