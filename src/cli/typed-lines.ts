/**
 * Lines that a person types at the terminal of a running process. The terminal's mode does not change: it echoes, and
 * Ctrl-C and Ctrl-Z work as usual.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { isatty } from 'node:tty'

/** Whether lines can be typed to this process. */
export function canBeTypedTo(): boolean {
  return isatty(0) && isInForeground()
}

/**
 * Listens until the returned function is called, and does not keep the process running.
 *
 * The system stops a background process that reads from its terminal, so this one reads in the foreground only. After
 * Ctrl-Z and `bg` the process receives a signal to continue, and checks again.
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
  // The terminal has gone and sends nothing more.
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

/** Whether this process has the terminal at the moment. */
function isInForeground(): boolean {
  if (process.platform === 'win32') {
    return true
  }
  try {
    const [group, foreground] = process.platform === 'linux' ? groupsOfLinux() : groupsOfPs()
    return group === foreground
  } catch {
    // If that is unknown, nothing is read.
    return false
  }
}

/** This process's group, and the group that has the terminal: proc(5), fields 5 and 8. */
function groupsOfLinux(): string[] {
  const stat = readFileSync('/proc/self/stat', 'utf8')
  // The second field is a name in brackets, which may contain any character.
  const [, , , group = '', , , foreground = ''] = stat.slice(stat.lastIndexOf(')') + 1).split(' ')
  return [group, foreground]
}

function groupsOfPs(): string[] {
  const text = execFileSync('ps', ['-o', 'pgid=,tpgid=', '-p', String(process.pid)], { timeout: 1000 })
  return text.toString().trim().split(/\s+/)
}
