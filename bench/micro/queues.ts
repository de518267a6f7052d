import { TopicTrie } from "../../patterns/topics/topic-trie.ts"
import { RingQueue } from "../../src/base/ring-queue.ts"
import type { Subject } from "./harness.ts"

const COUNT = 2000

export const queues: readonly Subject[] = [ring(1), ring(1000), match(1), match(10_000), subscribe(10_000)]

/** A push and a shift, in bursts of so many of each. */
function ring(burst: number): Subject {
  const queue = new RingQueue<{ size: number }>()
  const item = { size: 1 }
  return {
    name: `ring queue, bursts of ${burst}`,
    operations: COUNT,
    run() {
      let sum = 0
      for (let done = 0; done < COUNT; done += burst) {
        for (let i = 0; i < burst; i++) queue.push(item)
        for (let i = 0; i < burst; i++) sum += queue.shift()!.size
      }
      return sum
    },
  }
}

function topics(count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) => Buffer.from(`market/${i % 97}/${i}/`))
}

/** A message that one of so many topics matches. */
function match(count: number): Subject {
  const trie = new TopicTrie<object>()
  const all = topics(count)
  for (const topic of all) trie.add(topic, {})
  const messages = all.map(topic => Buffer.concat([topic, Buffer.from("and what it says")]))
  return {
    name: `topic trie, match among ${count}`,
    operations: COUNT,
    run() {
      let found = 0
      const visit = () => {
        found++
      }
      for (let i = 0; i < COUNT; i++) trie.match(messages[i % messages.length]!, visit)
      if (found !== COUNT) throw new Error(`${found} topics found`)
      return found
    },
  }
}

/** One topic more and less, beside so many. */
function subscribe(count: number): Subject {
  const trie = new TopicTrie<object>()
  const all = topics(count)
  for (const topic of all) trie.add(topic, {})
  const holder = {}
  return {
    name: `topic trie, add and remove beside ${count}`,
    operations: COUNT,
    run() {
      let changes = 0
      for (let i = 0; i < COUNT; i++) {
        const topic = all[i % count]!
        if (trie.add(topic, holder) === "added") changes++
        if (trie.remove(topic, holder) === "removed") changes++
      }
      return changes
    },
  }
}
