/** WebTorrent looks for these names when it starts; without them it does without WebRTC. */
export const RTCPeerConnection = undefined
export const RTCIceCandidate = undefined
export const RTCSessionDescription = undefined
