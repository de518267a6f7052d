/** The README's tables, made from the tables of the code; `npm run docs` writes them. */
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { ERRNO_MESSAGES, PROTOCOL_CODES } from "../../src/errors.ts"
import type { OptionSpec } from "../../src/option-spec.ts"
import { optionNames, SOCKET_OPTIONS } from "../../src/options.ts"
import { SOCKET_TYPES } from "../../src/socket-types.ts"

export const README = fileURLToPath(new URL("../../README.md", import.meta.url))

/** Types that have a class by now. */
const CLASSES = [
  "PAIR",
  "PUB",
  "SUB",
  "REQ",
  "REP",
  "DEALER",
  "ROUTER",
  "PULL",
  "PUSH",
  "XPUB",
  "XSUB",
] as const

function socketsOf({ sockets }: OptionSpec): string {
  if (sockets.includes("ALL")) return "all"
  return CLASSES.filter(type => sockets.includes(type)).join(", ")
}

function defaultOf(spec: OptionSpec): string {
  const shown = spec.show === undefined ? spec.default : spec.show(spec.default)
  return `\`${String(shown)}\`${spec.unit === undefined ? "" : ` ${spec.unit}`}`
}

function effectOf({ inert, access, live }: OptionSpec): string {
  if (inert) return "never"
  if (access === "read") return "only read"
  return live ? "at once" : "next bind/connect"
}

function optionsTable(): string {
  const rows = optionNames.map(name => {
    const spec = SOCKET_OPTIONS[name] as OptionSpec
    return `| \`${name}\` | ${defaultOf(spec)} | ${socketsOf(spec)} | ${effectOf(spec)} | ${spec.libzmq} | ${spec.help} |`
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
  const rows = CLASSES.map(type => {
    const { peers, maxPipes, redials } = SOCKET_TYPES[type]
    const count = maxPipes === 1 ? "one" : "any number"
    return `| ${type} | ${peers.join(", ")} | ${count} | ${redials ? "yes" : "no"} |`
  })
  return ["| type | talks to | peers | reconnects |", "|---|---|---|---|", ...rows].join("\n")
}

const SECTIONS: Record<string, () => string> = {
  options: optionsTable,
  errors: errorsTable,
  types: typesTable,
}

/** The text with each `<!-- name -->…<!-- /name -->` section made anew. */
export function withTables(text: string): string {
  return Object.entries(SECTIONS).reduce((result, [name, table]) => {
    const section = new RegExp(`<!-- ${name} -->[\\s\\S]*?<!-- /${name} -->`)
    if (!section.test(result)) throw new Error(`the README has no section ${name}`)
    return result.replace(section, () => `<!-- ${name} -->\n${table()}\n<!-- /${name} -->`)
  }, text)
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(README, withTables(readFileSync(README, "utf8")))
