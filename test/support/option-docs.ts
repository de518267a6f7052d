/** The doc comments of the options' rows, read from their sources: the one text that there is of each option. */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import ts from "typescript"

/** One doc comment, taken apart. */
export interface OptionDoc {
  /** The text before the tags, in one line. */
  readonly text: string
  /** The text of `@defaultValue`: the value as code, its unit, and what else there is to say. */
  readonly defaultValue: string | undefined
  /** libzmq's name, from `@see`. */
  readonly libzmq: string | undefined
}

/** The files in src/options/rows that hold socket options. */
const SOCKET_ROWS = ["queues", "connections", "tcp", "ipc", "patterns", "read-only", "security", "inert"]

/** The doc comments of the socket options, by name. */
export function socketOptionDocs(): ReadonlyMap<string, OptionDoc> {
  return new Map(SOCKET_ROWS.flatMap(file => [...docsIn(file)]))
}

/** The doc comments of the context options, by name. */
export function contextOptionDocs(): ReadonlyMap<string, OptionDoc> {
  return docsIn("context")
}

function docsIn(file: string): ReadonlyMap<string, OptionDoc> {
  const path = fileURLToPath(new URL(`../../src/options/rows/${file}.ts`, import.meta.url))
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true)
  return new Map(
    exportedTables(source)
      .flatMap(rowsOf)
      .map(row => [row.name.getText(), docOf(row)]),
  )
}

function exportedTables(source: ts.SourceFile): ts.ObjectLiteralExpression[] {
  return source.statements
    .filter(ts.isVariableStatement)
    .filter(({ modifiers }) => modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword))
    .flatMap(({ declarationList }) => declarationList.declarations)
    .flatMap(({ initializer }) => {
      const table = initializer && ts.isAsExpression(initializer) ? initializer.expression : initializer
      return table && ts.isObjectLiteralExpression(table) ? [table] : []
    })
}

function rowsOf(table: ts.ObjectLiteralExpression): ts.PropertyAssignment[] {
  return table.properties.filter(ts.isPropertyAssignment)
}

function docOf(row: ts.PropertyAssignment): OptionDoc {
  const docs = ts.getJSDocCommentsAndTags(row).filter(ts.isJSDoc)
  const tags = docs.flatMap(({ tags }) => tags?.map(tag => inOneLine(tag.getText())) ?? [])
  const tag = (name: string) => tags.find(text => text.startsWith(`@${name} `))?.slice(name.length + 2)
  return {
    text: docs.map(({ comment }) => inOneLine(ts.getTextOfJSDocComment(comment) ?? "")).join(" "),
    defaultValue: tag("defaultValue"),
    libzmq: /^ZMQ_[A-Z0-9_]+/.exec(tag("see") ?? "")?.[0],
  }
}

/** (The text of a tag has the stars of its further lines.) */
function inOneLine(text: string): string {
  return text.replace(/\s*\n[\s*]*/g, " ").trim()
}
