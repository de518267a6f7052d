/** A place for many publishers and many subscribers to meet, without knowing of each other. See README.md. */
import * as zmq from "zeromq-ts"
import { type Command, runCommand, UsageError } from "../command.ts"

const USAGE = `usage: subscription-forwarder                          shows what it does
       subscription-forwarder PUBLISHERS SUBSCRIBERS    lets publishers and subscribers connect to these endpoints
for example: subscription-forwarder tcp://127.0.0.1:5556 tcp://127.0.0.1:5557`

/** Both ends are bound: publishers and subscribers come and go. */
async function forwarder(publishers: string, subscribers: string) {
  const [xsub, xpub] = [new zmq.XSubscriber(), new zmq.XPublisher()]
  await xsub.bind(publishers)
  await xpub.bind(subscribers)
  const doors = [xsub.lastEndpoint ?? publishers, xpub.lastEndpoint ?? subscribers] as const
  // Messages go down, subscriptions go up: for an XSUB and an XPUB both are messages to be passed on.
  return { doors, proxy: new zmq.Proxy(xsub, xpub) }
}

const main: Command = async (args, signal) => {
  if (args.length === 0) return demonstrate()
  const [publishers, subscribers] = args
  if (args.length !== 2 || publishers === undefined || subscribers === undefined) throw new UsageError()
  const { doors, proxy } = await forwarder(publishers, subscribers)
  console.log(`publishers at ${doors[0]}, subscribers at ${doors[1]}`)
  const running = proxy.run()
  signal.addEventListener("abort", () => proxy.terminate())
  await running
}

async function demonstrate(): Promise<void> {
  const { doors, proxy } = await forwarder("tcp://127.0.0.1:*", "tcp://127.0.0.1:*")
  const running = proxy.run()
  const [publisher, subscriber] = [new zmq.XPublisher(), new zmq.Subscriber()]
  publisher.connect(doors[0])
  subscriber.connect(doors[1])

  subscriber.subscribe("news")
  await show(publisher)
  await publisher.send(["sports", "nobody asked for it: it doesn't even leave"])
  await publisher.send(["news", "all is well"])
  console.log(`the subscriber receives: ${(await subscriber.receive()).join(": ")}`)
  subscriber.unsubscribe("news")
  await show(publisher)

  for (const closable of [publisher, subscriber]) closable.close()
  proxy.terminate()
  await running
}

/** (An ordinary PUB would hear of it all the same, and keep it to itself.) */
async function show(publisher: zmq.XPublisher): Promise<void> {
  const [request] = await publisher.receive()
  const wanted = request?.[0] === 1
  console.log(`the publisher hears: ${request?.subarray(1)} is ${wanted ? "wanted" : "wanted no more"}`)
}

await runCommand("subscription-forwarder", USAGE, main)
