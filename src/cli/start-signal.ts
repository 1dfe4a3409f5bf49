/** SIGUSR2, by which a coordinator starts with the people who are here. Windows has no such signal. */

/** From now until its end, the signal does not end this process: also before there is a coordinator, and after it. */
export function surviveStartSignal(): void {
  onStartSignal(() => undefined)
}

/** Listens until the returned function is called. */
export function onStartSignal(listener: () => void): () => void {
  if (process.platform === 'win32') {
    return () => undefined
  }
  process.on('SIGUSR2', listener)
  return () => process.off('SIGUSR2', listener)
}
