/** These rows are measured. A new kind of row is a file in this folder and a line here; its target is in report/targets.ts. */
import { curve } from "./curve.ts"
import { fanOut } from "./fan-out.ts"
import { idle } from "./idle.ts"
import { inproc } from "./inproc.ts"
import { matching } from "./matching.ts"
import { pushPull } from "./push-pull.ts"
import { reqRep } from "./req-rep.ts"
import { routerEcho } from "./router-echo.ts"
import type { Row } from "./row.ts"
import { startUp } from "./start-up.ts"
import { threads } from "./threads.ts"

export const ROWS: readonly Row[] = [
  ...pushPull,
  ...curve,
  ...reqRep,
  ...fanOut,
  ...matching,
  ...inproc,
  ...routerEcho,
  ...threads,
  ...idle,
  ...startUp,
]
