/**
 * The last step of the build, after tsup: the default export, and a CommonJS file beside each ES module.
 *
 * The CommonJS files are the ES modules, line by line, with other words for `import` and `export`. The ways of tsup and
 * esbuild are slower for small messages, because the one rewrites `?.`, `??` and the fields of classes, and the other
 * asks a getter for each name of another file.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import ts from "typescript"

const DIST = "dist"

const files = readdirSync(DIST)

addDefaultExport()
writeDeclarations(files.filter(name => name.endsWith(".d.ts")))
for (const name of files.filter(file => file.endsWith(".js"))) {
  const text = readFileSync(`${DIST}/${name}`, "utf8")
  writeFileSync(`${DIST}/${name.replace(/js$/, "cjs")}`, toCommonJS(name, text))
}

/**
 * Adds the default export of src/entries/index.ts to what was made of src/index.ts: the module itself. If it were bundled
 * it would be an object with all names in it, so that a program's bundler could drop none of them; and in the declarations
 * it would name types as if they were values, which fails in programs without skipLibCheck.
 */
function addDefaultExport(): void {
  for (const name of ["index.d.ts", "index.js"]) {
    const text = readFileSync(`${DIST}/${name}`, "utf8")
    // The line that names the source map is the last one.
    const [, code, end = ""] = /^(.*?)\n?(\/\/# sourceMappingURL=.*)?\s*$/s.exec(text) ?? []
    writeFileSync(`${DIST}/${name}`, `${code}\nexport * as default from "./index.js"\n${end}\n`)
  }
}

function writeDeclarations(names: readonly string[]): void {
  for (const name of names) {
    const text = readFileSync(`${DIST}/${name}`, "utf8")
    const twin = text.replace(/(["'])(\.\/[^"']*)\.js\1/g, "$1$2.cjs$1")
    writeFileSync(`${DIST}/${name.replace(/\.ts$/, ".cts")}`, twin)
  }
}

/** The same lines, so that the source map holds for both. */
function toCommonJS(name: string, text: string): string {
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true)
  checkExports(file)
  let result = '"use strict"; Object.defineProperty(exports, "__esModule", { value: true }); '
  let at = 0
  const visit = (node: ts.Node): void => {
    const replacement = inCommonJS(node)
    if (replacement === undefined) {
      ts.forEachChild(node, visit)
      return
    }
    const start = node.getStart()
    const lines = text.slice(start, node.end).split("\n").length - 1
    result += text.slice(at, start) + replacement + "\n".repeat(lines)
    at = node.end
  }
  visit(file)
  return result + text.slice(at)
}

/** Returns other words for an import or export; undefined for what both kinds of files have alike. */
function inCommonJS(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node)) return requireFor(node)
  if (ts.isExportDeclaration(node)) return assignmentsFor(node)
  return ts.isCallExpression(node) ? lateRequireFor(node) : undefined
}

function requireFor({ importClause, moduleSpecifier }: ts.ImportDeclaration): string {
  const required = requireOf(moduleSpecifier)
  if (importClause === undefined) return `${required};`
  const { name, namedBindings } = importClause
  if (name !== undefined) {
    if (namedBindings !== undefined || !required.startsWith('require("node:'))
      throw new Error(`no default import in ${required}`)
    return `const ${name.text} = ${required};`
  }
  return `const ${patternFor(namedBindings!)} = ${required};`
}

/** A file of our own that is imported late must be a CommonJS file too, or there would be two copies of the library. */
function lateRequireFor({ expression, arguments: [from] }: ts.CallExpression): string | undefined {
  if (expression.kind !== ts.SyntaxKind.ImportKeyword || from === undefined) return undefined
  if (!ts.isStringLiteral(from)) throw new Error("no import of a name that isn't known yet")
  // Packages may consist of ES modules alone.
  return from.text.startsWith("./") ? `Promise.resolve().then(() => ${requireOf(from)})` : undefined
}

function requireOf(from: ts.Expression): string {
  return `require(${JSON.stringify((from as ts.StringLiteral).text.replace(/^(\.\/.*)\.js$/, "$1.cjs"))})`
}

function patternFor(bindings: ts.NamedImportBindings): string {
  if (ts.isNamespaceImport(bindings)) return bindings.name.text
  const names = bindings.elements.map(({ name, propertyName }) =>
    propertyName === undefined ? name.text : `${propertyName.text}: ${name.text}`,
  )
  return `{ ${names.join(", ")} }`
}

function assignmentsFor({ exportClause, moduleSpecifier }: ts.ExportDeclaration): string {
  if (exportClause === undefined) throw new Error("no export of all names")
  // The module itself, see addDefaultExport().
  if (moduleSpecifier !== undefined) return "exports.default = exports;"
  if (ts.isNamespaceExport(exportClause)) throw new Error("no export of a namespace")
  const names = exportClause.elements.map(
    ({ name, propertyName = name }) => `exports.${name.text} = ${propertyName.text};`,
  )
  return names.join(" ")
}

/** Who requires a file gets the values of its exports once: none may change when the file has run. */
function checkExports(file: ts.SourceFile): void {
  const exported = new Set(
    file.statements.filter(ts.isExportDeclaration).flatMap(({ exportClause }) => {
      if (exportClause === undefined || ts.isNamespaceExport(exportClause)) return []
      return exportClause.elements.map(({ name, propertyName = name }) => propertyName.text)
    }),
  )
  const visit = (node: ts.Node, isLater: boolean): void => {
    const target = isLater ? assignedBy(node) : undefined
    if (target !== undefined && exported.has(target)) throw new Error(`the export ${target} changes`)
    ts.forEachChild(node, child => visit(child, isLater || ts.isFunctionLike(node)))
  }
  visit(file, false)
}

/** The name of the variable that the expression assigns to. */
function assignedBy(node: ts.Node): string | undefined {
  const target = isAssignment(node) ? node.left : isStep(node) ? node.operand : undefined
  return target !== undefined && ts.isIdentifier(target) ? target.text : undefined
}

function isAssignment(node: ts.Node): node is ts.BinaryExpression {
  const { FirstAssignment, LastAssignment } = ts.SyntaxKind
  if (!ts.isBinaryExpression(node)) return false
  const { kind } = node.operatorToken
  return kind >= FirstAssignment && kind <= LastAssignment
}

function isStep(node: ts.Node): node is ts.PrefixUnaryExpression | ts.PostfixUnaryExpression {
  if (!ts.isPrefixUnaryExpression(node) && !ts.isPostfixUnaryExpression(node)) return false
  const { PlusPlusToken, MinusMinusToken } = ts.SyntaxKind
  return node.operator === PlusPlusToken || node.operator === MinusMinusToken
}
