/** A log file line by line, with bounded memory whatever the file is. */
import { createReadStream } from 'node:fs'

/** The catalog of a hundred thousand files is one line of 30 MB. */
const MAX_LINE_BYTE_LENGTH = 64 * 1024 * 1024

const READ_BYTE_LENGTH = 256 * 1024

const LINE_END = 0x0a

/** Calls with each line, its end left out; `undefined` stands for one that is too long to be one. Rejects as reading does. */
export async function forEachLine(
  path: string,
  onLine: (line: string | undefined) => void,
  signal?: AbortSignal,
  maxByteLength = MAX_LINE_BYTE_LENGTH
): Promise<void> {
  const kept: Buffer[] = []
  let keptByteLength = 0
  let tooLong = false
  const keep = (part: Buffer): void => {
    keptByteLength += part.byteLength
    tooLong ||= keptByteLength > maxByteLength
    if (tooLong) {
      kept.length = 0
    } else {
      kept.push(part)
    }
  }
  const end = (): void => {
    onLine(tooLong ? undefined : Buffer.concat(kept).toString('utf8'))
    kept.length = 0
    keptByteLength = 0
    tooLong = false
  }
  const stream = createReadStream(path, {
    highWaterMark: READ_BYTE_LENGTH,
    ...(signal === undefined ? {} : { signal })
  })
  for await (const chunk of stream) {
    const bytes: Buffer = chunk
    let from = 0
    for (let to = bytes.indexOf(LINE_END); to >= 0; to = bytes.indexOf(LINE_END, from)) {
      keep(bytes.subarray(from, to))
      end()
      from = to + 1
    }
    if (from < bytes.byteLength) {
      keep(bytes.subarray(from))
    }
  }
  if (keptByteLength > 0) {
    end()
  }
}
