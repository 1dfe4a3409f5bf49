/**
 * Peers as `createPeer` makes them, except that their stores have no threads of their own, so that one process can have
 * dozens. Run as a process of its own, with the settings of its peers as its argument.
 */
import '#potluck/polyfill.js'
import { type PeerSettings, peerConfigSchema } from '#potluck/config/peer.js'
import { identityFileIn, loadIdentity } from '#potluck/keys/identity.js'
import { createHost } from '#potluck/node/host/host.js'
import { PeerDoor } from '#potluck/node/host/peer-door.js'
import { Peer } from '#potluck/node/peer.js'
import { FileStore } from '#potluck/store/file-store.js'

const all: PeerSettings[] = JSON.parse(process.argv[2] ?? '[]')
for (const settings of all) {
  const peer = await createLightPeer(settings)
  // One after another: dozens that start at once keep one another from answering in time.
  await peer.start()
}

async function createLightPeer(settings: PeerSettings): Promise<Peer> {
  const config = peerConfigSchema.parse(settings)
  const { name, collection, share: shares, listen, announce } = config
  const privateKey = await loadIdentity(identityFileIn(collection))
  const door = new PeerDoor()
  return new Peer(config, {
    host: await createHost({ listen, announce, privateKey, door }),
    door,
    secret: undefined,
    isOpen: false,
    privateKey,
    openStore: (listener) => FileStore.open({ name, collection, shares, listener }),
    now: () => performance.now(),
    random: Math.random
  })
}
