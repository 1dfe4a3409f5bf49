/** Interleaves lists, one item of each in turn, so that every list has its share where not all items fit. Pure. */
export function inTurn<T>(...lists: ReadonlyArray<readonly T[]>): T[] {
  const rounds = Math.max(0, ...lists.map(({ length }) => length))
  return Array.from({ length: rounds }, (_, index) =>
    lists.flatMap((list) => list.slice(index, index + 1))
  ).flat()
}
