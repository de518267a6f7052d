/** No label is longer, so that splitting and joining cost the same however long the topics of a peer are. */
const LONGEST_LABEL = 256

/**
 * A node stands for the topic spelled by the labels from the root. Bytes are kept as Latin-1 strings, which take a
 * fraction of the memory of byte arrays. Nodes with a holder keep their identity when their surroundings change.
 */
class TopicNode<T> {
  label: string
  parent: TopicNode<T> | undefined
  /** First bytes of the children's labels, ascending; children in the same order. */
  keys = ""
  children: TopicNode<T>[] | undefined
  /** One holder, and the set of all others: most topics have a single holder, and a set is large. */
  holder: T | undefined
  others: Set<T> | undefined

  constructor(label: string, parent: TopicNode<T> | undefined) {
    this.label = label
    this.parent = parent
  }
}

/**
 * Topics and who holds them, as a radix tree over bytes. The cost of a match depends on the first bytes of the
 * message alone, not on how many topics there are. Like a set per topic: the same holder counts once.
 */
export class TopicTrie<T extends object> {
  readonly #root = new TopicNode<T>("", undefined)
  readonly #held = new Map<T, Set<TopicNode<T>>>()

  /** "first" when nobody held the topic, "known" when this holder did. */
  add(topic: Uint8Array, holder: T): "first" | "added" | "known" {
    const node = this.#grow(topic)
    const held = this.#heldBy(holder)
    if (held.has(node)) return "known"
    held.add(node)
    if (node.holder === undefined) {
      node.holder = holder
      return "first"
    }
    node.others ??= new Set()
    node.others.add(holder)
    return "added"
  }

  /** "last" when nobody holds the topic any more, "unknown" when this holder didn't. */
  remove(topic: Uint8Array, holder: T): "last" | "removed" | "unknown" {
    const node = this.#find(topic)
    const held = this.#held.get(holder)
    if (node === undefined || held === undefined || !held.delete(node)) return "unknown"
    if (held.size === 0) this.#held.delete(holder)
    return release(node, holder) ? "last" : "removed"
  }

  /**
   * Takes all topics from a holder, or at most so many; true when it holds none any more. Tells each topic, and
   * whether nobody holds it now. Costs what is taken, not the tree's size.
   */
  removeAll(
    holder: T,
    released?: (topic: Uint8Array, last: boolean) => void,
    most = Number.POSITIVE_INFINITY,
  ): boolean {
    const held = this.#held.get(holder)
    if (held === undefined) return true
    let left = most
    for (const node of held) {
      if (left-- <= 0) return false
      held.delete(node)
      const topic = released && spell(node)
      const last = release(node, holder)
      if (topic !== undefined) released?.(topic, last)
    }
    return this.#held.delete(holder)
  }

  /** Visits the holders of every topic that the bytes start with; one who holds several is visited several times. */
  match(bytes: Uint8Array, visit: (holder: T) => void): void {
    let at = 0
    for (let node: TopicNode<T> | undefined = this.#root; node !== undefined; node = step(node, bytes, at)) {
      at += node.label.length
      if (node.holder !== undefined) visit(node.holder)
      node.others?.forEach(visit)
    }
  }

  /** True when the bytes start with a topic that somebody holds. */
  matches(bytes: Uint8Array): boolean {
    let at = 0
    for (let node: TopicNode<T> | undefined = this.#root; node !== undefined; node = step(node, bytes, at)) {
      at += node.label.length
      if (node.holder !== undefined) return true
    }
    return false
  }

  /** How many nodes there are, the root included. Walks them all; for tests and diagnosis. */
  get nodes(): number {
    let count = 0
    const queue = [this.#root]
    for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
      count++
      if (node.children !== undefined) queue.push(...node.children)
    }
    return count
  }

  #heldBy(holder: T): Set<TopicNode<T>> {
    let held = this.#held.get(holder)
    if (held === undefined) {
      held = new Set()
      this.#held.set(holder, held)
    }
    return held
  }

  #find(topic: Uint8Array): TopicNode<T> | undefined {
    let node: TopicNode<T> | undefined = this.#root
    let at = 0
    while (at < topic.length) {
      node = step(node, topic, at)
      if (node === undefined) return undefined
      at += node.label.length
    }
    return node
  }

  /** The node of exactly this topic, made when missing. */
  #grow(topic: Uint8Array): TopicNode<T> {
    let node = this.#root
    let at = 0
    while (at < topic.length) {
      const child = childOf(node, topic[at] as number)
      if (child === undefined) {
        const end = Math.min(at + LONGEST_LABEL, topic.length)
        node = adopt(node, latin1(topic, at, end))
        at = end
        continue
      }
      const same = commonLength(child.label, topic, at)
      node = same === child.label.length ? child : split(node, child, same)
      at += same
    }
    return node
  }
}

/** The child on the way to these bytes, when its whole label goes along. */
function step<T>(node: TopicNode<T>, bytes: Uint8Array, at: number): TopicNode<T> | undefined {
  if (at >= bytes.length || node.children === undefined) return undefined
  const child = childOf(node, bytes[at] as number)
  if (child === undefined || commonLength(child.label, bytes, at) !== child.label.length) return undefined
  return child
}

function childOf<T>(node: TopicNode<T>, byte: number): TopicNode<T> | undefined {
  const at = slotOf(node.keys, byte)
  return node.keys.charCodeAt(at) === byte ? node.children?.[at] : undefined
}

/** Index of the first key that is not below the byte. */
function slotOf(keys: string, byte: number): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (keys.charCodeAt(middle) < byte) low = middle + 1
    else high = middle
  }
  return low
}

/** How many bytes of the label are the same as those from `at` on. */
function commonLength(label: string, bytes: Uint8Array, at: number): number {
  const end = Math.min(label.length, bytes.length - at)
  let same = 0
  while (same < end && label.charCodeAt(same) === bytes[at + same]) same++
  return same
}

function adopt<T>(parent: TopicNode<T>, label: string): TopicNode<T> {
  const child = new TopicNode<T>(label, parent)
  const at = slotOf(parent.keys, label.charCodeAt(0))
  parent.keys = own(parent.keys.slice(0, at) + label.charAt(0) + parent.keys.slice(at))
  if (parent.children === undefined) parent.children = [child]
  else parent.children.splice(at, 0, child)
  return child
}

/** Puts a node between parent and child, after the first bytes of the child's label. */
function split<T>(parent: TopicNode<T>, child: TopicNode<T>, length: number): TopicNode<T> {
  const middle = new TopicNode<T>(own(child.label.slice(0, length)), parent)
  child.label = own(child.label.slice(length))
  child.parent = middle
  middle.keys = child.label.charAt(0)
  middle.children = [child]
  replace(parent, child, middle, middle.label)
  return middle
}

function replace<T>(parent: TopicNode<T>, old: TopicNode<T>, next: TopicNode<T>, label: string): void {
  const at = slotOf(parent.keys, label.charCodeAt(0))
  if (parent.children?.[at] === old) parent.children[at] = next
}

/** Takes one holder off a node; true when it was the last. */
function release<T>(node: TopicNode<T>, holder: T): boolean {
  if (node.others === undefined) {
    node.holder = undefined
    prune(node)
    return true
  }
  if (!node.others.delete(holder)) {
    // The one in front goes; another takes its place.
    for (const other of node.others) {
      node.holder = other
      node.others.delete(other)
      break
    }
  }
  if (node.others.size === 0) node.others = undefined
  return false
}

/** Gives back the nodes that nobody needs any more, from this one upwards. */
function prune<T>(leaf: TopicNode<T>): void {
  let node = leaf
  while (node.parent !== undefined && node.holder === undefined) {
    const { parent, children } = node
    if (children !== undefined) {
      const [only] = children
      if (children.length === 1 && only !== undefined) join(parent, node, only)
      return
    }
    abandon(parent, node)
    node = parent
  }
}

/** Takes out a node that stands between its parent and its only child. */
function join<T>(parent: TopicNode<T>, node: TopicNode<T>, child: TopicNode<T>): void {
  if (node.label.length + child.label.length > LONGEST_LABEL) return
  child.label = own(node.label + child.label)
  child.parent = parent
  replace(parent, node, child, child.label)
}

function abandon<T>(parent: TopicNode<T>, child: TopicNode<T>): void {
  const at = slotOf(parent.keys, child.label.charCodeAt(0))
  parent.keys = own(parent.keys.slice(0, at) + parent.keys.slice(at + 1))
  if (parent.keys === "") parent.children = undefined
  else parent.children?.splice(at, 1)
}

/** The topic that a node stands for. */
function spell<T>(node: TopicNode<T>): Uint8Array {
  const labels: string[] = []
  for (let at: TopicNode<T> | undefined = node; at !== undefined; at = at.parent) labels.push(at.label)
  return Buffer.from(labels.reverse().join(""), "latin1")
}

/** Bytes as a string of as many characters. */
export function latin1(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1")
}

/**
 * The same text in memory of its own: engines let long slices and sums keep alive the strings they were made from
 * (V8 does so from 13 characters on).
 */
function own(text: string): string {
  return text.length < 13 ? text : Buffer.from(text, "latin1").toString("latin1")
}
