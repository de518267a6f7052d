/** Finds the comments that break the rule for prose: see CONTRIBUTING.md. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import ts from "typescript"
import { ROOT } from "./structure.ts"

/** Words of the first sentence of a comment, at most. */
const LONGEST_SENTENCE = 20

/** A sentence that opens like this has no subject yet, so that it must be read twice. */
const BARE_OPENING = /^(What|Who|Whose|So many|Whether)\b/

/** Each comment of the file that breaks the rule, as `file:line sentence`. */
export function unreadableComments(file: string): string[] {
  return commentsOf(file).flatMap(({ line, text, isDoc }) => {
    const sentence = firstSentence(text)
    const isBare = BARE_OPENING.test(sentence)
    const isLong = isDoc && sentence.split(" ").length > LONGEST_SENTENCE
    return isBare || isLong ? [`${file}:${line} ${sentence}`] : []
  })
}

interface Comment {
  readonly line: number
  readonly text: string
  readonly isDoc: boolean
}

function commentsOf(file: string): Comment[] {
  const source = readFileSync(join(ROOT, file), "utf8")
  const found = new Map<number, Comment>()
  const note = (position: number, end: number) => {
    const text = source.slice(position, end)
    const line = source.slice(0, position).split("\n").length
    found.set(position, { line, text: plain(text), isDoc: text.startsWith("/**") })
  }
  const visit = (node: ts.Node): void => {
    for (const { pos, end } of ts.getLeadingCommentRanges(source, node.pos) ?? []) note(pos, end)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true))
  return [...found.values()]
}

/** The text without the marks of a comment, its links and its lines. */
function plain(comment: string): string {
  return comment
    .replace(/^\/\*\*?|\*\/$|^\/\/ ?/g, "")
    .replace(/\n\s*(\*|\/\/)? ?/g, " ")
    .replace(/^\s*@internal\s*/, "")
    .replace(/\{@link ([^}]+)\}/g, "$1")
    .replace(/\([^)]*\)/g, "")
    .replace(/\s+/g, " ")
    .trim()
}

function firstSentence(text: string): string {
  const [beforeTags = ""] = text.split(/(?:^| )@\w+/)
  return /^.*?[.:;?!](?=\s|$)/.exec(beforeTags)?.[0] ?? beforeTags
}
