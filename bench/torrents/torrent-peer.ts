/** How a process of one of the systems beside ours is told what to do, and what it tells, a JSON object a line. */
import * as z from 'zod'

/** Given as JSON in the only argument. It adds all torrents when it gets SIGUSR2. */
export const torrentPeerInitSchema = z.object({
  /** Where it listens for other peers. */
  address: z.string(),
  port: z.number(),
  /** Of its control from here, where the system has one; on the loopback address. */
  controlPort: z.number(),
  /** Whether connections have to be encrypted (RC4); otherwise none is. */
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
  /** It listens. The processor time that counts is that of this process. */
  z.object({ status: z.literal('ready'), processId: z.number() }),
  /** It is about to add the torrents. */
  z.object({ status: z.literal('adding'), atMs: z.number() }),
  z.object({
    status: z.literal('progress'),
    heldBytes: z.number(),
    /** Bytes of its own file that it sent. */
    ownSentBytes: z.number(),
    /** Bytes that it received and threw away, if the system tells. */
    duplicateBytes: z.number().optional()
  }),
  /** It has all files. */
  z.object({ status: z.literal('complete'), atMs: z.number() })
])
export type TorrentPeerReport = z.infer<typeof torrentPeerReportSchema>
