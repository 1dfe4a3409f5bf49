/** The folders that something lies in. */
export class Parents {
  readonly #paths = new Set<string>()

  /** @param path parts divided by "/" */
  add(path: string): void {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const parent = path.slice(0, end)
      if (this.#paths.has(parent)) {
        return
      }
      this.#paths.add(parent)
    }
  }

  /** Whether something of what was added lies in the folder, or in one below it. */
  has(folder: string): boolean {
    return this.#paths.has(folder)
  }
}
