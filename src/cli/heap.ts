/** How V8 keeps the heap of a process that moves bytes. */
import { setFlagsFromString } from 'node:v8'

/**
 * A peer's objects are few (20 MB) and its buffers many. V8 sets its limit by the objects, and then collects the whole
 * heap whenever a little more than that has passed through buffers: several times a second at full speed, a fifth of
 * all processor time. Letting the heap grow to three times its size first leaves most of that to the cheap young
 * collections; docs/decisions/013 has what other growths took.
 */
export function keepBuffersLonger(): void {
  setFlagsFromString('--heap-growing-percent=200')
}
