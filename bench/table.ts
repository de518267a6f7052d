export interface Column {
  readonly title: string
  readonly align: "left" | "right"
}

export const left = (title: string): Column => ({ title, align: "left" })
export const right = (title: string): Column => ({ title, align: "right" })

/** As aligned text, or as Markdown that is aligned too. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  markdown: boolean,
): string {
  const titles = columns.map(column => column.title)
  const widths = columns.map((_, i) => Math.max(...[titles, ...rows].map(row => row[i]!.length)))
  const line = (cells: readonly string[]) => {
    const padded = cells.map((cell, i) => pad(cell, widths[i]!, columns[i]!))
    return markdown ? `| ${padded.join(" | ")} |` : padded.join("  ").trimEnd()
  }
  return [line(titles), ...(markdown ? [rule(columns, widths)] : []), ...rows.map(line)].join("\n")
}

function pad(cell: string, width: number, { align }: Column): string {
  return align === "left" ? cell.padEnd(width) : cell.padStart(width)
}

function rule(columns: readonly Column[], widths: readonly number[]): string {
  const cells = columns.map(({ align }, i) => {
    const dashes = "-".repeat(widths[i]! + 1)
    return align === "left" ? `${dashes}-` : `${dashes}:`
  })
  return `|${cells.join("|")}|`
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
