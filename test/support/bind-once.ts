/** A process of its own that binds the ipc path of its argument, tells how that went, and stays until its input ends. */
import { ipc } from "../../transports/ipc.ts"
import { DEFAULT_OPTIONS } from "../suites/transport-bench.ts"

const host = {
  local: { socketType: "PAIR", routingId: new Uint8Array(0), tellsRoutingId: false },
  options: DEFAULT_OPTIONS,
  signal: new AbortController().signal,
  report: () => {},
  upgrade: () => Promise.reject(new Error("unwanted")),
  welcome: () => {},
}

const path = process.argv[2]!
process.stdin.once("data", async () => {
  const listener = await ipc()
    .listen(path, host, incoming => void Promise.resolve(incoming).catch(() => {}))
    .catch((error: unknown) => (error as { code?: string }).code ?? String(error))
  process.stdout.write(typeof listener === "string" ? listener : "bound")
})
process.stdout.write("ready")
