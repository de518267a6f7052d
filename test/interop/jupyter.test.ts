/** A Jupyter kernel, driven as a front end does: by DEALER, SUB and REQ. */
import { describe, expect, it } from "vitest"
import { JUPYTER_MISSING, Kernel } from "../support/jupyter.ts"

if (JUPYTER_MISSING !== undefined) process.stderr.write(`Jupyter is not tested: ${JUPYTER_MISSING}\n`)

describe.skipIf(JUPYTER_MISSING !== undefined).each(["tcp", "ipc"] as const)(
  "a Jupyter kernel over %s",
  transport => {
    it("executes, streams its output, is interrupted, and is restarted", async () => {
      const kernel = await Kernel.start(transport)

      await kernel.heartbeat.send("still there?")
      expect(String(await kernel.heartbeat.receive())).toBe("still there?")

      const computed = await kernel.execute("x = 6 * 7\nx")
      expect((await kernel.answer("shell", computed)).content.status).toBe("ok")
      const result = (await kernel.published(computed)).find(
        ({ header }) => header.msg_type === "execute_result",
      )
      expect(result?.content.data).toEqual({ "text/plain": "42" })

      const printed = await kernel.execute("for n in range(1000): print(n, flush=True)")
      const streams = (await kernel.published(printed)).filter(({ header }) => header.msg_type === "stream")
      const text = streams.map(({ content }) => content.text).join("")
      expect(text).toBe(Array.from({ length: 1000 }, (_, n) => `${n}\n`).join(""))
      await kernel.answer("shell", printed)

      const endless = await kernel.execute("print('begun', flush=True)\nwhile True: pass")
      while ((await kernel.answer("iopub", endless)).header.msg_type !== "stream");
      await kernel.answer("control", await kernel.ask("control", "interrupt_request", {}))
      expect((await kernel.answer("shell", endless)).content).toMatchObject({
        status: "error",
        ename: "KeyboardInterrupt",
      })

      await kernel.restart()
      const forgotten = await kernel.execute("x")
      expect((await kernel.answer("shell", forgotten)).content).toMatchObject({
        status: "error",
        ename: "NameError",
      })
      await kernel.heartbeat.send("again")
      expect(String(await kernel.heartbeat.receive())).toBe("again")
    })
  },
)
