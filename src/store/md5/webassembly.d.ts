/** The part of WebAssembly in use, which the types of Node 20 leave to those of browsers. */
declare namespace WebAssembly {
  class Memory {
    /** @param descriptor in pages of 64 KiB */
    constructor(descriptor: { initial: number })
    readonly buffer: ArrayBuffer
  }
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>)
  }
  /** `Exports` describes what the bytes of the module export. */
  class Instance<Exports extends object> {
    constructor(module: Module)
    readonly exports: Exports
  }
}
