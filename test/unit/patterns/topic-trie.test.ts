import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { LONGEST_PIECE } from "../../../patterns/topics/piece-table.ts"
import { LONGEST_HEAD, TopicTrie } from "../../../patterns/topics/topic-trie.ts"

interface Holder {
  readonly name: string
}

const bytes = (topic: string) => Buffer.from(topic, "latin1")

function sorted(names: Iterable<string>): string[] {
  return [...names].sort((a, b) => (a < b ? -1 : 1))
}

/** Who holds a prefix of the message, each once, by name. */
function matching(trie: TopicTrie<Holder>, message: string): string[] {
  const names = new Set<string>()
  trie.match(bytes(message), ({ name }) => names.add(name))
  expect(trie.matches(bytes(message))).toBe(names.size > 0)
  return sorted(names)
}

/** What a trie should be equal to: a set of names per topic. */
class Oracle {
  readonly topics = new Map<string, Set<string>>()

  add(topic: string, name: string): string {
    const names = this.topics.get(topic)
    if (names === undefined) {
      this.topics.set(topic, new Set([name]))
      return "first"
    }
    if (names.has(name)) return "known"
    names.add(name)
    return "added"
  }

  remove(topic: string, name: string): string {
    const names = this.topics.get(topic)
    if (!names?.delete(name)) return "unknown"
    if (names.size > 0) return "removed"
    this.topics.delete(topic)
    return "last"
  }

  removeAll(name: string): string[] {
    return [...this.topics.keys()].filter(topic => this.remove(topic, name) === "last")
  }

  matching(message: string): string[] {
    const names = [...this.topics].flatMap(([topic, set]) => (message.startsWith(topic) ? [...set] : []))
    return sorted(new Set(names))
  }
}

// Few letters, so that topics often share beginnings; long runs, so that there are whole pieces and several in a row.
const letter = fc.constantFrom("a", "b", "\0", "\xff")
const run = fc.tuple(letter, fc.constantFrom(1, 1, 1, 2, 27, 28, 29, 56, 600)).map(([c, n]) => c.repeat(n))
const topic = fc.array(run, { maxLength: 4 }).map(runs => runs.join(""))
const binary = fc.uint8Array({ maxLength: 3 }).map(array => Buffer.from(array).toString("latin1"))
const name = fc.constantFrom("p", "q", "r")
const step = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.constant("add" as const), fc.oneof(topic, binary), name) },
  { weight: 4, arbitrary: fc.tuple(fc.constant("remove" as const), fc.oneof(topic, binary), name) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("removeAll" as const), topic, name) },
)

describe("topic trie", () => {
  it("does what a set of names per topic and startsWith do", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.array(topic), (steps, messages) => {
        const trie = new TopicTrie<Holder>()
        const oracle = new Oracle()
        const holders = new Map(["p", "q", "r"].map(name => [name, { name }]))
        for (const [action, topic, name] of steps) {
          const holder = holders.get(name) ?? { name }
          if (action === "add") expect(trie.add(bytes(topic), holder)).toBe(oracle.add(topic, name))
          else if (action === "remove") {
            // Half the time something that is there.
            const known = [...oracle.topics.keys()]
            const chosen = topic.length % 2 === 0 ? topic : (known[topic.length % known.length] ?? topic)
            expect(trie.remove(bytes(chosen), holder)).toBe(oracle.remove(chosen, name))
          } else {
            const orphaned: string[] = []
            trie.removeAll(
              holder,
              (gone, last) => last && orphaned.push(Buffer.from(gone).toString("latin1")),
            )
            expect(sorted(orphaned)).toEqual(sorted(oracle.removeAll(name)))
          }
          expect(matching(trie, topic)).toEqual(oracle.matching(topic))
        }
        for (const message of messages) expect(matching(trie, message)).toEqual(oracle.matching(message))
        // Gone with its topics: nothing matches, and the same topics are new again.
        for (const holder of holders.values()) trie.removeAll(holder)
        expect(trie.size).toBe(0)
        for (const message of [...messages, ""]) expect(matching(trie, message)).toEqual([])
        for (const topic of new Set(steps.map(([, topic]) => topic)))
          expect(trie.add(bytes(topic), { name: "new" })).toBe("first")
      }),
      { numRuns: 500 },
    )
  })

  it("forgets a holder in steps of at most so many topics", () => {
    const trie = new TopicTrie<Holder>()
    const [leaving, staying] = [{ name: "leaving" }, { name: "staying" }]
    for (let n = 0; n < 10; n++) trie.add(bytes(`t${n}`), leaving)
    trie.add(bytes("t1"), staying)
    const orphaned: string[] = []
    const note = (topic: Uint8Array, last: boolean) =>
      last && orphaned.push(Buffer.from(topic).toString("latin1"))
    expect(trie.removeAll(leaving, note, 4)).toBe(false)
    expect(trie.removeAll(leaving, note, 4)).toBe(false)
    expect(trie.removeAll(leaving, note, 4)).toBe(true)
    expect(trie.removeAll(leaving, note, 4)).toBe(true)
    expect(sorted(orphaned)).toEqual(["t0", "t2", "t3", "t4", "t5", "t6", "t7", "t8", "t9"])
    expect(matching(trie, "t1")).toEqual(["staying"])
  })

  // Enough for its tables to grow and shrink, with what they hold moving about.
  it("is the same with very many topics, that come and go in waves", () => {
    const short = (n: number) => `topic ${n % 13} ${n}`
    const long = (n: number) => `${"a long beginning of topic ".repeat(n % 4)}${n % 7} ${n}`
    const wave = fc.record({
      adds: fc.boolean(),
      from: fc.integer({ min: 0, max: 6000 }),
      count: fc.integer({ min: 1, max: 6000 }),
      name,
      topic: fc.constantFrom(short, long),
    })
    fc.assert(
      fc.property(fc.array(wave, { minLength: 2, maxLength: 8 }), waves => {
        const trie = new TopicTrie<Holder>()
        const oracle = new Oracle()
        const holders = new Map(["p", "q", "r"].map(name => [name, { name }]))
        const holderOf = (name: string) => holders.get(name) ?? { name }
        for (const { adds, from, count, name, topic } of waves) {
          for (let n = from; n < from + count; n++) {
            if (adds) expect(trie.add(bytes(topic(n)), holderOf(name))).toBe(oracle.add(topic(n), name))
            else expect(trie.remove(bytes(topic(n)), holderOf(name))).toBe(oracle.remove(topic(n), name))
          }
        }
        for (const [topic, names] of oracle.topics)
          for (const name of sorted(names)) expect(trie.add(bytes(topic), holderOf(name))).toBe("known")
        for (const topic of [...oracle.topics.keys()].slice(0, 50))
          expect(matching(trie, `${topic}!`)).toEqual(oracle.matching(`${topic}!`))
        for (const name of ["p", "q", "r"]) {
          const gone: string[] = []
          while (
            !trie.removeAll(holderOf(name), topic => gone.push(Buffer.from(topic).toString("latin1")), 500)
          );
          const held = [...oracle.topics].flatMap(([topic, names]) => (names.has(name) ? [topic] : []))
          expect(sorted(gone)).toEqual(sorted(held))
        }
        expect(trie.size).toBe(0)
      }),
      { numRuns: 20 },
    )
  })

  it("has no more pieces than its topics need, whatever was there before", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1, unit: letter })),
        fc.func(fc.boolean()),
        (topics, stays) => {
          const [trie, fresh] = [new TopicTrie<Holder>(), new TopicTrie<Holder>()]
          const holder = { name: "p" }
          for (const topic of topics) trie.add(bytes(topic), holder)
          for (const topic of topics) if (!stays(topic)) trie.remove(bytes(topic), holder)
          for (const topic of topics) if (stays(topic)) fresh.add(bytes(topic), holder)
          expect(trie.size).toBe(fresh.size)
        },
      ),
    )
  })

  it("keeps what long topics have in common once", () => {
    const trie = new TopicTrie<Holder>()
    const [short, long] = [bytes("x".repeat(250)), bytes("x".repeat(350))]
    const holder = { name: "p" }
    const common = Math.floor(250 / LONGEST_PIECE)
    trie.add(short, holder)
    expect(trie.size).toBe(common + 1)
    trie.add(long, holder)
    expect(trie.size).toBe(Math.ceil(350 / LONGEST_PIECE) + 1)
    trie.remove(short, holder)
    expect(trie.size).toBe(Math.ceil(350 / LONGEST_PIECE))
    trie.add(bytes("x".repeat(common * LONGEST_PIECE)), holder)
    trie.remove(long, holder)
    expect(trie.size).toBe(common)
    trie.removeAll(holder)
    expect(trie.size).toBe(0)
  })

  it("cuts only the head of a very long topic into pieces, because each takes its time", () => {
    const trie = new TopicTrie<Holder>()
    const [p, q] = [{ name: "p" }, { name: "q" }]
    const head = "h".repeat(LONGEST_HEAD)
    const pieces = LONGEST_HEAD / LONGEST_PIECE
    const tails = ["t", "u", "tt", "t".repeat(1_000_000), `${"t".repeat(999_999)}u`]
    for (const tail of tails) expect(trie.add(bytes(head + tail), p)).toBe("first")
    expect(trie.add(bytes(`${head}t`), q)).toBe("added")
    expect(trie.add(bytes(`${head}t`), q)).toBe("known")
    expect(trie.size).toBe(pieces)
    expect(matching(trie, head)).toEqual([])
    expect(matching(trie, `${head}tx`)).toEqual(["p", "q"])
    expect(matching(trie, `${head}ux`)).toEqual(["p"])
    const visits: string[] = []
    trie.match(bytes(head + "t".repeat(1_000_001)), ({ name }) => visits.push(name))
    expect(visits).toEqual(["p", "q", "p", "p"])
    const gone: [number, boolean][] = []
    while (!trie.removeAll(p, (topic, last) => gone.push([topic.length - LONGEST_HEAD, last]), 1));
    expect(gone).toEqual([
      [1, false],
      [1, true],
      [2, true],
      [1_000_000, true],
      [1_000_000, true],
    ])
    expect(trie.remove(bytes(`${head}u`), q)).toBe("unknown")
    expect(trie.remove(bytes(`${head}t`), q)).toBe("last")
    expect(trie.size).toBe(0)
  })

  it("holds children of all 256 first bytes", () => {
    const trie = new TopicTrie<Holder>()
    const all = Array.from({ length: 256 }, (_, byte) => byte)
    for (const byte of all) trie.add(Uint8Array.of((byte * 101) & 255), { name: `${(byte * 101) & 255}` })
    for (const byte of all) expect(matching(trie, `${String.fromCharCode(byte)}rest`)).toEqual([`${byte}`])
  })

  it("tells a pipe for each topic that the message starts with, shortest first", () => {
    const trie = new TopicTrie<Holder>()
    for (const topic of ["abc", "", "ab", "b", "abcd"]) trie.add(bytes(topic), { name: topic })
    const seen: string[] = []
    trie.match(bytes("abc!"), ({ name }) => seen.push(name))
    expect(seen).toEqual(["", "ab", "abc"])
  })

  it("tells topics of a thousand lengths apart", () => {
    const trie = new TopicTrie<Holder>()
    const holder = { name: "p" }
    for (let length = 1; length <= 1000; length++) trie.add(bytes(`x${"y".repeat(length)}z`), holder)
    trie.add(bytes("y"), { name: "q" })
    expect(matching(trie, "y".repeat(100))).toEqual(["q"])
    expect(matching(trie, `x${"y".repeat(500)}z`)).toEqual(["p"])
    expect(matching(trie, `x${"y".repeat(1001)}z`)).toEqual([])
    let visits = 0
    for (let length = 1; length <= 1000; length++) trie.add(bytes("y".repeat(length)), holder)
    trie.match(bytes("y".repeat(2000)), () => visits++)
    expect(visits).toBe(1001)
  })

  it("keeps no reference to the bytes of a topic", () => {
    const trie = new TopicTrie<Holder>()
    const topic = bytes("topic")
    trie.add(topic, { name: "p" })
    topic.fill(0)
    expect(matching(trie, "topic 1")).toEqual(["p"])
  })
})
