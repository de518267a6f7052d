/** zeromqjs.md 2.4: what a value is on the wire. */
import { outcome, outcomes, pairs, type Rows } from "../row.ts"

type Given = string | null | Buffer

/** What each value comes out as, in hexadecimal, or why it doesn't. */
async function sent(
  zmq: Parameters<Extract<Rows[string], (...args: never[]) => unknown>>[0],
  values: object,
) {
  const { left, right } = await pairs(zmq)
  const results: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(values)) {
    const sending = await outcome(() => left.send(value as Given))
    const arrived = JSON.stringify(sending) === '{"resolves":"undefined"}'
    results[name] = arrived ? (await right.receive()).map(part => part.toString("hex")) : sending
  }
  return results
}

const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)

export const rows: Rows = {
  "bytes are sent as they are, of a view just its own": zmq =>
    sent(zmq, {
      Buffer: Buffer.from(bytes),
      "Buffer view": Buffer.from(bytes).subarray(2, 4),
      Uint8Array: bytes,
      "Uint8Array view": bytes.subarray(3),
      Uint16Array: new Uint16Array(bytes.buffer, 2, 2),
      Float64Array: new Float64Array([1.5]),
      ArrayBuffer: bytes.buffer.slice(1, 4),
      empty: Buffer.alloc(0),
    }),

  "text is sent as UTF-8, null as an empty part": zmq =>
    sent(zmq, { text: "åbçdé", "no text": "", null: null, parts: ["a", null, "b"] }),

  "anything else is sent as its text": zmq =>
    sent(zmq, {
      number: 16.19,
      boolean: true,
      object: {},
      function: (a: number) => a,
      promise: Promise.resolve(),
      bigint: 123n,
      date: new Date(0),
      "undefined among parts": ["a", undefined],
      // biome-ignore lint/suspicious/noSparseArray: holes are the point
      hole: ["a", , "b"],
    }),

  "what has no text throws at once, and the socket goes on": async zmq => {
    const thrower = {
      toString() {
        throw new RangeError("no text")
      },
    }
    return sent(zmq, { symbol: Symbol("s"), thrower, "among parts": ["a", thrower], next: "next" })
  },

  "DataView and SharedArrayBuffer": {
    run: zmq => {
      const shared = new SharedArrayBuffer(2)
      new Uint8Array(shared).set([7, 8])
      return sent(zmq, { view: new DataView(bytes.buffer, 1, 2), shared })
    },
    ours: { view: ["0203"], shared: ["0708"] },
  },

  "up to 128 bytes are copied by send(): altering them afterwards alters nothing": async zmq => {
    const { left, right } = await pairs(zmq)
    const small = Buffer.alloc(128, 1)
    await left.send(small)
    small.fill(2)
    const [part] = await right.receive()
    return part?.equals(Buffer.alloc(128, 1))
  },

  "over inproc more than 128 bytes are handed over without a copy": async zmq => {
    const { left, right } = await pairs(zmq)
    const large = Buffer.alloc(2048, 1)
    await left.send(large)
    const [part] = await right.receive()
    part?.fill(2)
    return large[0]
  },

  "received parts are Buffers in an array": async zmq => {
    const { left, right } = await pairs(zmq)
    await left.send(["a", "b"])
    const message = await right.receive()
    return [Array.isArray(message), message.map(part => Buffer.isBuffer(part))]
  },

  "no message at all is a TypeError": async zmq => {
    const { left } = await pairs(zmq)
    return outcomes({ undefined: () => Reflect.apply(left.send, left, [undefined]) })
  },
}
