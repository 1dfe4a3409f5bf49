/** Lists one after the other, an item of each in turn: where there is no room for all, each has its share. Pure. */
export function inTurn<T>(...lists: ReadonlyArray<readonly T[]>): T[] {
  const rounds = Math.max(0, ...lists.map(({ length }) => length))
  return Array.from({ length: rounds }, (_, index) =>
    lists.flatMap((list) => list.slice(index, index + 1))
  ).flat()
}
