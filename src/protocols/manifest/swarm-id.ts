/** What a manifest is signed for: one swarm, so that it is of no use in another. */
import { ProtocolViolation } from '../wire.ts'

/** Of a swarm's id: no two swarms ever have the same. */
const SWARM_ID_BYTE_LENGTH = 16

/** The id of a new swarm. */
export function newSwarmId(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(SWARM_ID_BYTE_LENGTH))
}

/** What the coordinator tells as its swarm's id. @throws ProtocolViolation when it cannot be one */
export function checkedSwarmId(swarmId: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (swarmId.byteLength !== SWARM_ID_BYTE_LENGTH) {
    throw new ProtocolViolation(`a swarm's id of ${swarmId.byteLength} bytes`)
  }
  return swarmId
}
