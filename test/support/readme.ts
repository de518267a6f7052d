/** The tables of README.md and src/README.md, made from the tables of the code; `npm run docs` writes them. */
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { ERRNO_MESSAGES } from "../../src/base/errors.ts"
import { PROTOCOL_CODES } from "../../src/base/protocol-codes.ts"
import { SOCKET_TYPES } from "../../src/base/socket-types.ts"
import { type OptionSpec, reaches } from "../../src/options/kinds/spec.ts"
import { CONTEXT_OPTIONS } from "../../src/options/rows/context.ts"
import { RECEIVERS, SENDERS } from "../../src/options/rows/socket-groups.ts"
import { optionNames, optionSpec } from "../../src/options/table.ts"
import { rulesTable } from "./import-rules.ts"
import { contextOptionDocs, type OptionDoc, socketOptionDocs } from "./option-docs.ts"

export const README = fileURLToPath(new URL("../../README.md", import.meta.url))

const TYPES = Object.values(SOCKET_TYPES)

function socketsOf({ sockets }: OptionSpec): string {
  if (sockets.includes("ALL")) return "all"
  if (sockets === SENDERS) return "all that send"
  if (sockets === RECEIVERS) return "all that receive"
  return TYPES.flatMap(type => (reaches(sockets, type) ? [type.name] : [])).join(", ")
}

/** The doc comment says so of the options that are only there for the sake of programs that name them. */
const WITHOUT_EFFECT = /no effect in JavaScript|not supported/

function effectOf({ access, live }: Pick<OptionSpec, "access" | "live">, { text }: OptionDoc): string {
  if (WITHOUT_EFFECT.test(text)) return "never"
  if (access === "read") return "only read"
  return live ? "at once" : "next bind/connect"
}

function contextTable(): string {
  const docs = contextOptionDocs()
  return table(
    ["option", "meaning", "default", "takes effect", "libzmq"],
    Object.entries(CONTEXT_OPTIONS).map(([name, row]) => {
      const doc = docFor(name, docs)
      // All of them are looked at when a socket is made.
      return [
        `\`${name}\``,
        doc.text,
        doc.defaultValue,
        effectOf({ access: row.access, live: true }, doc),
        doc.libzmq,
      ]
    }),
  )
}

function optionsTable(): string {
  const docs = socketOptionDocs()
  return table(
    ["option", "meaning", "default", "sockets", "takes effect", "libzmq"],
    optionNames.map(name => {
      const spec = optionSpec(name)
      const doc = docFor(name, docs)
      const { text, defaultValue, libzmq } = doc
      return [`\`${name}\``, text, defaultValue, socketsOf(spec), effectOf(spec, doc), libzmq]
    }),
  )
}

function docFor(name: string, docs: ReadonlyMap<string, OptionDoc>): OptionDoc {
  const doc = docs.get(name)
  if (doc === undefined) throw new Error(`the option ${name} has no row with a doc comment`)
  return doc
}

function table(titles: readonly string[], rows: readonly (readonly (string | undefined)[])[]): string {
  const line = (cells: readonly (string | undefined)[]) => `| ${cells.map(cell => cell ?? "").join(" | ")} |`
  return [line(titles), `|${"---|".repeat(titles.length)}`, ...rows.map(line)].join("\n")
}

function errorsTable(): string {
  const rows = Object.entries({ ...ERRNO_MESSAGES, ...PROTOCOL_CODES })
  return table(
    ["code", "message or meaning"],
    rows.map(([code, text]) => [`\`${code}\``, text]),
  )
}

function typesTable(): string {
  return table(
    ["type", "talks to", "peers", "reconnects"],
    TYPES.map(({ name, peers, maxPipes, redials }) => [
      name,
      peers.length === 0 ? "anything that speaks TCP" : peers.join(", "),
      maxPipes === 1 ? "one" : "any number",
      redials ? "yes" : "no",
    ]),
  )
}

const SECTIONS: Readonly<Record<string, () => string>> = {
  options: optionsTable,
  "context options": contextTable,
  errors: errorsTable,
  types: typesTable,
}

/** The sections of each document. */
const DOCUMENTS: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  "README.md": SECTIONS,
  "src/README.md": { rules: rulesTable },
}

/** The text with each `<!-- name -->…<!-- /name -->` section made anew. */
export function withTables(text: string, sections = SECTIONS): string {
  return Object.entries(sections).reduce((result, [name, table]) => {
    const section = new RegExp(`<!-- ${name} -->[\\s\\S]*?<!-- /${name} -->`)
    if (!section.test(result)) throw new Error(`the document has no section ${name}`)
    return result.replace(section, () => `<!-- ${name} -->\n${table()}\n<!-- /${name} -->`)
  }, text)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, sections] of Object.entries(DOCUMENTS)) {
    const path = fileURLToPath(new URL(`../../${name}`, import.meta.url))
    writeFileSync(path, withTables(readFileSync(path, "utf8"), sections))
  }
}
