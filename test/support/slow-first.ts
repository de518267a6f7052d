import { BaseSequencer, type TestSpecification } from "vitest/node"

/** The folders with the slowest files come first, so that no core is idle while the last ones run. */
const ORDER = ["threads", "interop", "examples", "native", "hostile", "behaviour", "package"]

/** Begins with the files that start processes and threads, and ends with the unit tests. */
export default class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}

function rank({ moduleId }: TestSpecification): number {
  const place = ORDER.findIndex(folder => moduleId.includes(`/test/${folder}/`))
  return place < 0 ? ORDER.length : place
}
