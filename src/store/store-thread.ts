/** The thread of a threaded store: a file store that is called, and answers, by messages. */
import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { FileStore } from './file-store.ts'
import { BorrowedBuffers } from './shared-buffers.ts'
import type { Store, StoreListener } from './store.ts'
import {
  AdoptedManifests,
  type Call,
  type EventTold,
  type FromThread,
  MessageQueue,
  type Method,
  merge,
  type Parameter,
  packError,
  type Result,
  type ThreadInit,
  type ToThread,
  type Value
} from './thread-messages.ts'

if (parentPort === null) {
  throw new Error('store-thread is not a program of its own')
}
const port = parentPort

/**
 * How long messages that no one waits for may wait: that a small chunk is stored, that a file is complete. Each message
 * wakes the other thread, which then tells the coordinator and the other peers. With thousands of tiny files these
 * wakings cost more than the files.
 */
const GATHERING_MS = 4

/**
 * The network has priority if both want a processor: a peer that waits for this peer's answer waits for its network's
 * thread. Only Linux has a priority for each thread; elsewhere it would be the whole process's.
 */
const NICE = 10

if (process.platform === 'linux') {
  try {
    setPriority(0, NICE)
  } catch {
    // A sandbox may forbid it; then both have the same priority.
  }
}

const init: ThreadInit = workerData

const adopted = new AdoptedManifests()
const buffers = new BorrowedBuffers()

const queue = new MessageQueue<FromThread>({
  port,
  merge,
  onFailed: (message, error) => {
    if (message.type !== 'result') {
      throw error
    }
    queue.send({ type: 'error', id: message.id, error: packError(error) })
  }
})

function tell(told: EventTold): void {
  queue.send({ type: 'told', told })
}

const listener: StoreListener = {
  onFileComplete: (manifest, local, checkedAtMs) => {
    const manifests = [adopted.numberOf(manifest)]
    queue.send({ type: 'files-complete', manifests, local, checkedAtMs }, [], GATHERING_MS)
  },
  onHashing: (...parameters) => tell({ event: 'onHashing', parameters }),
  onChunksHeld: (...parameters) => tell({ event: 'onChunksHeld', parameters }),
  onChunkLost: (...parameters) => tell({ event: 'onChunkLost', parameters }),
  onWarning: (...parameters) => tell({ event: 'onWarning', parameters }),
  onEntryFailed: (manifest, error) =>
    tell({ event: 'onEntryFailed', parameters: [adopted.numberOf(manifest), packError(error)] }),
  onMovedAside: (...parameters) => tell({ event: 'onMovedAside', parameters }),
  onFileLost: (manifest) => tell({ event: 'onFileLost', parameters: [adopted.numberOf(manifest)] }),
  onContentLost: (...parameters) => tell({ event: 'onContentLost', parameters }),
  onFatal: (error) => tell({ event: 'onFatal', parameters: [packError(error)] })
}

try {
  const store = await FileStore.open({ ...init, listener })
  port.on('message', (messages: ToThread[]) => {
    for (const message of messages) {
      if (message.type === 'forget') {
        buffers.forget(message.buffer)
      } else {
        void answer(store, message)
      }
    }
  })
  queue.send({ type: 'opened' })
} catch (error) {
  queue.send({ type: 'opened', error: packError(error) })
}

/** What is to be answered. */
type Asked = Exclude<ToThread, { type: 'forget' }>

/** A store, in a form that shows the compiler which parameters belong to which method. */
type Callable = { [M in Method]: (...parameters: Parameter[M]) => Promise<Value[M]> }

async function answer(store: Store, message: Asked): Promise<void> {
  const { id } = message
  try {
    const call = callOf(message)
    if (call.method === 'adopt') {
      adopted.add(call.parameters[0])
    }
    tellResult(message, call, await perform(store, call))
  } catch (error) {
    queue.send({ type: 'error', id, error: packError(error) })
  }
  if (message.type === 'call' && message.call.method === 'close') {
    queue.flush()
    port.close()
  }
}

/** @throws Error for a buffer that is not known */
function callOf(message: Asked): Call {
  if (message.type === 'call') {
    return message.call
  }
  const { chunkIndex } = message
  const buffer = buffers.at(message.buffer, message.shared)
  return message.type === 'read'
    ? { method: 'readChunk', parameters: [message.root, chunkIndex, message.isDoubted, buffer] }
    : { method: 'writeChunk', parameters: [message.key, chunkIndex, buffer, message.byteLength] }
}

function tellResult({ id, type }: Asked, call: Call, result: Result): void {
  if (result.method === 'writeChunk') {
    const { stored, settled } = result.value
    const free = buffers.numbersOf(result.value.free)
    if (stored && settled === undefined) {
      queue.send({ type: 'stored', ids: [id], free }, [], type === 'write' ? undefined : GATHERING_MS)
    } else {
      queue.send({ type: 'result', id, result: { ...result, value: { ...result.value, free: [] } }, free })
    }
  } else if (call.method === 'readChunk' && isReadTo(call.parameters[3], result)) {
    queue.send({ type: 'read', id, byteLength: result.value.byteLength })
  } else {
    queue.send({ type: 'result', id, result }, buffersOf(result))
  }
}

async function perform<M extends Method>(
  store: Callable,
  { method, parameters }: Call<M>
): Promise<Result<M>> {
  return { method, value: await store[method](...parameters) }
}

/** Whether a chunk is in the buffer that was lent for it. */
function isReadTo(buffer: ArrayBufferLike | undefined, result: Result): result is Result<'readChunk'> {
  return result.method === 'readChunk' && result.value.buffer === buffer
}

/** The buffers that are transferred without a copy. */
function buffersOf(result: Result): ArrayBuffer[] {
  switch (result.method) {
    case 'digests':
      return result.value === undefined ? [] : [result.value.buffer]
    case 'adopt':
      return result.value.map(({ held }) => held.buffer)
    default:
      return []
  }
}
