/** What is used of koffi. Its own types are not there to compile with where npm had to leave it out. */
declare module 'koffi' {
  export function load(path: null): {
    func(prototype: string): (...values: unknown[]) => unknown
  }
}
