/** Entry point: the cache as a process, or a demonstration of it. See README.md. */
import { Subscriber, XPublisher } from "zeromq-ts"
import { type Command, runCommand, UsageError } from "../command.ts"
import { LastValueCache } from "./cache.ts"

const USAGE = `usage: last-value-cache                 shows what it does
       last-value-cache FROM TO         follows the publisher at FROM, serves subscribers at TO
for example: last-value-cache tcp://127.0.0.1:5556 tcp://127.0.0.1:5557`

const main: Command = async (args, signal) => {
  if (args.length === 0) return demonstrate()
  const [from, to] = args
  if (args.length !== 2 || from === undefined || to === undefined) throw new UsageError()
  const cache = new LastValueCache()
  signal.addEventListener("abort", () => cache.close())
  console.log(`following ${from}, serving ${await cache.open(from, to)}`)
  await cache.run()
}

async function demonstrate(): Promise<void> {
  // An XPUB hears when somebody has subscribed, so that nothing is said too early.
  const publisher = new XPublisher()
  await publisher.bind("inproc://weather")
  const cache = new LastValueCache()
  const door = await cache.open("inproc://weather", "tcp://127.0.0.1:*")
  const running = cache.run()

  const early = subscribe(door, "")
  await publisher.receive()
  for (const [city, degrees] of Object.entries({ oslo: "4", rome: "19" })) {
    await publisher.send([city, degrees])
    console.log(`early subscriber: ${(await early.receive()).join(" ")}`)
  }
  await publisher.send(["oslo", "5"])
  console.log(`early subscriber: ${(await early.receive()).join(" ")}`)
  publisher.close()
  console.log("the publisher has left")

  const late = subscribe(door, "oslo")
  console.log(`late subscriber to oslo: ${(await late.receive()).join(" ")}`)

  for (const closable of [early, late, cache]) closable.close()
  await running
}

function subscribe(endpoint: string, topic: string): Subscriber {
  const subscriber = new Subscriber()
  subscriber.connect(endpoint)
  subscriber.subscribe(topic)
  return subscriber
}

await runCommand("last-value-cache", USAGE, main)
