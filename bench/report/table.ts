export interface Column {
  readonly title: string
  readonly align: "left" | "right"
}

export type Style = "text" | "markdown"

export const left = (title: string): Column => ({ title, align: "left" })
export const right = (title: string): Column => ({ title, align: "right" })

/** As aligned text, or as Markdown. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: Style,
): string {
  const titles = columns.map(column => column.title)
  return style === "text" ? aligned(columns, [titles, ...rows]) : markdown(columns, titles, rows)
}

function aligned(columns: readonly Column[], lines: readonly (readonly string[])[]): string {
  const widths = columns.map((_, i) => Math.max(...lines.map(line => line[i]!.length)))
  const pad = (cell: string, i: number) =>
    columns[i]!.align === "left" ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)
  return lines.map(line => line.map(pad).join("  ").trimEnd()).join("\n")
}

function markdown(
  columns: readonly Column[],
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`
  const rule = columns.map(({ align }) => (align === "left" ? "---" : "---:"))
  return [line(titles), `|${rule.join("|")}|`, ...rows.map(line)].join("\n")
}

/** Three digits that matter, as in "1.23 M", "456 k", "789". */
export function short(value: number): string {
  if (value >= 999_500) return `${digits(value / 1e6)} M`
  if (value >= 9_995) return `${digits(value / 1e3)} k`
  return digits(value)
}

export function digits(value: number): string {
  if (value >= 100) return value.toFixed(0)
  return value.toFixed(value >= 10 ? 1 : 2)
}
