/** The folders that contain a path. */
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

  /** Whether the folder, or one below it, contains any of the added paths. */
  has(folder: string): boolean {
    return this.#paths.has(folder)
  }
}
