/** The input and output of a process of a BitTorrent system, one JSON object per line. */
import * as z from 'zod'

/** Passed as JSON in the only argument. It adds all torrents when it receives SIGUSR2. */
export const torrentPeerInitSchema = z.object({
  /** The port for other peers. */
  address: z.string(),
  port: z.number(),
  /** The port for controlling it, if the system has one; on the loopback address. */
  controlPort: z.number(),
  /** Whether connections must be encrypted (RC4); otherwise none is. */
  encrypted: z.boolean(),
  torrents: z.array(
    z.object({
      torrent: z.string().describe('path of the torrent'),
      folder: z.string().describe('folder in which its file lies or is to lie'),
      own: z.boolean().describe('whether the file is there, whole and checked')
    })
  )
})
export type TorrentPeerInit = z.infer<typeof torrentPeerInitSchema>

/** Times are of the kernel's monotonic clock, which all processes of a machine share. */
export const torrentPeerReportSchema = z.discriminatedUnion('status', [
  /** It listens. The processor time of this process counts. */
  z.object({ status: z.literal('ready'), processId: z.number() }),
  /** It is about to add the torrents. */
  z.object({ status: z.literal('adding'), atMs: z.number() }),
  z.object({
    status: z.literal('progress'),
    heldBytes: z.number(),
    /** Bytes of its own file that it sent. */
    ownSentBytes: z.number(),
    /** Bytes that it received and threw away, if the system reports them. */
    duplicateBytes: z.number().optional()
  }),
  /** It has all files. */
  z.object({ status: z.literal('complete'), atMs: z.number() })
])
export type TorrentPeerReport = z.infer<typeof torrentPeerReportSchema>
