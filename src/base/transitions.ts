/** For each state of a machine, by its name, the states that may follow it. */
export type Transitions<Name extends string> = { readonly [From in Name]: readonly Name[] }

export interface Named<Name extends string> {
  readonly name: Name
}

/**
 * Returns a check for the changes of a state machine. The check returns the next state, and throws when the table
 * doesn't have the change, because that is a bug of ours.
 *
 * @param machine what has the states, as the error shall call it
 */
export function transitions<Name extends string>(
  machine: string,
  table: Transitions<Name>,
): <Next extends Named<Name>>(from: Named<Name>, next: Next) => Next {
  return (from, next) => {
    if (table[from.name].includes(next.name)) return next
    throw new Error(`${machine} cannot go from ${from.name} to ${next.name}`)
  }
}
