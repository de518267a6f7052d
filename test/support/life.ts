/** A program of a few lines, by name: what holds the process and what doesn't. `life.ts CASE ENDPOINT` */
import { existsSync, writeSync } from "node:fs"
import { context, Observer, Pull, Push, Reply, Request, Subscriber } from "../../src/index.ts"
import { block } from "./block.ts"

const [name, endpoint = ""] = process.argv.slice(2)
const say = (text: string) => process.stdout.write(`${text}\n`)

/** @param push takes messages only while it has a connection */
async function sendOnce(push: Push): Promise<void> {
  push.connect(endpoint)
  await push.send("sent")
}

const cases: Record<string, () => unknown> = {
  async idle() {
    const bound = new Reply()
    await bound.bind("tcp://127.0.0.1:*")
    const connected = new Request()
    connected.connect(bound.lastEndpoint as string)
    new Push().connect("tcp://127.0.0.1:1")
    new Pull().connect(endpoint)
    new Subscriber().connect("inproc://nobody")
    say("ready")
  },
  async receive() {
    const pull = new Pull()
    await pull.bind(endpoint)
    say("ready")
    say(String(await pull.receive()))
  },
  async receiveTimeout() {
    const pull = new Pull({ receiveTimeout: 100 })
    await pull.bind(endpoint)
    say(await pull.receive().then(String, error => error.code))
  },
  async iterate() {
    const pull = new Pull()
    await pull.bind(endpoint)
    say("ready")
    for await (const message of pull) say(String(message))
  },
  async batches() {
    const pull = new Pull()
    await pull.bind(endpoint)
    say("ready")
    for await (const batch of pull.batches()) for (const message of batch) say(String(message))
  },
  async send() {
    const push = new Push()
    await push.bind(endpoint)
    say("ready")
    await push.send("at last")
    say("sent")
  },
  async eventsLeft() {
    const pull = new Pull()
    const listener = () => {}
    pull.events.on("accept", listener)
    pull.events.off("accept", listener)
    const iteration = new Observer(pull)[Symbol.asyncIterator]()
    void iteration.next()
    await iteration.return?.()
    pull.events.on("bind", () => {}).removeAllListeners()
    pull.events.on("bind", () => {}).once("bind", () => say("bound"))
    await pull.bind(endpoint)
    pull.events.on("bind", () => {}).removeAllListeners("bind")
  },
  async events() {
    const pull = new Pull()
    const { events } = pull
    await pull.bind(endpoint)
    say("ready")
    for (;;) {
      const event = await events.receive()
      if (event.type !== "accept") continue
      say(event.type)
      break
    }
  },
  async queued() {
    const push = new Push({ reconnectInterval: 5 })
    push.connect(endpoint)
    await push.send("queued")
    say("ready")
  },
  async queuedAndClosed() {
    const push = new Push({ reconnectInterval: 5 })
    push.connect(endpoint)
    await push.send("queued")
    push.close()
    say("ready")
  },
  async linger50() {
    const push = new Push({ linger: 50 })
    push.connect(endpoint)
    await push.send("lost")
  },
  async linger1000() {
    const push = new Push({ linger: 1000 })
    push.connect(endpoint)
    await push.send("lost")
    push.close()
  },
  /** Its wait at the end is over long before the loop turns again, and somebody has bound the path meanwhile. */
  async lingerBlocked() {
    const linger = 1000
    const push = new Push({ linger, reconnectInterval: 5 })
    push.connect(endpoint)
    await push.send("in time")
    process.once("beforeExit", () => {
      setTimeout(() => {
        writeSync(1, "blocked\n")
        while (!existsSync(endpoint.slice("ipc://".length))) block(10)
        block(2 * linger)
      }, linger / 10).unref()
    })
  },
  async lingerForever() {
    const push = new Push({ linger: -1 })
    push.connect(endpoint)
    await push.send("sent")
  },
  async linger50Stopped() {
    const push = new Push({ linger: 50 })
    push.connect(endpoint)
    await push.send("sent")
  },
  async notBlocky() {
    context.blocky = false
    const push = new Push()
    push.connect(endpoint)
    await push.send("lost")
  },
  async inproc() {
    const push = new Push()
    push.connect("inproc://nobody")
    await push.send("lost")
    push.close()
  },
  /** Sends on a connection that stands; then nothing is queued. */
  async sent() {
    await sendOnce(new Push({ immediate: true }))
  },
  async sentAndClosed() {
    const push = new Push({ immediate: true })
    await sendOnce(push)
    push.close()
  },
  async sentLinger50() {
    await sendOnce(new Push({ immediate: true, linger: 50 }))
  },
  async sentWithoutLinger() {
    await sendOnce(new Push({ immediate: true, linger: 0 }))
  },
  async bothEnds() {
    const pull = new Pull({ receiveHighWaterMark: 1 })
    await pull.bind("tcp://127.0.0.1:*")
    const push = new Push({ immediate: true })
    push.connect(pull.lastEndpoint as string)
    for (let i = 0; i < 100; i++) await push.send("nobody receives it")
  },
  async beforeExit() {
    const push = new Push({ immediate: true })
    await sendOnce(push)
    process.once("beforeExit", () => void push.send("bye"))
  },
  async exit() {
    const push = new Push()
    push.connect(endpoint)
    await push.send("lost")
    process.exit(3)
  },
}

await cases[name as string]?.()
