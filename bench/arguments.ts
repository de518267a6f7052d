import { parseArgs } from "node:util"

export const USAGE = `Usage: npm run bench -- [options]

  --quick           one short run of each: under two minutes in all, for a first impression
  --runs N          runs of each row by each contender (default 5, with --quick 1)
  --only SUBSTRING  only the rows whose name contains it, such as "tcp 64 B" or "req-rep"; may be repeated
  --contender NAME  only this one (ours, ours-try, ours-cjs, ours-sodium-native, ours-noble, native,
                    libzmq, net, port); may be repeated
  --details         prints every figure, not only the targets
  --markdown        prints the tables as Markdown
  --json FILE       writes every run to a file
  --from FILE       measures nothing, but reports what such a file says; of several, the later ones win
  --charts DIR      draws the charts there (default bench/results after a whole, not quick, run)
  --profile DIR     leaves a CPU profile of every process of Node there (the figures suffer)
  --help
`

export interface Arguments {
  readonly quick: boolean
  readonly runs: number
  readonly only: readonly string[]
  readonly contenders: readonly string[]
  readonly details: boolean
  readonly markdown: boolean
  readonly json: string | undefined
  readonly from: readonly string[]
  readonly charts: string | undefined
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
      contender: { type: "string", multiple: true, default: [] },
      details: { type: "boolean", default: false },
      markdown: { type: "boolean", default: false },
      json: { type: "string" },
      from: { type: "string", multiple: true, default: [] },
      charts: { type: "string" },
      profile: { type: "string" },
      help: { type: "boolean", default: false },
    },
  })
  const { contender: contenders, json, charts, profile, ...rest } = values
  return { ...rest, contenders, json, charts, profile, runs: parseRuns(values.runs, rest.quick ? 1 : 5) }
}

function parseRuns(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new Error(`--runs takes a number from 1 on, not ${text}`)
  return Number(text)
}
