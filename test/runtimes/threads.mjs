/**
 * What worker messaging is to do on every runtime, with nothing but the built package: `RUNTIME threads.mjs`.
 * `npm run test:runtimes` builds, installs the runtimes in a temporary folder and runs this on each.
 */
import assert from "node:assert/strict"
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads"
import { Dealer, Pull, Push, Reply, Request, transfer } from "../../dist/index.js"

const ECHOES = { Dealer, Reply }

const ROLES = {
  async echo({ type, endpoint }) {
    const socket = new ECHOES[type]()
    await socket.bind(endpoint)
    parentPort.postMessage("ready")
    for await (const message of socket) await socket.send(message)
  },
  async sink({ endpoint, options }) {
    const pull = new Pull(options)
    await pull.bind(endpoint)
    parentPort.postMessage("ready")
    for await (const [part] of pull) parentPort.postMessage(part.length)
  },
  async send({ endpoint, count }) {
    const push = new Push()
    push.connect(endpoint)
    for (let n = 0; n < count; n++) await push.send(`${n}`)
  },
  async throws({ endpoint }) {
    const pull = new Pull()
    await pull.bind(endpoint)
    parentPort.postMessage("ready")
    await pull.receive()
    parentPort.postMessage("linked")
    setTimeout(() => {
      throw new Error("on purpose")
    })
  },
  async busy({ endpoint, gate }) {
    const pull = new Pull({ receiveHighWaterMark: 50 })
    await pull.bind(endpoint)
    parentPort.postMessage("ready")
    await pull.receive()
    Atomics.store(gate, 0, 1)
    Atomics.wait(gate, 0, 1)
    for await (const [part] of pull) parentPort.postMessage(String(part))
  },
}

let names = 0
const fresh = () => `inproc://runtime-${++names}`

function start(role, data) {
  const worker = new Worker(new URL(import.meta.url), { workerData: { role, ...data } })
  worker.on("error", () => {})
  return worker
}

const message = worker => new Promise(resolve => worker.once("message", resolve))
const ended = worker => new Promise(resolve => worker.once("exit", resolve))
const gone = socket => new Promise(resolve => socket.events.on("disconnect", resolve))

async function until(holds) {
  while (!holds()) await new Promise(resolve => setTimeout(resolve, 1))
}

const CHECKS = {
  async "a name bound in a worker, before and after the connect"() {
    for (const first of [true, false]) {
      const endpoint = fresh()
      const request = new Request()
      if (!first) request.connect(endpoint)
      const worker = start("echo", { type: "Reply", endpoint })
      await message(worker)
      if (first) request.connect(endpoint)
      await request.send(["hello", ""])
      assert.deepEqual((await request.receive()).map(String), ["hello", ""])
      request.close()
      await worker.terminate()
    }
  },
  async "a name bound once in all threads, and free when its worker was terminated"() {
    const endpoint = fresh()
    const worker = start("sink", { endpoint })
    await message(worker)
    const pull = new Pull()
    await assert.rejects(pull.bind(endpoint), { code: "EADDRINUSE" })
    await worker.terminate()
    await pull.bind(endpoint)
    pull.close()
  },
  async "100,000 numbered messages of 64 bytes, there and back"() {
    const endpoint = fresh()
    const worker = start("echo", { type: "Dealer", endpoint })
    await message(worker)
    const dealer = new Dealer()
    dealer.connect(endpoint)
    const count = 100_000
    const sending = (async () => {
      const body = Buffer.alloc(64)
      for (let n = 0; n < count; n++) {
        body.writeDoubleLE(n)
        await dealer.send(body)
      }
    })()
    for (let n = 0; n < count; n++) {
      const [body] = await dealer.receive()
      assert.equal(body.readDoubleLE(), n)
    }
    await sending
    dealer.close()
    await worker.terminate()
  },
  async "copied, moved and shared memory"() {
    const endpoint = fresh()
    const worker = start("echo", { type: "Dealer", endpoint })
    await message(worker)
    const dealer = new Dealer()
    dealer.connect(endpoint)
    const size = 1 << 20
    const copied = Buffer.allocUnsafeSlow(size).fill(1)
    const moved = Buffer.allocUnsafeSlow(size).fill(2)
    const shared = new Uint8Array(new SharedArrayBuffer(size)).fill(3)
    await dealer.send([copied, transfer(moved), shared])
    const received = await dealer.receive()
    assert.deepEqual(
      received.map(part => [part.length, part[0], part[size - 1]]),
      [1, 2, 3].map(value => [size, value, value]),
    )
    assert.deepEqual([copied.length, moved.buffer.byteLength], [size, 0])
    shared[0] = 42
    assert.equal(received[2][0], 42)
    dealer.close()
    await worker.terminate()
  },
  async "a busy receiver holds the sender back"() {
    const endpoint = fresh()
    const gate = new Int32Array(new SharedArrayBuffer(4))
    const worker = start("busy", { endpoint, gate })
    await message(worker)
    const push = new Push({ sendHighWaterMark: 30 })
    push.connect(endpoint)
    await push.send("sleep")
    await until(() => Atomics.load(gate, 0) === 1)
    let sent = 0
    while (push.trySend(`${sent}`)) sent++
    assert.ok(sent >= 30 && sent <= 80, `${sent} were sent`)
    const all = new Promise(resolve => {
      let next = 0
      worker.on("message", number => {
        assert.equal(number, `${next}`)
        if (++next === sent) resolve()
      })
    })
    Atomics.store(gate, 0, 0)
    Atomics.notify(gate, 0)
    await all
    push.close()
    await worker.terminate()
  },
  async "a worker that throws or is terminated is seen to be gone within a second"() {
    for (const role of ["throws", "sink"]) {
      const endpoint = fresh()
      const push = new Push({ linger: 0 })
      push.connect(endpoint)
      const lost = gone(push)
      const worker = start(role, { endpoint })
      await message(worker)
      await push.send("linked")
      await message(worker)
      const since = performance.now()
      if (role === "sink") await worker.terminate()
      const { error } = await lost
      assert.equal(error.code, "ECONNRESET")
      assert.ok(performance.now() - since < 1000)
      push.close()
    }
  },
  async "a worker ends when its work is done and taken"() {
    const endpoint = fresh()
    const count = 3000
    const worker = start("send", { endpoint, count })
    const over = ended(worker)
    await new Promise(resolve => setTimeout(resolve, 300))
    const pull = new Pull({ receiveTimeout: 5000 })
    await pull.bind(endpoint)
    for (let n = 0; n < count; n++) assert.equal(String(await pull.receive()), `${n}`)
    await over
    pull.close()
  },
  async "bindSync() listens by the time that it returns, and throws what is wrong"() {
    for (const endpoint of ["tcp://127.0.0.1:*", "ipc://*"]) {
      const pull = new Pull({ receiveTimeout: 5000 })
      pull.bindSync(endpoint)
      const push = new Push({ linger: 0 })
      push.connect(pull.lastEndpoint)
      await push.send("hello")
      assert.equal(String(await pull.receive()), "hello")
      assert.throws(() => new Pull().bindSync(pull.lastEndpoint), {
        code: "EADDRINUSE",
        address: pull.lastEndpoint,
      })
      push.close()
      pull.close()
    }
  },
}

if (isMainThread) {
  let failed = 0
  for (const [title, check] of Object.entries(CHECKS)) {
    let timer
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error("no end after 30 s")), 30_000)
    })
    try {
      await Promise.race([check(), late])
      console.log(`  holds: ${title}`)
    } catch (error) {
      failed++
      console.log(`  FAILS: ${title}: ${error?.message ?? error}`)
    }
    clearTimeout(timer)
  }
  // What fails may have left a thread behind.
  process.exit(failed === 0 ? 0 : 1)
} else {
  const { role, ...data } = workerData
  await ROLES[role](data)
}
