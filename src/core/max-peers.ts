/** The most peers of a swarm: each connects to every other, and one process can hold about a thousand connections with ease. */
export const MAX_PEERS = 1024
