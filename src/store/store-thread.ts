/** The thread that a threaded store runs: a file store, asked and answered by messages. */
import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { FileStore } from './file-store.ts'
import type { Store, StoreListener } from './store.ts'
import {
  AdoptedManifests,
  type Call,
  type EventTold,
  type FromThread,
  isTransferred,
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
 * How long may wait what nobody waits for: that a small chunk is stored, that a file is complete. Each message wakes the
 * other thread up, which tells the coordinator and the other peers in its turn: of thousands of tiny files these wakings
 * cost more than the files.
 */
const GATHERING_MS = 4

/**
 * The network goes first where both want a processor: whoever waits for this peer's answer waits for its network's
 * thread. Only Linux has a priority for each thread; elsewhere it would be the whole process's.
 */
const NICE = 10

if (process.platform === 'linux') {
  try {
    setPriority(0, NICE)
  } catch {
    // A sandbox may forbid it; then both go alike.
  }
}

const init: ThreadInit = workerData

const adopted = new AdoptedManifests()

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
  onFileLost: (manifest) => tell({ event: 'onFileLost', parameters: [adopted.numberOf(manifest)] }),
  onContentLost: (...parameters) => tell({ event: 'onContentLost', parameters }),
  onFatal: (error) => tell({ event: 'onFatal', parameters: [packError(error)] })
}

try {
  const store = await FileStore.open({ ...init, listener })
  port.on('message', (messages: ToThread[]) => {
    for (const { id, call } of messages) {
      void answer(store, id, call)
    }
  })
  queue.send({ type: 'opened' })
} catch (error) {
  queue.send({ type: 'opened', error: packError(error) })
}

/** A store, in a form that shows the compiler which parameters belong to which method. */
type Callable = { [M in Method]: (...parameters: Parameter[M]) => Promise<Value[M]> }

async function answer(store: Store, id: number, call: Call): Promise<void> {
  try {
    if (call.method === 'adopt') {
      adopted.add(call.parameters[0])
    }
    const result = await perform(store, call)
    if (isCopyStored(result)) {
      queue.send({ type: 'stored', ids: [id] }, [], GATHERING_MS)
    } else {
      queue.send({ type: 'result', id, result }, buffersOf(result))
    }
  } catch (error) {
    queue.send({ type: 'error', id, error: packError(error) })
  }
  if (call.method === 'close') {
    queue.flush()
    port.close()
  }
}

async function perform<M extends Method>(
  store: Callable,
  { method, parameters }: Call<M>
): Promise<Result<M>> {
  return { method, value: await store[method](...parameters) }
}

/** Whether a chunk was stored that was copied here, so that its buffer is still the caller's, and that is all there is to say. */
function isCopyStored({ method, value }: Result): boolean {
  return (
    method === 'writeChunk' &&
    value.stored &&
    value.settled === undefined &&
    !isTransferred(value.buffer.byteLength)
  )
}

/** What goes over without being copied. */
function buffersOf(result: Result): ArrayBuffer[] {
  switch (result.method) {
    case 'digests':
      return result.value === undefined ? [] : [result.value.buffer]
    case 'readChunk':
    case 'writeChunk':
      return isTransferred(result.value.buffer.byteLength) ? [result.value.buffer] : []
    case 'adopt':
      return result.value.map(({ held }) => held.buffer)
    default:
      return []
  }
}
