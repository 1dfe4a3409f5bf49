/** libp2p calls Promise.withResolvers, which Node has since 22. To be imported before anything of libp2p. */
import 'core-js/stable/promise/with-resolvers.js'
