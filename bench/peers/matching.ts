import { bindOrder, cpuMeter, type Role, residentBytes } from "./role.ts"

/** Messages made beforehand, so that making them isn't measured. */
const PREPARED = 50_000
/** Subscribed to after all others: who hears it knows that the publisher has taken them all. */
const LAST = "last"
/** Milliseconds. */
const BEACON_INTERVAL = 5

/** Distinct, and no prefix of another. */
const topic = (n: number) => `market.${n % 97}.${n}.`

const matchPub: Role = ({ Publisher }, { subscriptions }) => {
  // What nobody has to wait for would be dropped, the more the slower the subscriber.
  const socket = new Publisher({ noDrop: true })
  const cpu = cpuMeter()
  const messages = Array.from({ length: PREPARED }, () =>
    Buffer.from(`${topic(Math.floor(Math.random() * subscriptions))}and what it costs`),
  )
  const beacon = setInterval(() => socket.trySend(LAST), BEACON_INTERVAL)
  return {
    bind: bindOrder(socket),
    memory: residentBytes,
    async run(count) {
      clearInterval(beacon)
      cpu()
      const startedAt = performance.now()
      for (let i = 0; i < Number(count); i++) await socket.send(messages[i % PREPARED]!)
      return { cpu: cpu(), seconds: (performance.now() - startedAt) / 1000 }
    },
  }
}

const matchSub: Role = ({ Subscriber }, { subscriptions }) => {
  const socket = new Subscriber()
  return {
    connect: address => socket.connect(address),
    async subscribe() {
      for (let n = 0; n < subscriptions; n++) socket.subscribe(topic(n))
      socket.subscribe(LAST)
      await socket.receive()
      const drop = async () => {
        for await (const _ of socket);
      }
      void drop()
    },
  }
}

export const matchingRoles = { "match-pub": matchPub, "match-sub": matchSub }
