/**
 * Works on items side by side, at most `limit` at a time, and begins them in their order. After a failure no other is begun.
 *
 * @param work gets a signal that is aborted by the given one, and by the first failure
 * @returns the results in the order of the items
 * @throws what failed first, once all that was begun has ended
 */
export async function sideBySide<T, R>(
  items: readonly T[],
  limit: number,
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<R>
): Promise<R[]> {
  const results: R[] = []
  const failed = new AbortController()
  const either = AbortSignal.any([signal, failed.signal])
  const waiting = items.entries()
  const takeRest = async (): Promise<void> => {
    for (const [index, item] of waiting) {
      either.throwIfAborted()
      results[index] = await work(item, either)
    }
  }
  const workers = Array.from({ length: Math.min(limit, items.length) }, async () => {
    try {
      await takeRest()
    } catch (error) {
      failed.abort(error)
    }
  })
  await Promise.all(workers)
  failed.signal.throwIfAborted()
  return results
}
