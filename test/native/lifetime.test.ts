/**
 * zeromqjs.md 2.7: what holds the process, what its end waits for, what is printed meanwhile. Each script runs on both
 * libraries, from a file, because the native package may crash in one that comes by the standard input.
 */
import { describe, expect, it } from "vitest"
import { compiled, script } from "../support/compiled.ts"
import { Program } from "../support/program.ts"

const ours = compiled(new URL("../../src/index.ts", import.meta.url))

function start(library: "native" | "ours", lines: string): Program {
  const from = JSON.stringify(library === "native" ? "zeromq" : ours)
  const text = `import * as zmq from ${from}\nconst nowhere = "tcp://127.0.0.1:1"\n${lines}`
  return new Program(["--expose-gc", script(text)])
}

const WARNING = "WARNING: Waiting for queued ZeroMQ messages to be delivered."
const QUEUE = `
  const push = new zmq.Push({ linger: LINGER })
  push.connect(nowhere)
  await push.send("queued")`

/** They end by themselves. */
const ending: Readonly<Record<string, string>> = {
  "sockets that are bound and connected, with nothing pending": `
    const reply = new zmq.Reply()
    await reply.bind("tcp://127.0.0.1:*")
    new zmq.Request().connect(reply.lastEndpoint)
    new zmq.Push().connect(nowhere)`,
  "sockets that are collected": `
    for (let n = 0; n < 5; n++) await new zmq.Reply().bind("tcp://127.0.0.1:*")
    gc()
    console.log("collected")`,
  "a timeout": `
    const pull = new zmq.Pull({ receiveTimeout: 20 })
    await pull.bind("tcp://127.0.0.1:*")
    await pull.receive().catch(error => console.log(error.code))`,
  "a linger of 50 ms": QUEUE.replace("LINGER", "50"),
  "a linger of 0": QUEUE.replace("LINGER", "0"),
  "a linger of 800 ms, with a warning": QUEUE.replace("LINGER", "800"),
  "a linger of 800 ms in a context that isn't blocky, with a warning that gives no advice": `
    zmq.context.blocky = false
    ${QUEUE.replace("LINGER", "800")}`,
  "a closed socket with a linger of 50 ms": `${QUEUE.replace("LINGER", "50")}
    push.close()`,
  "a context that isn't blocky": `
    zmq.context.blocky = false
    const push = new zmq.Push()
    push.connect(nowhere)
    await push.send("dropped")
    console.log(push.linger)`,
  "process.exit(), whatever is queued or pending": `
    ${QUEUE.replace("LINGER", "-1")}
    void new zmq.Pull().receive()
    process.exit(3)`,
  // What keeps the process is a timer, so that nothing but the rejection ends it before.
  "an unhandled rejection": `
    process.on("exit", code => console.log("exit", code))
    const push = new zmq.Push({ sendTimeout: 0 })
    void push.send("rejected")
    await new Promise(resolve => setTimeout(resolve, 1000))`,
}

describe("the process ends with", () => {
  it.each(Object.entries(ending))("%s", async (_name, lines) => {
    const [native, here] = await Promise.all(
      (["native", "ours"] as const).map(async library => {
        const program = start(library, lines)
        const code = await program.ended
        const warning = program.errors.match(/WARNING: Waiting.*/)?.[0]
        return { code, output: program.output, warning }
      }),
    )
    expect(here).toEqual(native)
  })
})

/** They say "ready" and stay; or warn, and stay. */
const staying: Readonly<Record<string, { lines: string; says: string }>> = {
  "a pending receive()": {
    lines: `
      const pull = new zmq.Pull()
      await pull.bind("tcp://127.0.0.1:*")
      setTimeout(() => (gc(), console.log("ready")), 0)
      await pull.receive()
      console.log(pull.closed)`,
    says: "ready",
  },
  "a blocked send()": {
    lines: `
      const push = new zmq.Push()
      setTimeout(() => console.log("ready"), 0)
      await push.send("x")
      console.log(push.closed)`,
    says: "ready",
  },
  "an event reader": {
    lines: `
      const push = new zmq.Push()
      setTimeout(() => console.log("ready"), 0)
      await push.events.receive()
      console.log(push.closed)`,
    says: "ready",
  },
  "queued messages, with a linger of -1": { lines: QUEUE.replace("LINGER", "-1"), says: WARNING },
  "queued messages of a closed socket": {
    lines: `${QUEUE.replace("LINGER", "-1")}
      push.close()`,
    says: WARNING,
  },
  "a proxy": {
    lines: `
      const pull = new zmq.Pull()
      const push = new zmq.Push()
      await pull.bind("tcp://127.0.0.1:*")
      await push.bind("tcp://127.0.0.1:*")
      setTimeout(() => console.log("ready"), 0)
      await new zmq.Proxy(pull, push).run()`,
    says: "ready",
  },
}

/** Enough for a process that has nothing to wait for to have ended. */
const WINDOW = 750

describe("the process stays for", () => {
  it.each(Object.entries(staying))("%s", async (_name, { lines, says }) => {
    await Promise.all(
      (["native", "ours"] as const).map(async library => {
        const program = start(library, lines)
        await program.says(says, says === "ready" ? "stdout" : "stderr")
        const over = new Promise(resolve => setTimeout(resolve, WINDOW, "still running"))
        expect(await Promise.race([program.ended, over]), library).toBe("still running")
      }),
    )
  })
})
