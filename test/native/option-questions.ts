/**
 * Asks a library about its options, and writes the answers to a file: `option-questions.ts native|ours
 * <classes> <options> <file>`. One library a process, since both print their warnings by the same means.
 */
import { writeFileSync } from "node:fs"

// biome-ignore lint/suspicious/noExplicitAny: two libraries with one surface, whose types are no matter here
type Anything = any

const library: Anything =
  process.argv[2] === "native" ? await import("zeromq") : await import("../../src/index.ts")

const CLASSES = (process.argv[3] as string).split(",")
const NAMES = (process.argv[4] as string).split(",")
const NUMBERS = [...Array(100).keys()]
const LONG = "x".repeat(256)
const INTEGERS = [-2, -1, 0, 1, 2, 250, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 6_553_600, 1.9, Number.NaN]
const WIDE = [2 ** 53 + 2, 2 ** 63, 2 ** 64, 2 ** 65, -(2 ** 63)]
const TEXTS = ["", "name", "nul\0inside", LONG.slice(1), LONG, "10.0.0.0/8", "::1/64", "10.0.0.0/99"]
const OTHERS = [
  true,
  false,
  null,
  undefined,
  {},
  Buffer.from("bytes"),
  Buffer.alloc(0),
  new Uint8Array([1, 2]),
]
const CHOICES = ["allSubs", "allSubsUnsubs", "userName"]
const VALUES: unknown[] = [...INTEGERS, ...WIDE, ...TEXTS, ...OTHERS, ...CHOICES]
const ACCESSORS = ["Bool", "Int32", "Uint32", "Int64", "Uint64", "String"]
const SAMPLES: Record<string, unknown[]> = {
  Bool: [true, false],
  Int32: [0, 1, 2, -1, -2, 100],
  Uint32: [0, 1, 100],
  Int64: [0, 1, -1, 100],
  Uint64: [0, 1, 100],
  String: ["name", Buffer.from("name"), Buffer.alloc(4), Buffer.alloc(8), Buffer.alloc(3), null, LONG],
}

const answers: Record<string, string> = {}
const warnings: string[] = []
process.emitWarning = text => void warnings.push(String(text))

function answer(question: string, task: () => unknown): void {
  warnings.length = 0
  let result: string
  try {
    const value = task()
    result = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value))
  } catch (error) {
    const { name, code, message } = error as { name: string; code?: string; message: string }
    result = `${name}: ${code ?? message}`
  }
  answers[question] = [result, ...warnings].join(" | ")
}

const show = (value: unknown): string =>
  ArrayBuffer.isView(value)
    ? `bytes ${value.byteLength}`
    : typeof value === "string"
      ? `"${value.slice(0, 12)}${value.length}"`
      : String(value)

for (const name of CLASSES) {
  const make = (): Anything => new library[name]()
  for (const option of NAMES) {
    if (!(option in library[name].prototype)) {
      answers[`${name}.${option}`] = "absent"
      continue
    }
    const socket = make()
    answer(`${name}.${option}`, () => socket[option])
    for (const value of VALUES) {
      answer(`${name}.${option} = ${show(value)}`, () => {
        socket[option] = value
      })
      answer(`${name}.${option} after ${show(value)}`, () => socket[option])
    }
    socket.close()
  }
  for (const number of NUMBERS) {
    for (const accessor of ACCESSORS) {
      const socket = make()
      answer(`${name}.get${accessor}Option(${number})`, () => socket[`get${accessor}Option`](number))
      for (const value of SAMPLES[accessor] as unknown[]) {
        answer(`${name}.set${accessor}Option(${number}, ${show(value)})`, () =>
          socket[`set${accessor}Option`](number, value),
        )
      }
      socket.close()
    }
  }
}

// What warns on a bound socket, with a value that is taken.
for (const name of CLASSES) {
  for (const option of NAMES) {
    if (!(option in library[name].prototype)) continue
    const socket = new library[name]()
    socket.bindSync(name === "Stream" ? "tcp://127.0.0.1:*" : `inproc://${name}-${option}`)
    for (const value of [true, 1, "10.0.0.1", null]) {
      answer(`bound ${name}.${option} = ${show(value)}`, () => {
        socket[option] = value
      })
    }
    socket.close()
  }
}

for (const option of [
  "ioThreads",
  "maxSockets",
  "maxSocketsLimit",
  "threadPriority",
  "threadSchedulingPolicy",
  "maxMessageSize",
  "ipv6",
  "blocky",
]) {
  const context = new library.Context()
  answer(`Context.${option}`, () => context[option])
  for (const value of VALUES) {
    answer(`Context.${option} = ${show(value)}`, () => {
      context[option] = value
    })
    answer(`Context.${option} after ${show(value)}`, () => context[option])
  }
}
for (const number of [-1, 0, 1, 2, 3, 4, 5, 7, 42, 70, 99]) {
  const context = new library.Context()
  for (const accessor of ["Bool", "Int32"]) {
    answer(`Context.get${accessor}Option(${number})`, () => context[`get${accessor}Option`](number))
    for (const value of SAMPLES[accessor] as unknown[]) {
      answer(`Context.set${accessor}Option(${number}, ${show(value)})`, () =>
        context[`set${accessor}Option`](number, value),
      )
    }
  }
}

writeFileSync(process.argv[5] as string, JSON.stringify(answers))
// At once, and without the native package's tidying up, which is known to crash.
process.kill(process.pid, "SIGKILL")
