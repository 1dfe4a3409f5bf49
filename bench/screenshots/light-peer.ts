/**
 * A peer as `createPeer` makes it, but for two things that let a process hold dozens: its store has no thread of its
 * own, and it is connected through the process's memory.
 */
import { memory } from '@libp2p/memory'
import { identityFileIn, loadIdentity } from '#potluck/keys/identity.js'
import { type PeerSettings, peerConfigSchema } from '#potluck/node/config.js'
import { PeerDoor } from '#potluck/node/door.js'
import { createHost } from '#potluck/node/host.js'
import { Peer } from '#potluck/node/peer.js'
import { FileStore } from '#potluck/node/store/file-store.js'

export const LIGHT_TRANSPORTS = [memory()]

export async function createLightPeer(settings: PeerSettings): Promise<Peer> {
  const config = peerConfigSchema.parse(settings)
  const { name, collection, share: shares, listen, announce } = config
  const privateKey = await loadIdentity(identityFileIn(collection))
  const door = new PeerDoor()
  return new Peer(config, {
    host: await createHost({ listen, announce, privateKey, door, transports: LIGHT_TRANSPORTS }),
    door,
    secret: undefined,
    isOpen: false,
    privateKey,
    openStore: (listener) => FileStore.open({ name, collection, shares, listener }),
    now: () => performance.now(),
    random: Math.random
  })
}
