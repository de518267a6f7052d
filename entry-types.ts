/**
 * The last step of the build: adds the default export of src/entries/index.ts to the declarations of src/index.ts. If it were
 * bundled with them it would name types as if they were values, which fails in programs without skipLibCheck.
 */
import { appendFileSync } from "node:fs"

appendFileSync("dist/index.d.ts", 'export * as default from "./index.js"\n')
appendFileSync("dist/index.d.cts", 'export * as default from "./index.cjs"\n')
