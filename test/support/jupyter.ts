/** A Jupyter kernel in a process of its own, and the five sockets of a front end (Jupyter's messaging protocol 5.3). */
import { type ChildProcess, spawn } from "node:child_process"
import { createHmac, randomUUID } from "node:crypto"
import { once } from "node:events"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { onTestFinished } from "vitest"
import { Dealer, Request, Subscriber } from "../../src/index.ts"
import { freePort } from "./endpoints.ts"
import { open } from "./open.ts"
import { missingModules, PYTHON } from "./pyzmq.ts"
import { temporaryDirectory } from "./temporary.ts"

export const JUPYTER_MISSING: string | undefined = missingModules(
  "python3-ipykernel and python3-jupyter-client",
  "ipykernel",
  "jupyter_client",
)

const DELIMITER = "<IDS|MSG>"

/** A message of the protocol, without its metadata. */
export interface KernelMessage {
  readonly header: { readonly msg_type: string; readonly msg_id: string }
  readonly parent_header: { readonly msg_id?: string }
  readonly content: Readonly<Record<string, unknown>>
}

const CHANNELS = ["shell", "iopub", "stdin", "control", "hb"] as const
type Channel = (typeof CHANNELS)[number]

/** Where a kernel listens, and the key that signs its messages. */
interface Place {
  readonly file: string
  readonly key: string
  readonly endpoints: Readonly<Record<Channel, string>>
}

async function findPlace(transport: "tcp" | "ipc"): Promise<Place> {
  const folder = temporaryDirectory()
  onTestFinished(() => folder.remove())
  const ip = transport === "tcp" ? "127.0.0.1" : join(folder.path, "kernel")
  const between = transport === "tcp" ? ":" : "-"
  const file = join(folder.path, "connection.json")
  const key = randomUUID()
  const connection: Record<string, unknown> = { transport, ip, key, signature_scheme: "hmac-sha256" }
  const endpoints: Partial<Record<Channel, string>> = {}
  for (const [at, channel] of CHANNELS.entries()) {
    const port = transport === "tcp" ? await freePort() : at + 1
    connection[`${channel}_port`] = port
    endpoints[channel] = `${transport}://${ip}${between}${port}`
  }
  writeFileSync(file, JSON.stringify(connection))
  return { file, key, endpoints: endpoints as Record<Channel, string> }
}

/** A kernel, and our side of it, until the end of the test at most. */
export class Kernel {
  readonly shell: Dealer = open(new Dealer({ linger: 0, reconnectInterval: 20 }))
  readonly control: Dealer = open(new Dealer({ linger: 0, reconnectInterval: 20 }))
  readonly iopub: Subscriber = open(new Subscriber({ reconnectInterval: 20 }))
  readonly heartbeat: Request = open(new Request({ linger: 0, reconnectInterval: 20 }))
  readonly #place: Place
  #process: ChildProcess

  private constructor(place: Place) {
    this.#place = place
    this.#process = this.#spawn()
    onTestFinished(() => void this.#process.kill("SIGKILL"))
    this.iopub.subscribe()
    this.shell.connect(place.endpoints.shell)
    this.control.connect(place.endpoints.control)
    this.iopub.connect(place.endpoints.iopub)
    this.heartbeat.connect(place.endpoints.hb)
  }

  /** Starts a kernel and waits until what it publishes arrives. */
  static async start(transport: "tcp" | "ipc"): Promise<Kernel> {
    const kernel = new Kernel(await findPlace(transport))
    await kernel.#ready()
    return kernel
  }

  /** Sends a request, and returns its id. */
  async ask(channel: "shell" | "control", type: string, content: object): Promise<string> {
    const id = randomUUID()
    const header = {
      msg_id: id,
      msg_type: type,
      session: "test",
      username: "test",
      version: "5.3",
      date: new Date().toISOString(),
    }
    const parts = [header, {}, {}, content].map(part => JSON.stringify(part))
    await this[channel].send([DELIMITER, this.#sign(parts), ...parts])
    return id
  }

  /** The next answer to this request. */
  async answer(channel: "shell" | "control" | "iopub", request: string): Promise<KernelMessage> {
    for (;;) {
      const message = this.#read(await this[channel].receive())
      if (message.parent_header.msg_id === request) return message
    }
  }

  /** Returns all that is published about a request until the kernel is idle again. */
  async published(request: string): Promise<KernelMessage[]> {
    const messages: KernelMessage[] = []
    for (;;) {
      const message = await this.answer("iopub", request)
      if (message.header.msg_type === "status" && message.content.execution_state === "idle") return messages
      messages.push(message)
    }
  }

  execute(code: string): Promise<string> {
    return this.ask("shell", "execute_request", {
      code,
      silent: false,
      store_history: true,
      allow_stdin: false,
    })
  }

  /** Has the kernel end, and starts another one at the same place. */
  async restart(): Promise<void> {
    const ended = once(this.#process, "exit")
    await this.answer("control", await this.ask("control", "shutdown_request", { restart: true }))
    await ended
    this.#process = this.#spawn()
    await this.#ready()
  }

  #spawn(): ChildProcess {
    return spawn(PYTHON, ["-m", "ipykernel_launcher", "-f", this.#place.file], {
      stdio: ["ignore", "ignore", "ignore"],
    })
  }

  /** Asks again and again, because a kernel publishes nothing to who hasn't subscribed yet. */
  async #ready(): Promise<void> {
    const isHeard = this.iopub.receive().then(() => true)
    do {
      await this.answer("shell", await this.ask("shell", "kernel_info_request", {}))
    } while (!(await Promise.race([isHeard, new Promise(resolve => setImmediate(resolve, false))])))
  }

  #sign(parts: readonly (string | Buffer)[]): string {
    const hmac = createHmac("sha256", this.#place.key)
    for (const part of parts) hmac.update(part)
    return hmac.digest("hex")
  }

  #read(message: readonly Buffer[]): KernelMessage {
    const at = message.findIndex(part => part.toString() === DELIMITER)
    const [signature, ...parts] = message.slice(at + 1) as [Buffer, Buffer, Buffer, Buffer, Buffer]
    if (this.#sign(parts.slice(0, 4)) !== signature.toString()) throw new Error("a wrong signature")
    const [header, parent_header, , content] = parts.map(part => JSON.parse(part.toString()))
    return { header, parent_header, content }
  }
}
