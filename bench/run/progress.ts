/** What is going on, on the standard error output: one line redrawn on a terminal, else a line per step. */
export class Progress {
  readonly #out = process.stderr
  readonly #total: number
  #done = 0

  constructor(total: number) {
    this.#total = total
  }

  /** A step begins. */
  begin(step: string): void {
    this.#done++
    const line = `[${String(this.#done).padStart(String(this.#total).length)}/${this.#total}] ${step}`
    if (this.#out.isTTY) this.#out.write(`\r\x1b[2K${line.slice(0, (this.#out.columns || 80) - 1)}`)
    else this.#out.write(`${line}\n`)
  }

  end(): void {
    if (this.#out.isTTY) this.#out.write("\r\x1b[2K")
  }
}
