/** The one function in use of a package without types of its own. */
declare module 'fs-native-extensions' {
  /**
   * Takes the kernel's exclusive lock on an open file; false when another descriptor has it, of this process or of
   * another. The kernel releases it when the descriptor closes, and so when the process dies.
   */
  export function tryLock(fileDescriptor: number): boolean
}
