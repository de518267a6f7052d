/** The table names, for each state of a machine, the states that may follow it. */
export type Transitions<Name extends string> = { readonly [From in Name]: readonly Name[] }

export interface Named<Name extends string> {
  readonly name: Name
}

/**
 * Returns a check for the changes of a state machine. The check returns the next state, and throws when the table
 * doesn't have the change, because that is a bug of ours.
 *
 * @param machine the name of the machine in the error's text
 * @param table the states that may follow each state
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
