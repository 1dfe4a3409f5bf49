/** How V8 manages the heap of a process that moves bytes. */
import { setFlagsFromString } from 'node:v8'

/**
 * A peer has few objects (20 MB) and many buffers. V8 sets its limit by the objects, and then collects the whole heap
 * whenever a little more than that has passed through buffers: several times per second at full speed, a fifth of all
 * processor time. If the heap may first grow to three times its size, the cheap young collections do most of that.
 * docs/decisions/013 has the cost of other growth factors.
 */
export function keepBuffersLonger(): void {
  setFlagsFromString('--heap-growing-percent=200')
}
