/**
 * Works on items concurrently, at most `limit` at a time, and starts them in their order. After a failure it starts no
 * more.
 *
 * @param work gets a signal that the given one and the first failure abort
 * @returns the results in the order of the items
 * @throws the first failure, once all work that was started has ended
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
