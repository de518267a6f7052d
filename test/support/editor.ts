/**
 * An editor's view of a program that uses the built package: what hovering and completion show.
 * `node --import tsx test/support/editor.ts` prints the hover texts of some options.
 */
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"
import { CONSUMER } from "./declarations.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
// Inside the project, so that the package finds itself by its name.
const file = join(root, "test/package/program.ts")

/** The marks in a program: `|` stands before the name that the cursor is on. */
function cursors(program: string): { code: string; positions: number[] } {
  const parts = program.split("|")
  const ends = parts.map((_, index) => parts.slice(0, index + 1).join("").length)
  return { code: parts.join(""), positions: ends.slice(0, -1) }
}

function serviceFor(code: string): ts.LanguageService {
  return ts.createLanguageService({
    getScriptFileNames: () => [file],
    getScriptVersion: () => "1",
    getScriptSnapshot: name => {
      const text = name === file ? code : ts.sys.readFile(name)
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
    },
    getCurrentDirectory: () => root,
    getCompilationSettings: () => CONSUMER,
    getDefaultLibFileName: options => ts.getDefaultLibFilePath(options),
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  })
}

/** Returns what an editor shows for each marked name: the type, the text, and the tags, each in lines of its own. */
export function hover(program: string): string[] {
  const { code, positions } = cursors(program)
  const service = serviceFor(code)
  return positions.map(position => {
    const info = service.getQuickInfoAtPosition(file, position)
    if (info === undefined) return ""
    const tags = info.tags?.map(({ name, text }) => `@${name} ${ts.displayPartsToString(text)}`) ?? []
    const texts = [ts.displayPartsToString(info.displayParts), ts.displayPartsToString(info.documentation)]
    return [...texts, ...tags].filter(text => text !== "").join("\n")
  })
}

/** The names that an editor offers at the marked place. */
export function completions(program: string): string[] {
  const { code, positions } = cursors(program)
  const found = serviceFor(code).getCompletionsAtPosition(file, positions[0] ?? 0, {})
  return found?.entries.map(({ name }) => name) ?? []
}

/** Ten options, in the places where users meet them. */
export const TEN_OPTIONS = `
import { Context, Dealer, Push, Router, type SocketOptions, Subscriber, XPublisher } from "zeromq-ts"
const push = new Push({ |sendHighWaterMark: 5 })
push.|linger = 0
const options: SocketOptions<Dealer> = { |routingId: "worker-1", |context: new Context({ |maxSockets: 10 }) }
const dealer = new Dealer(options)
dealer.|receiveTimeout = 1000
new Router({ |mandatory: true })
new XPublisher({ |verbosity: "allSubs" })
new Subscriber().|tcpAcceptFilter
push.|affinity
`

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const text of hover(TEN_OPTIONS)) console.log(`${text}\n`)
}
