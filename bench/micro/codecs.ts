import { msgpack } from "../../src/codecs/msgpack.ts"
import { type Codec, json, raw } from "../../src/entries/codec.ts"
import type { Subject } from "./harness.ts"

/** Three sizes of what programs send: a few fields, a document, a page of rows of one kind. */
const tick = { symbol: "ACME", price: 12.75, size: 300, time: 1_700_000_000_123 }
const order = {
  id: "o-1234567",
  customer: { name: "Zoë Zimmer", city: "Zürich", vip: true },
  items: Array.from({ length: 8 }, (_, n) => ({ sku: `sku-${n}`, count: n, price: n * 1.25 })),
  note: null,
  tags: ["new", "gift", "express"],
}
const page = { rows: Array.from({ length: 500 }, (_, n) => ({ ...tick, symbol: `S${n}`, price: n * 1.25 })) }

const VALUES = { tick, order, page }
const CODECS = { json: json(), "msgpack maps": msgpack(), "msgpack records": msgpack({ records: true }) }

/** About so much work per call, for the clock not to count; raw ones do next to nothing. */
const BYTES = 200_000
const RAW_COUNT = 20_000

export const codecs: readonly Subject[] = Object.entries(VALUES).flatMap(([what, value]) => [
  // The same bytes as they are.
  ...subjects(`raw ${what}`, raw(), Buffer.from(JSON.stringify(value)), RAW_COUNT),
  ...Object.entries(CODECS).flatMap(([name, codec]) => subjects(`${name} ${what}`, codec, value)),
])

function subjects<Out, In>(name: string, codec: Codec<Out, In>, value: In, count?: number): Subject[] {
  const frame = frameOf(codec, value)
  const operations = count ?? Math.ceil(BYTES / frame.length)
  const repeat = (task: () => unknown) => () => {
    let done = 0
    for (let n = 0; n < operations; n++) if (task() !== undefined) done++
    return done
  }
  const label = `${name}, ${frame.length} B`
  return [
    { name: `encode ${label}`, operations, run: repeat(() => frameOf(codec, value)) },
    { name: `decode ${label}`, operations, run: repeat(() => codec.decode([frame])) },
  ]
}

/** Text becomes bytes as a socket makes them. */
function frameOf<In>(codec: Codec<unknown, In>, value: In): Buffer {
  const encoded = codec.encode(value)
  if (typeof encoded === "string") return Buffer.from(encoded)
  return (encoded instanceof Uint8Array ? encoded : encoded[0]) as Buffer
}
