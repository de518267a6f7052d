/** What workers of the tests do by themselves: `workerData.role` says which. */
import { parentPort, workerData } from "node:worker_threads"
import { Dealer, Pull, Push } from "../../src/index.ts"

const ROLES = {
  /** Says hello, and is done. */
  async sayHello({ endpoint }: { endpoint: string }) {
    const push = new Push()
    push.connect(endpoint)
    await push.send("hello")
  },

  /** Sends numbered messages, takes what there is to take, and echoes under a name that others want too. */
  async churn({ life, name }: { life: number; name: number }) {
    const push = new Push()
    push.connect("inproc://churn-up")
    const pull = new Pull()
    pull.connect("inproc://churn-down")
    const dealer = new Dealer()
    await dealer.bind(`inproc://churn-${name}`).catch(error => {
      if (error.code !== "EADDRINUSE") throw error
    })
    parentPort?.postMessage("at work")
    const receive = async () => {
      for await (const _ of pull);
    }
    const echo = async () => {
      for await (const message of dealer) await dealer.send(message)
    }
    const send = async () => {
      for (let n = 0; ; n++) await push.send([`${life}`, `${n}`])
    }
    await Promise.all([receive(), echo(), send()])
  },
}

const { role, ...data } = workerData as {
  role: keyof typeof ROLES
  endpoint: string
  life: number
  name: number
}

await ROLES[role](data)
