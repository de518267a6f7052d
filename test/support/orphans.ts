/** A main thread without the library, whose workers have it. */
import { block } from "./block.ts"
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

// It computes for so long that the time for the others to show themselves passes before it hears them.
const busy = await PeerThread.start()
const another = await busy.call("open", "Pull")
const gate = new Int32Array(new SharedArrayBuffer(4))
const bound = busy.call("bind", another, "inproc://name").then(
  () => "bound",
  error => String(error.code),
)
void busy.call("block", gate)
while (Atomics.load(gate, 0) === 0) await new Promise(resolve => setImmediate(resolve))
block(200)
Atomics.store(gate, 0, 2)
Atomics.notify(gate, 0)
say(`${await bound} for a busy one`)

// Two that start at the same time, and know nothing of each other when they bind. Should both succeed, because nobody
// was heard of in time, then the later one is told as soon as they meet.
const rivals = await Promise.all([PeerThread.start(), PeerThread.start()])
const outcomes = await Promise.all(
  rivals.map(async peer => {
    const socket = await peer.call("open", "Pull")
    await peer.call("watch", socket)
    const bound = peer.call("bind", socket, "inproc://contested")
    return await bound.then(
      () => ({ peer, socket }),
      () => undefined,
    )
  }),
)
const winners = outcomes.filter(outcome => outcome !== undefined)
if (winners.length === 2) {
  await Promise.race(winners.map(({ peer, socket }) => peer.call("sees", socket, "bind:error")))
}
say(winners.length > 0 ? "one of two" : "none of two")
await Promise.all([one, two, three, busy, ...rivals].map(peer => peer.kill()))
