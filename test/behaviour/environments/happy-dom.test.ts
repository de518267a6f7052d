// @vitest-environment happy-dom
import { expect, it } from "vitest"
import * as library from "../../../src/index.ts"
import { describeEverydayUse } from "../../support/everyday-use.ts"

it("is a place with a document", () => {
  expect((globalThis as { document?: object }).document).toBeDefined()
})

describeEverydayUse(async () => library)
