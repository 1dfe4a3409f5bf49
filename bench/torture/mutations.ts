/** Nearly valid bytes: a frame with a change in it, as from an attacker or a broken connection. */
import type { Random } from '#potluck/core/random.js'

/** The length of noise, and of insertions. */
const MAX_NOISE_BYTE_LENGTH = 64

/** Critical lengths and numbers, as varints: 2³¹ - 1, 2³², 2⁵³, 2⁶⁴ - 1, without end. */
const HUGE = [
  [0xff, 0xff, 0xff, 0xff, 0x07],
  [0x80, 0x80, 0x80, 0x80, 0x10],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0x80, 0x00]
]

/** One of the samples, changed once or a few times; now and then noise. */
export function mutated(samples: readonly Uint8Array[], random: Random): Uint8Array {
  const below = (limit: number): number => Math.floor(random() * limit)
  const sample = samples[below(samples.length)] ?? new Uint8Array()
  if (below(16) === 0) {
    return noise(below(MAX_NOISE_BYTE_LENGTH), random)
  }
  let bytes = sample
  for (let changes = 1 + below(3); changes > 0; changes--) {
    bytes = changedOnce(bytes, samples, random)
  }
  return bytes
}

function changedOnce(bytes: Uint8Array, samples: readonly Uint8Array[], random: Random): Uint8Array {
  const below = (limit: number): number => Math.floor(random() * limit)
  const at = below(bytes.byteLength + 1)
  const other = samples[below(samples.length)] ?? bytes
  switch (below(7)) {
    case 0:
      return flipped(bytes, below(bytes.byteLength), 1 << below(8))
    case 1:
      return flipped(bytes, below(bytes.byteLength), 1 + below(255))
    case 2:
      return bytes.subarray(0, at)
    case 3:
      return joined(bytes.subarray(0, at), bytes.subarray(Math.min(bytes.byteLength, at + 1 + below(4))))
    case 4:
      return joined(bytes.subarray(0, at), other.subarray(below(other.byteLength + 1)))
    case 5:
      return joined(
        bytes.subarray(0, at),
        Uint8Array.from(HUGE[below(HUGE.length)] ?? []),
        bytes.subarray(at)
      )
    default:
      return joined(bytes.subarray(0, at), noise(1 + below(8), random), bytes.subarray(at))
  }
}

/** Every sample cut after each of its bytes, and with each bit flipped. */
export function* changedEverywhere(samples: readonly Uint8Array[]): Generator<Uint8Array> {
  for (const sample of samples) {
    for (let at = 0; at < sample.byteLength; at++) {
      yield sample.subarray(0, at)
      for (let bit = 0; bit < 8; bit++) {
        yield flipped(sample, at, 1 << bit)
      }
    }
  }
}

function flipped(bytes: Uint8Array, at: number, mask: number): Uint8Array {
  const changed = Uint8Array.from(bytes)
  if (at < changed.byteLength) {
    changed[at] = (changed[at] ?? 0) ^ mask
  }
  return changed
}

function noise(byteLength: number, random: Random): Uint8Array {
  return Uint8Array.from({ length: byteLength }, () => Math.floor(random() * 256))
}

function joined(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts))
}
