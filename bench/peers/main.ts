/**
 * One process of a run: `main.js ROLE PACKAGE PARAMETERS`. The same code for all packages, and nothing but their public
 * surface. Any error ends the process with a stack trace, and with it the bench.
 */
import { writeSync } from "node:fs"
import { createInterface } from "node:readline"
import { curveRoles } from "./curve.ts"
import { fanOutRoles } from "./fan-out.ts"
import { idleRoles } from "./idle.ts"
import { inprocRoles } from "./inproc.ts"
import { matchingRoles } from "./matching.ts"
import { netRoles } from "./net.ts"
import { pushPullRoles } from "./push-pull.ts"
import { reqRepRoles } from "./req-rep.ts"
import type { Package, Parameters, Role } from "./role.ts"
import { routerRoles } from "./router.ts"
import { threadRoles } from "./threads.ts"

const ROLES: Readonly<Record<string, Role>> = {
  ...pushPullRoles,
  ...reqRepRoles,
  ...fanOutRoles,
  ...curveRoles,
  ...matchingRoles,
  ...inprocRoles,
  ...routerRoles,
  ...idleRoles,
  ...netRoles,
  ...threadRoles,
}

const [roleName = "", packageName = "", parameters = "{}"] = process.argv.slice(2)
const role = ROLES[roleName]
if (role === undefined) throw new Error(`there is no role ${roleName}`)
const loaded = packageName === "none" ? {} : await import(packageName)
const orders = role(loaded as Package, { curve: "", ...JSON.parse(parameters) } as Parameters)

const tell = (answer: unknown) => writeSync(1, `${JSON.stringify(answer ?? null)}\n`)
createInterface({ input: process.stdin })
  .on("line", async line => {
    const at = line.indexOf(" ")
    const order = orders[line.slice(0, at)]
    if (order === undefined) throw new Error(`${roleName} knows no order "${line}"`)
    tell(await order(line.slice(at + 1)))
  })
  // The bench is over, or is no more.
  .on("close", () => process.exit())
tell("ready")
