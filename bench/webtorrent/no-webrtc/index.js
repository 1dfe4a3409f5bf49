/** WebTorrent imports these names at its start; without values it does not use WebRTC. */
export const RTCPeerConnection = undefined
export const RTCIceCandidate = undefined
export const RTCSessionDescription = undefined
