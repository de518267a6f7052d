/** The table of socket types is the only place that tells one type from another. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import ts from "typescript"
import { describe, expect, it } from "vitest"
import { SOCKET_TYPES, type SocketType } from "../../../src/base/socket-types.ts"
import { ROOT, readImports } from "../../support/structure.ts"

const all: readonly SocketType[] = Object.values(SOCKET_TYPES)
const names: ReadonlySet<string> = new Set(all.map(({ name }) => name))

describe("the table of socket types", () => {
  it("has libzmq's numbers", () => {
    const names = [
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
      "STREAM",
    ]
    expect(all.map(({ name, id }) => [id, name]).sort(([a], [b]) => Number(a) - Number(b))).toEqual(
      names.map((name, id) => [id, name]),
    )
  })

  it("who may talk to whom is mutual", () => {
    for (const { name, peers } of all)
      for (const peer of peers) expect(all.find(({ name }) => name === peer)?.peers).toContain(name)
  })

  it("publishers are the types with whom a type talks that only receives topics", () => {
    const publishers = all.filter(({ publishes }) => publishes).map(({ name }) => name)
    expect(publishers).toEqual(SOCKET_TYPES.SUB.peers)
  })

  it("PAIR alone has one peer and doesn't redial (design.md 5)", () => {
    expect(all.filter(({ maxPipes, redials }) => maxPipes !== Number.POSITIVE_INFINITY || !redials)).toEqual([
      SOCKET_TYPES.PAIR,
    ])
    expect(SOCKET_TYPES.PAIR).toMatchObject({ maxPipes: 1, redials: false })
  })
})

/** The places of a file that name a socket type, other than in a comment or as the argument of a type. */
function namedTypes(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    const named = nameOf(node)
    if (named !== undefined && names.has(named) && !isRow(node)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart())
      found.push(`${file}:${line + 1}: ${node.parent.getText().slice(0, 80)}`)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found

  /** An option's row lists the types that have it, and each class names the row that is its own: these are no questions. */
  function isRow({ parent }: ts.Node): boolean {
    if (file.startsWith("src/options/rows/")) return ts.isArrayLiteralExpression(parent)
    return (
      file === "src/sockets.ts" && ts.isCallExpression(parent) && parent.expression.getText() === "kindOf"
    )
  }
}

function nameOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node) && !ts.isLiteralTypeNode(node.parent)) return node.text
  if (ts.isPropertyAccessExpression(node)) return node.name.text
  return undefined
}

describe("no other file asks which type a socket is", () => {
  const files = [...readImports().keys()].filter(file => file !== "src/base/socket-types.ts")

  it.each(files)("%s", file => {
    const found = namedTypes(file, readFileSync(join(ROOT, file), "utf8"))
    expect(found).toEqual([])
  })

  it("would see a comparison, a case, a set and a look into the table", () => {
    const questions = [
      'if (type !== "REP") return',
      'switch (type) { case "XPUB": }',
      'new Set(["REQ"])',
      "type === SOCKET_TYPES.PUSH",
      'options["PULL"]',
    ]
    for (const question of questions) expect(namedTypes("src/a.ts", question), question).toHaveLength(1)
    expect(namedTypes("src/a.ts", 'let a: Options<"PAIR"> // "PAIR"')).toEqual([])
  })
})
