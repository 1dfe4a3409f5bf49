/** Sizes for people. */

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** "512 bytes", "1.5 GiB". */
export function formatBytes(byteLength: number): string {
  if (byteLength < 1024) {
    return `${byteLength} bytes`
  }
  const exponent = Math.min(UNITS.length, Math.floor(Math.log2(byteLength) / 10))
  return `${(byteLength / 1024 ** exponent).toFixed(1)} ${UNITS[exponent - 1]}`
}
