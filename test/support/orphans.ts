/** A main thread without the library, whose workers have it. */
import { PeerThread } from "./peer-thread.ts"

const say = (text: string) => process.stdout.write(`${text}\n`)
const hello = [Buffer.from("hello").toString("base64")]

const [one, two] = await Promise.all([PeerThread.start(), PeerThread.start()])
const pull = await one.call("open", "Pull")
await one.call("bind", pull, "inproc://name")
const push = await two.call("open", "Push")
await two.call("connect", push, "inproc://name")
await two.call("send", push, hello)
await one.call("receive", pull)
say("reached")

const refused = await two.call("bind", push, "inproc://name").catch(error => error.code)
say(String(refused))

// Started after the others have agreed.
const three = await PeerThread.start()
const late = await three.call("open", "Push")
await three.call("connect", late, "inproc://name")
await three.call("send", late, hello)
await one.call("receive", pull)
say("reached from a later one")

// Two that start at the same time, and know nothing of each other when they bind.
const rivals = await Promise.all([PeerThread.start(), PeerThread.start()])
const outcomes = await Promise.allSettled(
  rivals.map(async peer => peer.call("bind", await peer.call("open", "Pull"), "inproc://contested")),
)
const winners = outcomes.filter(({ status }) => status === "fulfilled").length
say(winners === 1 ? "one of two" : `${winners} of two`)
await Promise.all([one, two, three, ...rivals].map(peer => peer.kill()))
