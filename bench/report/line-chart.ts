/** A line chart as SVG: one place per label from left to right, a logarithmic scale upwards. */
import { short } from "./table.ts"

export interface Series {
  readonly name: string
  readonly colour: string
  /** One per label; undefined where nothing was measured. */
  readonly values: readonly (number | undefined)[]
}

export interface Chart {
  readonly title: string
  readonly labels: readonly string[]
  /** Behind the numbers of the scale. */
  readonly unit: string
  readonly series: readonly Series[]
}

const WIDTH = 720
const HEIGHT = 400
const AREA = { left: 80, right: WIDTH - 210, top: 50, bottom: HEIGHT - 40 }
const LEGEND = { x: AREA.right + 20, y: AREA.top + 10, step: 22 }

export function lineChart({ title, labels, unit, series }: Chart): string {
  const values = series.flatMap(one => one.values.filter(value => value !== undefined))
  const ticks = ticksFor(Math.min(...values), Math.max(...values))
  const [lowest, highest] = [Math.log(ticks[0]!), Math.log(ticks.at(-1)!)]
  const x = (i: number) => AREA.left + ((i + 0.5) * (AREA.right - AREA.left)) / labels.length
  const y = (value: number) =>
    AREA.bottom - ((Math.log(value) - lowest) / (highest - lowest)) * (AREA.bottom - AREA.top)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<title>${title}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(AREA.left, 26, title, "start", 15),
    ...ticks.map(
      tick =>
        `<path d="M${AREA.left} ${round(y(tick))}H${AREA.right}" stroke="#ddd"/>` +
        text(AREA.left - 8, y(tick) + 4, `${short(tick)}${unit}`, "end"),
    ),
    ...labels.map((label, i) => text(x(i), AREA.bottom + 20, label, "middle")),
    ...series.map(one => line(one, x, y)),
    ...series.map(({ name, colour }, i) => {
      const at = LEGEND.y + i * LEGEND.step
      const dash = `<path d="M${LEGEND.x} ${at}h18" stroke="${colour}" stroke-width="3"/>`
      return dash + text(LEGEND.x + 24, at + 4, name, "start")
    }),
    "</svg>\n",
  ].join("\n")
}

/** 1, 2 and 5 times powers of ten (1 alone when there are many), from below the lowest to above the highest value. */
function ticksFor(min: number, max: number): number[] {
  const steps = max / min > 300 ? [1] : [1, 2, 5]
  const all: number[] = []
  for (let power = Math.floor(Math.log10(min)); power <= Math.ceil(Math.log10(max)); power++)
    for (const step of steps) all.push(step * 10 ** power)
  const first = all.findLastIndex(tick => tick <= min)
  const last = all.findIndex(tick => tick >= max)
  return all.slice(first, Math.max(last, first + 1) + 1)
}

function line(
  { colour, values, name }: Series,
  x: (i: number) => number,
  y: (value: number) => number,
): string {
  const points = values.flatMap((value, i) =>
    value === undefined ? [] : [{ x: round(x(i)), y: round(y(value)), value }],
  )
  const path = points.map((point, i) => `${i === 0 ? "M" : "L"}${point.x} ${point.y}`).join("")
  const dots = points.map(
    point =>
      `<circle cx="${point.x}" cy="${point.y}" r="4" fill="${colour}"><title>${name}: ${short(point.value)}</title></circle>`,
  )
  return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join("")}`
}

function text(
  x: number,
  y: number,
  content: string,
  anchor: "start" | "middle" | "end",
  size?: number,
): string {
  const big = size === undefined ? "" : ` font-size="${size}"`
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="#222"${big}>${content}</text>`
}

const round = (value: number) => Math.round(value * 10) / 10
