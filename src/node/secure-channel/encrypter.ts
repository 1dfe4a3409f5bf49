/** Encrypts connections: the Noise package does the handshake, and a `SecureChannel` everything after it. */
import type { NoiseComponents } from '@chainsafe/libp2p-noise'
import {
  type ConnectionEncrypter,
  type MessageStream,
  type SecureConnectionOptions,
  type SecuredConnection,
  serviceCapabilities
} from '@libp2p/interface'
import type { NoisePackage } from '../host/noise.ts'
import { loadAead } from './aead.ts'
import { HandshakeStream, KeyNote } from './handshake.ts'
import { SecureChannel } from './secure-channel.ts'

/** An encrypter for libp2p whose connections are secure channels. Their bytes are those of the Noise package. */
export async function secureChannels({
  noise,
  crypto
}: NoisePackage): Promise<(components: NoiseComponents) => ConnectionEncrypter> {
  const aead = await loadAead()
  return (components) => {
    // One for all connections, as in the package.
    const { privateKey: staticNoiseKey } = crypto.generateX25519KeyPair()
    const secure = async (
      side: 'secureInbound' | 'secureOutbound',
      connection: MessageStream,
      options?: SecureConnectionOptions
    ): Promise<SecuredConnection> => {
      const stream = new HandshakeStream(connection)
      try {
        const note = new KeyNote(crypto, () => stream.end())
        const secured = await noise({ crypto: note.crypto, staticNoiseKey })(components)[side](
          stream,
          options
        )
        const keys = note.keysOf(side === 'secureOutbound')
        return {
          ...secured,
          connection: new SecureChannel({ connection, keys, aead, rest: stream.detach() })
        }
      } catch (error) {
        stream.detach()
        throw error
      }
    }
    const encrypter: ConnectionEncrypter & Record<typeof serviceCapabilities, string[]> = {
      protocol: '/noise',
      [serviceCapabilities]: ['@libp2p/connection-encryption'],
      secureInbound: (connection, options) => secure('secureInbound', connection, options),
      secureOutbound: (connection, options) => secure('secureOutbound', connection, options)
    }
    return encrypter
  }
}
