/** Binds paths of ipc in all ways, and ends: `exit-bound.ts exit|throw|natural ENDPOINT`. */
import { Pull } from "../../src/index.ts"

const [way, endpoint] = process.argv.slice(2)
for (const address of [endpoint, "ipc://*"]) {
  const [one, other] = [new Pull(), new Pull()]
  await one.bind(address as string)
  other.bindSync(address === endpoint ? `${endpoint}-` : (address as string))
  for (const { lastEndpoint } of [one, other]) process.stdout.write(`${lastEndpoint}\n`)
}
if (way === "exit") process.exit()
if (way === "throw") throw new Error("on purpose")
