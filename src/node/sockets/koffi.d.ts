/** The part of koffi in use. Its own types are not available to compile with if npm had to leave it out. */
declare module 'koffi' {
  export interface Callable {
    (...values: unknown[]): unknown
    /** Calls it in another thread. */
    async(...values: [...unknown[], (error: Error | null, result: unknown) => void]): void
  }

  export function load(path: null): {
    func(prototype: string): Callable
  }
}
