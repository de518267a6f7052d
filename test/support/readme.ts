/** The tables of README.md and src/README.md, made from the tables of the code; `npm run docs` writes them. */
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { ERRNO_MESSAGES, PROTOCOL_CODES } from "../../src/base/errors.ts"
import { SOCKET_TYPES } from "../../src/base/socket-types.ts"
import type { OptionSpec } from "../../src/options/kinds/spec.ts"
import { CONTEXT_OPTIONS } from "../../src/options/rows/context.ts"
import { optionNames, optionSpec } from "../../src/options/table.ts"
import { CONTEXT_OPTION_TEXTS, type OptionText, SOCKET_OPTION_TEXTS } from "../../src/options/texts.ts"
import { rulesTable } from "./import-rules.ts"

export const README = fileURLToPath(new URL("../../README.md", import.meta.url))

const TYPES = Object.values(SOCKET_TYPES)

function socketsOf({ sockets }: OptionSpec): string {
  if (sockets.includes("ALL")) return "all"
  return TYPES.flatMap(({ name }) => (sockets.includes(name) ? [name] : [])).join(", ")
}

function defaultOf(spec: OptionSpec, { unit }: OptionText): string {
  const shown = shownDefault(spec)
  return shown === undefined ? "" : `\`${String(shown)}\`${unit === undefined ? "" : ` ${unit}`}`
}

/** Undefined for what isn't set, or can't be read. */
function shownDefault(spec: OptionSpec): unknown {
  if (spec.access === "read") return undefined
  try {
    return spec.show === undefined ? spec.default : spec.show(spec.default)
  } catch {
    return undefined
  }
}

function effectOf({ access, live }: OptionSpec, { inert }: OptionText): string {
  if (inert) return "never"
  if (access === "read") return "only read"
  return live ? "at once" : "next bind/connect"
}

function contextTable(): string {
  const rows = Object.entries(CONTEXT_OPTIONS).map(([key, row]) => {
    const name = key as keyof typeof CONTEXT_OPTIONS
    const spec = row as OptionSpec
    const text = CONTEXT_OPTION_TEXTS[name]
    const effect = text.inert || spec.access === "read" ? effectOf(spec, text) : "at once"
    return `| \`${name}\` | ${defaultOf(spec, text)} | ${effect} | ${text.libzmq} | ${text.help} |`
  })
  return ["| option | default | takes effect | libzmq | |", "|---|---|---|---|---|", ...rows].join("\n")
}

function optionsTable(): string {
  const rows = optionNames.map(name => {
    const spec = optionSpec(name)
    const text = SOCKET_OPTION_TEXTS[name]
    const columns = [defaultOf(spec, text), socketsOf(spec), effectOf(spec, text), text.libzmq, text.help]
    return `| \`${name}\` | ${columns.join(" | ")} |`
  })
  return [
    "| option | default | sockets | takes effect | libzmq | |",
    "|---|---|---|---|---|---|",
    ...rows,
  ].join("\n")
}

function errorsTable(): string {
  const rows = Object.entries({ ...ERRNO_MESSAGES, ...PROTOCOL_CODES }).map(
    ([code, text]) => `| \`${code}\` | ${text} |`,
  )
  return ["| code | message or meaning |", "|---|---|", ...rows].join("\n")
}

function typesTable(): string {
  const rows = TYPES.map(({ name, peers, maxPipes, redials }) => {
    const count = maxPipes === 1 ? "one" : "any number"
    const partners = peers.length === 0 ? "anything that speaks TCP" : peers.join(", ")
    return `| ${name} | ${partners} | ${count} | ${redials ? "yes" : "no"} |`
  })
  return ["| type | talks to | peers | reconnects |", "|---|---|---|---|", ...rows].join("\n")
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
