/** `npm run bench:micro [SUBSTRING]`: the hot functions by themselves. For comparing two states of the code. */
import { codecs } from "./codecs.ts"
import { framing } from "./framing.ts"
import { checksum, measure } from "./harness.ts"
import { hops } from "./hops.ts"
import { queues } from "./queues.ts"

const part = process.argv[2] ?? ""
const subjects = [...framing, ...queues, ...hops, ...codecs].filter(({ name }) => name.includes(part))
for (const subject of subjects) process.stdout.write(`${await measure(subject)}\n`)
if (subjects.length === 0 || Number.isNaN(checksum())) {
  process.stderr.write(`no subject's name contains "${part}"\n`)
  process.exitCode = 2
}
