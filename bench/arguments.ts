import { parseArgs } from "node:util"

export const USAGE = `Usage: npm run bench -- [options]

  --quick           short runs, three of each: under two minutes in all
  --runs N          runs of each row on each library (default 5, with --quick 3)
  --only SUBSTRING  only the rows whose name contains it, such as "tcp 64 B" or "req-rep"; may be repeated
  --markdown        prints the tables as Markdown
  --json FILE       writes the raw figures of every run
  --profile DIR     leaves a CPU profile of every process there (the figures suffer)
  --help
`

export interface Arguments {
  readonly quick: boolean
  readonly runs: number
  readonly only: readonly string[]
  readonly markdown: boolean
  readonly json: string | undefined
  readonly profile: string | undefined
  readonly help: boolean
}

/** Throws an error whose message is for the user. */
export function parseArguments(args: string[]): Arguments {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: "boolean", default: false },
      runs: { type: "string" },
      only: { type: "string", multiple: true, default: [] },
      markdown: { type: "boolean", default: false },
      json: { type: "string" },
      profile: { type: "string" },
      help: { type: "boolean", default: false },
    },
  })
  const { quick, only, markdown, json, profile, help } = values
  return { quick, runs: parseRuns(values.runs, quick ? 3 : 5), only, markdown, json, profile, help }
}

function parseRuns(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new Error(`--runs takes a number from 1 on, not ${text}`)
  return Number(text)
}
