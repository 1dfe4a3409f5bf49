/**
 * PNG files with fewer colours. Pictures of pages have a few hundred shades, most of them at the edges of letters, and
 * a palette of 256 makes the file a third as large. Reads what Chromium writes: 8 bits per channel, not interlaced.
 */
import { crc32, deflateSync, inflateSync } from 'node:zlib'

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

const MAX_COLOURS = 256

/** Bits of each channel that are kept for counting colours: shades that no one can tell apart count as one. */
const KEPT_MASK = 0xfc

interface Image {
  width: number
  height: number
  /** Red, green and blue of each pixel. */
  pixels: Uint8Array
}

export function smallPng(png: Buffer): Buffer {
  const { width, height, pixels } = decode(png)
  const palette = paletteOf(pixels)
  const indices = new Map<number, number>()
  const rows = Buffer.alloc((width + 1) * height)
  for (let pixel = 0; pixel < width * height; pixel++) {
    const colour = colourAt(pixels, pixel)
    const index = indices.get(colour) ?? nearest(palette, colour)
    indices.set(colour, index)
    rows[pixel + Math.floor(pixel / width) + 1] = index
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 3, 0, 0, 0], 8)
  const colours = Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]))
  return Buffer.concat([
    SIGNATURE,
    piece('IHDR', header),
    piece('PLTE', colours),
    piece('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })),
    piece('IEND', Buffer.alloc(0))
  ])
}

function decode(png: Buffer): Image {
  const width = png.readUInt32BE(16)
  const height = png.readUInt32BE(20)
  const channels = png[25] === 6 ? 4 : 3
  const parts: Buffer[] = []
  for (let offset = 8; offset < png.byteLength; ) {
    const byteLength = png.readUInt32BE(offset)
    if (png.toString('latin1', offset + 4, offset + 8) === 'IDAT') {
      parts.push(png.subarray(offset + 8, offset + 8 + byteLength))
    }
    offset += byteLength + 12
  }
  const rows = unfiltered(inflateSync(Buffer.concat(parts)), width * channels, height, channels)
  const pixels = new Uint8Array(width * height * 3)
  for (let pixel = 0; pixel < width * height; pixel++) {
    pixels.set(rows.subarray(pixel * channels, pixel * channels + 3), pixel * 3)
  }
  return { width, height, pixels }
}

/** Undoes the filter of each row ("Filtering" in the PNG specification). */
function unfiltered(data: Buffer, stride: number, height: number, channels: number): Uint8Array {
  const rows = new Uint8Array(stride * height)
  for (let row = 0; row < height; row++) {
    const filter = data[row * (stride + 1)] ?? 0
    for (let column = 0; column < stride; column++) {
      const at = row * stride + column
      const left = column >= channels ? (rows[at - channels] ?? 0) : 0
      const above = row > 0 ? (rows[at - stride] ?? 0) : 0
      const corner = row > 0 && column >= channels ? (rows[at - stride - channels] ?? 0) : 0
      const predicted = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter] ?? 0
      rows[at] = (data[row * (stride + 1) + 1 + column] ?? 0) + predicted
    }
  }
  return rows
}

function paeth(left: number, above: number, corner: number): number {
  const estimate = left + above - corner
  const toLeft = Math.abs(estimate - left)
  const toAbove = Math.abs(estimate - above)
  const toCorner = Math.abs(estimate - corner)
  return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner
}

/** The most frequent colours, each in its most frequent shade. */
function paletteOf(pixels: Uint8Array): number[] {
  const counts = new Map<number, number>()
  for (let pixel = 0; pixel < pixels.length / 3; pixel++) {
    const colour = colourAt(pixels, pixel)
    counts.set(colour, (counts.get(colour) ?? 0) + 1)
  }
  const groups = new Map<number, { colour: number; most: number; count: number }>()
  for (const [colour, count] of counts) {
    const key = colour & ((KEPT_MASK << 16) | (KEPT_MASK << 8) | KEPT_MASK)
    const group = groups.get(key)
    if (group === undefined) {
      groups.set(key, { colour, most: count, count })
    } else {
      group.count += count
      if (count > group.most) {
        group.most = count
        group.colour = colour
      }
    }
  }
  return [...groups.values()]
    .sort((a, b) => b.count - a.count)
    .slice(0, MAX_COLOURS)
    .map(({ colour }) => colour)
}

function nearest(palette: readonly number[], colour: number): number {
  let best = 0
  let least = Number.POSITIVE_INFINITY
  for (const [index, other] of palette.entries()) {
    const red = (other >> 16) - (colour >> 16)
    const green = ((other >> 8) & 255) - ((colour >> 8) & 255)
    const blue = (other & 255) - (colour & 255)
    const distance = red * red + green * green + blue * blue
    if (distance < least) {
      least = distance
      best = index
    }
  }
  return best
}

function colourAt(pixels: Uint8Array, pixel: number): number {
  return ((pixels[3 * pixel] ?? 0) << 16) | ((pixels[3 * pixel + 1] ?? 0) << 8) | (pixels[3 * pixel + 2] ?? 0)
}

function piece(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(data.byteLength, 0)
  frame.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}
