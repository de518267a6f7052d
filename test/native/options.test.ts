/**
 * Every option of every class, by name and by number, next to the native package: default, what is taken, what is
 * refused and how, what it then reads as. Each library answers the same questions in a process of its own
 * (option-questions.ts); where the answers differ, a row below has to say why.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { beforeAll, describe, expect, it } from "vitest"
import { optionNames } from "../../src/options/table.ts"
import { compiled } from "../support/compiled.ts"

const CLASSES = [
  "Pair",
  "Publisher",
  "Subscriber",
  "Request",
  "Reply",
  "Dealer",
  "Router",
  "Pull",
  "Push",
  "XPublisher",
  "XSubscriber",
  "Stream",
]
const GSSAPI = "gssapi\\w+"
const GSSAPI_NUMBERS = "(6[2-5]|9[01])"

interface Difference {
  readonly about: RegExp
  readonly native?: RegExp
  readonly ours?: RegExp
  readonly why: string
}

/** The differences on purpose. */
const DIFFERENCES: readonly Difference[] = [
  { about: new RegExp(`\\.${GSSAPI}|Option\\(${GSSAPI_NUMBERS}\\b`), why: "there is no GSSAPI" },
  { about: /\.authenticate/, why: "libzmq asks a ZAP handler only" },
  { about: /\.curve(Previous|Provider)/, why: "libzmq has one key, and one library for it" },
  {
    about: /\.tcpAcceptFilter|getStringOption\(38\)/,
    native: /EINVAL/,
    why: "can be read; knows IPv6 ranges",
  },
  { about: /\.typeOfService|Option\(57\b/, why: "at most 255, and ENOTSUP where Node can't set it" },
  { about: /\.interface|Option\(92\b/, why: "Node can't: ENOTSUP" },
  { about: /\.ipc(Mode|Group)/, why: "libzmq leaves the socket file as it is" },
  { about: /\.mandatory/, native: /EINVAL/, ours: /true|false/, why: "can be read" },
  { about: /\.curve\w+Key/, native: /EINVAL/, ours: /^(null|"\S{40}")$/, why: "keys can be read" },
  { about: /\.plain(Username|Password) after/, ours: /^null$/, why: "null forgets what was set" },
  { about: /\.affinity after NaN/, why: "not a number is 0" },
  { about: /^bound/, native: /EINVAL \|/, ours: /EINVAL/, why: "what is refused isn't warned of" },
  { about: /\.vmci/, native: /EINVAL \|/, ours: /EINVAL/, why: "no second complaint" },
  { about: /setInt64Option\(4,/, ours: /Value is larger/, why: "each way to set it warns" },
  {
    about: /get\w+Option\(/,
    native: /EINVAL/,
    ours: /^(true|false|null|-?\d+)$/,
    why: "all that is set can be read by number",
  },
  {
    about: /get(Bool|U?[Ii]nt\d\d)Option\((5|32|4[56]|55|68|72)\)/,
    ours: /EINVAL/,
    why: "a text is no number",
  },
  {
    about: /get(U?[Ii]nt64|String)Option\((13|14|15|81)\)/,
    ours: /EINVAL/,
    why: "4 bytes are neither 8 nor a text",
  },
  { about: /get(Bool|U?[Ii]nt32)Option\(14\)/, ours: /EINVAL/, why: "there is no file descriptor" },
  {
    about: /set\w+Option\((33|5[1-36]|69|7[14]|9[34])\b/,
    native: /undefined/,
    ours: /EINVAL/,
    why: "a boolean is 0 or 1",
  },
  {
    about: /set\w+Option\(40\b/,
    native: /EINVAL/,
    ours: /undefined/,
    why: "verbosity's third value by number",
  },
  {
    about: /Publisher\.set\w+Option\((40|7[128])\b/,
    ours: /EINVAL/,
    why: "XPUB's options do nothing useful for PUB",
  },
  {
    about: /(Reply|Router|Stream)\.set\w+Option\((41|61|97)\b/,
    ours: /EINVAL/,
    why: "raw ROUTERs don't exist; connect() takes the name",
  },
  {
    about: /Option\((5[89]|60|89|9[5-9])\b/,
    ours: /EINVAL/,
    why: "drafts, and filters that Node can't have",
  },
  {
    about: /^Context\.set\w+Option\(7\b|^Context\.getInt32Option\(4\)/,
    ours: /EINVAL/,
    why: "no threads, no affinity",
  },
  { about: /^Context\.setInt32Option\((42|70)\b/, ours: /EINVAL/, why: "a boolean is 0 or 1" },
]

type Answers = Record<string, string>

async function ask(library: "native" | "ours"): Promise<Answers> {
  const script = compiled(new URL("option-questions.ts", import.meta.url))
  const file = join(await mkdtemp(join(tmpdir(), "options-")), "answers.json")
  const args = [script, library, CLASSES.join(), optionNames.join(), file]
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] })
  await once(child, "exit")
  try {
    return JSON.parse(await readFile(file, "utf8"))
  } finally {
    await rm(dirname(file), { recursive: true })
  }
}

describe("options next to the native package", () => {
  let native: Answers
  let ours: Answers
  beforeAll(async () => {
    native = await ask("native")
    ours = await ask("ours")
  })

  function differing(): string[] {
    return Object.keys({ ...native, ...ours }).filter(question => native[question] !== ours[question])
  }

  function explains({ about, native: theirs = /^/, ours: own = /^/ }: Difference, question: string): boolean {
    return about.test(question) && theirs.test(native[question] ?? "") && own.test(ours[question] ?? "")
  }

  it("answers the same, but for the differences on purpose", () => {
    const unexplained = differing().filter(question => !DIFFERENCES.some(row => explains(row, question)))
    const shown = unexplained.map(question => `${question}: ${native[question]} / ${ours[question]}`)
    expect(shown).toEqual([])
    expect(Object.keys(native).length).toBeGreaterThan(50_000)
  })

  it.each(DIFFERENCES)("$why: $about", row => {
    expect(differing().some(question => explains(row, question))).toBe(true)
  })
})
