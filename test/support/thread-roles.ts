/** What workers of the tests do by themselves: `workerData.role` says which. */
import { workerData } from "node:worker_threads"
import { Push } from "../../src/index.ts"

const { role, endpoint } = workerData as { role: keyof typeof ROLES; endpoint: string }

const ROLES = {
  async sayHello() {
    const push = new Push()
    push.connect(endpoint)
    await push.send("hello")
  },
}

await ROLES[role]()
