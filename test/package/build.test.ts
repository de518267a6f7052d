/** The files of the build: what they import, and that the CommonJS ones are the ES modules in another form. */
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import ts from "typescript"
import { describe, expect, it } from "vitest"

const dist = fileURLToPath(new URL("../../dist/", import.meta.url))
const scripts = readdirSync(dist).filter(name => /\.c?js$/.test(name))
const modules = scripts.filter(name => name.endsWith(".js"))

function nodesOf(name: string): ts.Node[] {
  const nodes: ts.Node[] = []
  const add = (node: ts.Node) => {
    nodes.push(node)
    ts.forEachChild(node, add)
  }
  add(ts.createSourceFile(name, readFileSync(dist + name, "utf8"), ts.ScriptTarget.ESNext))
  return nodes
}

/** What others would replace by calls of helpers. */
const MODERN: readonly ts.SyntaxKind[] = [
  ts.SyntaxKind.QuestionDotToken,
  ts.SyntaxKind.QuestionQuestionToken,
  ts.SyntaxKind.QuestionQuestionEqualsToken,
  ts.SyntaxKind.PrivateIdentifier,
  ts.SyntaxKind.PropertyDeclaration,
  ts.SyntaxKind.ClassStaticBlockDeclaration,
  ts.SyntaxKind.AwaitExpression,
  ts.SyntaxKind.YieldExpression,
]

function modernSyntax(name: string): Record<string, number> {
  const kinds = nodesOf(name).map(({ kind }) => kind)
  return Object.fromEntries(
    MODERN.map(kind => [ts.SyntaxKind[kind], kinds.filter(other => other === kind).length]),
  )
}

function importsOf(name: string): string[] {
  return nodesOf(name).flatMap(node => {
    const from = ts.isCallExpression(node)
      ? requiredBy(node)
      : (node as Partial<ts.ImportDeclaration>).moduleSpecifier
    return from !== undefined && ts.isStringLiteral(from) ? [from.text] : []
  })
}

/** A file may import these packages: those of the codec, and those that encrypt for CURVE. */
function packagesOf(name: string): string[] {
  if (name.startsWith("msgpack.")) return ["msgpackr/index-no-eval"]
  if (name.startsWith("curve-mechanism-"))
    return ["@noble/ciphers/salsa.js", "libsodium-sumo", "sodium-native"]
  return []
}

function requiredBy({ expression, arguments: [name] }: ts.CallExpression): ts.Expression | undefined {
  const isLate = expression.kind === ts.SyntaxKind.ImportKeyword
  return isLate || (ts.isIdentifier(expression) && expression.text === "require") ? name : undefined
}

describe("the build", () => {
  it("has a CommonJS file and declarations of each kind beside each ES module", () => {
    const files = readdirSync(dist)
    expect(modules).toContain("index.js")
    expect(scripts.filter(name => name.endsWith(".cjs"))).toEqual(
      modules.map(name => name.replace(/js$/, "cjs")),
    )
    const declarations = files.filter(name => name.endsWith(".d.ts"))
    expect(files.filter(name => name.endsWith(".d.cts"))).toEqual(
      declarations.map(name => name.replace(/ts$/, "cts")),
    )
  })

  it.each(modules)("lowers nothing of %s for CommonJS", name => {
    expect(modernSyntax(name.replace(/js$/, "cjs"))).toEqual(modernSyntax(name))
  })

  it.each(scripts)(
    "imports into %s only its own kind of file, and Node's modules by their full names",
    name => {
      const ending = name.endsWith(".cjs") ? ".cjs" : ".js"
      const strange = importsOf(name).filter(
        from => !(from.startsWith("./") && from.endsWith(ending)) && !from.startsWith("node:"),
      )
      expect(new Set(strange)).toEqual(new Set(packagesOf(name)))
    },
  )
})
