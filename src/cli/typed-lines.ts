/**
 * Lines that a person types at the terminal of a process that runs. The terminal stays as it is: it echoes, and Ctrl-C
 * and Ctrl-Z go on to do what they do.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { isatty } from 'node:tty'

/** Whether lines can be typed to this process. */
export function canBeTypedTo(): boolean {
  return isatty(0) && isInForeground()
}

/**
 * Listens until the returned function is called, and holds no process open.
 *
 * A process in the background that reads from its terminal is stopped by the system, so this one reads in the foreground
 * only. Whoever sends it there with Ctrl-Z and `bg` continues it by a signal, at which it looks again.
 */
export function watchTypedLines(onLine: (line: string) => void): () => void {
  if (!canBeTypedTo()) {
    return () => undefined
  }
  const input = process.stdin
  const onData = (bytes: Buffer | string): void => {
    for (const line of bytes.toString().split('\n').slice(0, -1)) {
      onLine(line.trim())
    }
  }
  const look = (): void => {
    if (isInForeground()) {
      input.resume()
      input.unref()
    } else {
      input.pause()
    }
  }
  // A terminal that has gone says nothing more.
  const onError = (): void => stop()
  const stop = (): void => {
    input.off('data', onData)
    input.off('error', onError)
    input.pause()
    process.off('SIGCONT', look)
  }
  input.on('data', onData)
  input.on('error', onError)
  process.on('SIGCONT', look)
  look()
  return stop
}

/** Whether the terminal is this process's own at the moment. */
function isInForeground(): boolean {
  if (process.platform === 'win32') {
    return true
  }
  try {
    const [group, foreground] = process.platform === 'linux' ? groupsOfLinux() : groupsOfPs()
    return group === foreground
  } catch {
    // Where nobody can say, nothing is read.
    return false
  }
}

/** This process's group, and the one that has the terminal: proc(5), fields 5 and 8. */
function groupsOfLinux(): string[] {
  const stat = readFileSync('/proc/self/stat', 'utf8')
  // The second field is a name in brackets, which may have any character.
  const [, , , group = '', , , foreground = ''] = stat.slice(stat.lastIndexOf(')') + 1).split(' ')
  return [group, foreground]
}

function groupsOfPs(): string[] {
  const text = execFileSync('ps', ['-o', 'pgid=,tpgid=', '-p', String(process.pid)], { timeout: 1000 })
  return text.toString().trim().split(/\s+/)
}
