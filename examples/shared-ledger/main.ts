/** Entry point of the owner and of its workers. See README.md. */
import { isMainThread } from "node:worker_threads"
import { Reply, Request } from "zeromq-ts"
import { type Command, runCommand, UsageError } from "../command.ts"
import { ended, ownData, startWorker } from "../threads.ts"

const USAGE = `usage: shared-ledger [WORKERS [PAYMENTS]]   as many workers (4) make as many payments each (100)
for example: shared-ledger 8 1000`

const ACCOUNTS = 10
const OPENING_BALANCE = 100

interface Payment {
  readonly from: number
  readonly to: number
  readonly amount: number
}

/** The resource: nobody but its owner's thread ever touches it. */
class Ledger {
  readonly #balances: number[] = Array(ACCOUNTS).fill(OPENING_BALANCE)

  get total(): number {
    return this.#balances.reduce((sum, balance) => sum + balance, 0)
  }

  /** False when there is not enough on the account. */
  pay({ from, to, amount }: Payment): boolean {
    if (this.#balances[from]! < amount) return false
    this.#balances[from]! -= amount
    this.#balances[to]! += amount
    return true
  }
}

const main: Command = async (args, signal) => {
  const [count = 4, payments = 100] = args.map(Number)
  if (args.length > 2 || !(count > 0) || !(payments > 0)) throw new UsageError()
  const door = new Reply()
  signal.addEventListener("abort", () => door.close())
  await door.bind("inproc://ledger")
  const workers = Array.from({ length: count }, () => startWorker(import.meta.url, { payments }))
  // The workers end by themselves once they are done; then nobody asks any more.
  const done = Promise.all(workers.map(ended)).finally(() => door.close())

  const ledger = new Ledger()
  const answers = { paid: 0, refused: 0 }
  for await (const [request] of door) {
    const answer = ledger.pay(JSON.parse(String(request)) as Payment) ? "paid" : "refused"
    answers[answer]++
    await door.send(answer)
  }
  await done
  const { paid, refused } = answers
  console.log(`${paid + refused} payments, ${refused} refused; ${ledger.total} in all accounts`)
}

async function work(): Promise<void> {
  const { payments } = ownData<{ payments: number }>()
  const ledger = new Request()
  ledger.connect("inproc://ledger")
  for (let i = 0; i < payments; i++) {
    const payment: Payment = { from: below(ACCOUNTS), to: below(ACCOUNTS), amount: below(50) }
    await ledger.send(JSON.stringify(payment))
    await ledger.receive()
  }
}

function below(limit: number): number {
  return Math.floor(Math.random() * limit)
}

if (isMainThread) await runCommand("shared-ledger", USAGE, main)
else await work()
