/** The other process: `far-end.ts echo {codec: endpoint, …}`, or `far-end.ts count ENDPOINT SEED TOTAL`. */
import { withCodec } from "zeromq-ts/codec"
import { msgpack } from "zeromq-ts/msgpack"
import { Pair, Push } from "../../../src/index.ts"
import { Random } from "../../suites/random.ts"
import { Aborts, type Counted } from "./aborts.ts"
import { CODECS, type CodecName } from "./domains.ts"

async function echo(name: CodecName, endpoint: string): Promise<void> {
  const socket = withCodec(new Pair(), CODECS[name])
  socket.connect(endpoint)
  for await (const value of socket) await socket.send(value)
}

/**
 * Sends the numbers from 0 on; each send() may be aborted, and is repeated when it was. Whenever it is asked, it answers
 * once so many more were.
 */
async function count(endpoint: string, seed: number, total: number): Promise<void> {
  const aborts = new Aborts(new Random(seed))
  const socket = withCodec(new Push({ sendHighWaterMark: 10 }), msgpack<Counted>())
  socket.connect(endpoint)
  const filler = Buffer.alloc(2000)
  let due = Number.POSITIVE_INFINITY
  process.on("message", (more: number) => {
    due = aborts.aborted + more
  })
  for (let n = 0; n < total; n++) {
    await aborts.persist(signal => {
      if (aborts.aborted >= due) {
        due = Number.POSITIVE_INFINITY
        process.send?.("aborted")
      }
      return socket.send({ n, filler }, { signal })
    })
    await aborts.pause()
  }
  const left = await socket.drain()
  process.send?.({ left, aborted: aborts.aborted, late: aborts.late })
  process.disconnect()
}

const [mode, target = "", seed, total] = process.argv.slice(2)
if (mode === "count") await count(target, Number(seed), Number(total))
else {
  const endpoints = JSON.parse(target) as Record<CodecName, string>
  await Promise.all(Object.entries(endpoints).map(([name, at]) => echo(name as CodecName, at)))
}
