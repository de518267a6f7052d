/** A program of a few lines, by name, about what the garbage collector takes. `--expose-gc collect.ts CASE ENDPOINT` */
import { Context, Pair, Pull, Push, type Socket } from "../../src/index.ts"

const [name, endpoint = ""] = process.argv.slice(2)
const say = (text: string) => process.stdout.write(`${text}\n`)

/** Collects, again and again, until something holds. In a turn of its own: what a WeakRef has shown stays that long. */
async function collectUntil(holds: () => boolean | Promise<boolean>): Promise<void> {
  do {
    await new Promise(resolve => setTimeout(resolve, 0))
    globalThis.gc?.()
  } while (!(await holds()))
}

/** Collects often enough to take what can be taken. */
async function collect(): Promise<void> {
  let left = 20
  await collectUntil(() => left-- === 0)
}

async function isFree(): Promise<boolean> {
  const rival = new Pull()
  try {
    await rival.bind(endpoint)
    return true
  } catch {
    return false
  } finally {
    rival.close()
  }
}

async function bindAndLose(prepare: (pull: Pull) => unknown = () => {}): Promise<void> {
  const pull = new Pull()
  await pull.bind(endpoint)
  await prepare(pull)
}

const cases: Record<string, () => unknown> = {
  async idle() {
    await bindAndLose()
    await collectUntil(isFree)
    say("free")
  },
  async idleOnceReceived() {
    const push = new Push()
    push.connect(endpoint)
    await push.send("only one")
    await bindAndLose(async pull => say(String(await pull.receive())))
    await collectUntil(isFree)
    say("free")
    push.linger = 0
  },
  async receiving() {
    await bindAndLose(pull => void pull.receive().then(message => say(String(message))))
    await collect()
    say((await isFree()) ? "free" : "kept")
    const push = new Push()
    push.connect(endpoint)
    await push.send("received")
    await collectUntil(isFree)
    say("free")
    push.linger = 0
  },
  async receivingUntilTimeout() {
    await bindAndLose(pull => {
      pull.receiveTimeout = 50
      pull.receive().catch(error => say(error.code))
    })
    await collectUntil(isFree)
    say("free")
  },
  async iterating() {
    const push = new Push()
    push.connect(endpoint)
    for (const text of ["1", "2", "3"]) await push.send(text)
    await (async () => {
      const pull = new Pull()
      await pull.bind(endpoint)
      for await (const message of pull) {
        await collect()
        say(String(message))
        if (String(message) === "3") break
      }
    })()
    await collectUntil(isFree)
    say("free")
    push.linger = 0
  },
  async listening() {
    await bindAndLose(pull => pull.events.on("accept", () => say("accept")))
    await collect()
    say((await isFree()) ? "free" : "kept")
    new Push().connect(endpoint)
  },
  async observerOutlivesSocket() {
    const { events } = await (async () => {
      const pull = new Pull()
      const { events } = pull
      await pull.bind(endpoint)
      return { events }
    })()
    say((await events.receive()).type)
    await collectUntil(isFree)
    for await (const event of events) say(event.type)
  },
  async contextAfterClose() {
    let context: Context | undefined = new Context()
    const pair: Socket = new Pair({ context })
    await pair.bind("inproc://weak")
    const weak = new WeakRef(context)
    context = undefined
    pair.close()
    await collectUntil(() => weak.deref() === undefined)
    say(`collected, ${pair.closed}`)
  },
  async contextNeverUsed() {
    const weak = await (async () => {
      const context = new Context()
      const pair = new Pair({ context })
      await pair.bind("inproc://weak")
      return new WeakRef(context)
    })()
    await collectUntil(() => weak.deref() === undefined)
    say("collected")
  },
  async smallBuffer() {
    const push = new Push({ linger: 0 })
    push.connect(endpoint)
    const weak = await (async () => {
      const buffer = Buffer.alloc(16, 7)
      await push.send(buffer)
      return new WeakRef(buffer)
    })()
    await collectUntil(() => weak.deref() === undefined)
    say("collected")
  },
  async largeBuffer() {
    const push = new Push()
    push.connect(endpoint)
    const weak = await (async () => {
      const buffer = Buffer.alloc(1025, 7)
      await push.send(buffer)
      return new WeakRef(buffer)
    })()
    await collect()
    say(weak.deref() === undefined ? "collected" : "kept")
    const pull = new Pull()
    await pull.bind(endpoint)
    await (async () => {
      const [part] = await pull.receive()
      say(String(part?.equals(Buffer.alloc(1025, 7))))
    })()
    await collectUntil(() => weak.deref() === undefined)
    say("collected")
  },
  async echoedBuffers() {
    const left = new Pair()
    const right = new Pair()
    await left.bind(endpoint)
    right.connect(endpoint)
    const buffers = await (async () => {
      const sent = Buffer.alloc(2048, 7)
      await left.send(sent)
      const there = await right.receive()
      await right.send(there)
      const back = await left.receive()
      say(String(back[0]?.equals(sent)))
      return [sent, ...there, ...back].map(buffer => new WeakRef(buffer))
    })()
    await collectUntil(() => buffers.every(buffer => buffer.deref() === undefined))
    say("collected")
    left.close()
    right.close()
  },
}

await cases[name as string]?.()
