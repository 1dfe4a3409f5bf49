/** The one function in use of a package that has no types of its own. */
declare module 'fs-native-extensions' {
  /**
   * Takes the kernel's exclusive lock on an open file; false when another descriptor holds it, of this process or of
   * another. The kernel gives it up when the descriptor closes, so also when the process dies.
   */
  export function tryLock(fileDescriptor: number): boolean
}
