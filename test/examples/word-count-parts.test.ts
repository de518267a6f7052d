import { writeFileSync } from "node:fs"
import { join } from "node:path"
import fc from "fast-check"
import { afterAll, describe, expect, test } from "vitest"
import { checkFolder, cutIntoItems } from "../../examples/word-count/folder.ts"
import { Ledger } from "../../examples/word-count/ledger.ts"
import { parseOptions, USAGE } from "../../examples/word-count/options.ts"
import { countReading, readPiece } from "../../examples/word-count/pieces.ts"
import type { Item } from "../../examples/word-count/protocol.ts"
import { Totals } from "../../examples/word-count/totals.ts"
import { WordCounter } from "../../examples/word-count/words.ts"
import { emptyFolder, removeTexts } from "./texts.ts"

afterAll(removeTexts)

const text = () =>
  fc
    .array(
      fc.oneof(
        fc.constantFrom("a", "B", "ß", "Σ", " ", "'", "7", "é", "猫", "—", "\n"),
        fc.string({ unit: "grapheme" }),
      ),
    )
    .map(parts => parts.join(""))

/** The definition of a word, as plainly as it can be put. */
function wordsOf(content: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const letters of content.match(/\p{L}[\p{L}\p{M}]*/gu) ?? []) {
    const word = letters.toLowerCase()
    counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  return counts
}

function counterOf(content: string): WordCounter {
  const bytes = Buffer.from(content)
  const counter = new WordCounter()
  counter.count(bytes, 0, bytes.length)
  return counter
}

describe("words", () => {
  test("are runs of letters in lower case", () => {
    fc.assert(
      fc.property(text(), content => {
        expect(counterOf(content).words()).toEqual(wordsOf(Buffer.from(content).toString()))
      }),
    )
  })

  test("are added up from several counters", () => {
    fc.assert(
      fc.property(fc.array(text()), contents => {
        const sum = new WordCounter()
        const counters = contents.map(counterOf)
        for (const counter of counters) sum.add(counter.take())
        expect(sum.words()).toEqual(wordsOf(Buffer.from(contents.join("\n")).toString()))
        for (const counter of counters) expect(counter.words()).toEqual(new Map())
      }),
    )
  })

  test("are kept apart however many there are", () => {
    const words = Array.from({ length: 50_000 }, (_, i) =>
      i.toString(2).replaceAll("0", "o").replaceAll("1", "i"),
    )
    const content = `${words.join(" ")} ${"long".repeat(100_000)} ${words.join(" ")}`
    expect(counterOf(content).words()).toEqual(wordsOf(content))
  })

  test("are counted once wherever a file is cut", () => {
    const folder = emptyFolder()
    fc.assert(
      fc.property(text(), fc.integer({ min: 1, max: 40 }), (content, bytesPerItem) => {
        writeFileSync(join(folder, "text"), content)
        const size = Buffer.byteLength(content)
        const counter = new WordCounter()
        let bytes = 0
        for (const { pieces } of cutIntoItems([{ path: "text", size }], bytesPerItem)) {
          for (const piece of pieces) bytes += countReading(counter, readPiece(folder, piece))
        }
        expect(bytes).toBe(size)
        expect(counter.words()).toEqual(wordsOf(Buffer.from(content).toString()))
      }),
    )
  })

  test("of a file that has become shorter are those that are left", () => {
    const folder = emptyFolder()
    writeFileSync(join(folder, "text"), "one two")
    const counter = new WordCounter()
    const readings = [0, 5, 10].map(from => readPiece(folder, { file: "text", from, to: from + 5, size: 15 }))
    expect(readings.map(reading => countReading(counter, reading))).toEqual([5, 2, 0])
    expect(readings.map(reading => reading.short)).toEqual([false, true, true])
    expect(counter.words()).toEqual(wordsOf("one two"))
  })
})

test("items hold every byte of every file once", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(5000), { maxLength: 600 }),
      fc.integer({ min: 1, max: 9000 }),
      (sizes, room) => {
        const files = sizes.map((size, i) => ({ path: String(i), size }))
        const items = cutIntoItems(files, room)
        const reached = new Map<string, number>()
        for (const { file, from, to, size } of items.flatMap(item => item.pieces)) {
          expect(from).toBe(reached.get(file) ?? 0)
          expect(size).toBe(sizes[Number(file)])
          reached.set(file, to)
        }
        expect(items.map(item => item.id)).toEqual(items.map((_, i) => i))
        expect([...reached]).toEqual(files.map(({ path, size }) => [path, size]))
      },
    ),
  )
})

describe("the ledger", () => {
  const items = (n: number): Item[] => Array.from({ length: n }, (_, id) => ({ id, pieces: [] }))

  test("gives out each item once as done, whatever is lost", () => {
    const step = fc.oneof(
      fc.record({
        does: fc.constantFrom("take", "finish"),
        id: fc.nat(12),
        worker: fc.constantFrom("a", "b"),
      }),
      fc.record({ does: fc.constant("lose"), id: fc.constant(0), worker: fc.constantFrom("a", "b") }),
      fc.record({ does: fc.constantFrom("deal", "overdue"), id: fc.constant(0), worker: fc.constant("") }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), steps => {
        const ledger = new Ledger(items(10))
        const done: number[] = []
        const finish = (id: number) => done.push(...[ledger.finish(id)?.id ?? []].flat())
        for (const [beat, { does, id, worker }] of steps.entries()) {
          if (does === "deal") ledger.deal(beat)
          if (does === "take") ledger.taken(id, worker)
          if (does === "finish") finish(id)
          if (does === "lose") ledger.lose(worker)
          if (does === "overdue") ledger.dealOverdue(beat)
        }
        // Whoever is left does the rest: nothing is forgotten.
        ledger.lose("a")
        ledger.lose("b")
        for (let item = ledger.deal(0); item; item = ledger.deal(0)) finish(item.id)
        expect(done.toSorted((a, b) => a - b)).toEqual(items(10).map(item => item.id))
        expect(ledger.isFinished).toBe(true)
        expect(ledger.open).toBe(0)
      }),
    )
  })

  test("deals again what a lost worker held and what nobody has taken, not what others hold", () => {
    const ledger = new Ledger(items(4))
    for (let i = 0; i < 3; i++) ledger.deal(0)
    ledger.taken(0, "a")
    ledger.taken(1, "b")
    expect(ledger.lose("a")).toBe(2)
    const again = [ledger.deal(1), ledger.deal(1), ledger.deal(1), ledger.deal(1)]
    expect(again.map(item => item?.id)).toEqual([2, 0, 3, undefined])
  })

  test("is more patient each time", () => {
    const ledger = new Ledger(items(1))
    const dealtAt: number[] = []
    for (let beat = 0; beat < 40; beat++) {
      ledger.dealOverdue(beat)
      if (ledger.deal(beat)) dealtAt.push(beat)
    }
    expect(dealtAt).toEqual([0, 5, 14, 31])
  })
})

test("totals differ when a single count does", () => {
  const totalsOf = (content: string) => {
    const totals = new Totals()
    totals.counter.add(counterOf(content).take())
    return totals
  }
  expect(totalsOf("a b a b a").differences(totalsOf("A, a, A, b, b"))).toEqual([])
  expect(totalsOf("a b a").differences(totalsOf("a b c"))).toEqual([
    "distinct words: 2 and 3",
    '"a": 2 and 1',
  ])
})

describe("flags", () => {
  test("choose the role", () => {
    expect(parseOptions(["--help"], "/default").role).toBe("help")
    expect(parseOptions([], "/default")).toMatchObject({ role: "count", folder: "/default", verify: false })
    expect(parseOptions(["/texts", "--chunk", "2"], "/")).toMatchObject({
      folder: "/texts",
      bytesPerItem: 2048,
    })
    expect(parseOptions(["--state", "tcp://host:1"], "/")).toEqual({
      role: "state",
      endpoint: "tcp://host:1",
    })
    expect(parseOptions(["--join", "tcp://host:1", "--folder", "x"], "/")).toEqual({
      role: "join",
      endpoint: "tcp://host:1",
      folder: "x",
    })
  })

  test.each([
    [["--workers", "many"], '--workers takes a number from 0 to 256, not "many"'],
    [["--chunk", "0"], '--chunk takes a number from 1 to 65536, not "0"'],
    [["a", "b"], "one folder only"],
    [["a", "--folder", "b"], "one folder only"],
    [["--join", "localhost"], '"localhost" is no endpoint'],
    [["--join", "tcp://a:1", "--state", "tcp://a:1"], "either --join or --state"],
    [["--verify=yes"], "does not take an argument"],
  ])("%j is refused in words, with the usage", (args, message) => {
    expect(() => parseOptions(args, "/")).toThrow(message)
    expect(() => parseOptions(args, "/")).toThrow(USAGE)
  })
})

test("a file is no folder, and is told so", () => {
  expect(() => checkFolder(import.meta.filename)).toThrow("is not a folder")
})
