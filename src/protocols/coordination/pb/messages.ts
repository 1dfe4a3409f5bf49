// Generated from messages.proto by "npm run generate"; edit that instead. Its own body is not type-checked.
// @ts-nocheck
import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface PeerMessage {
  join?: Join
  manifests?: ManifestPage
  progress?: Progress
  fileCompletion?: FileCompletion
  peerCompletion?: PeerCompletion
  clockProbe?: ClockProbe
  leave?: Leave
  activity?: Activity
  capacities?: Capacities
  peerShortfall?: PeerShortfall
}

export namespace PeerMessage {
  let _codec: Codec<PeerMessage>

  export const codec = (): Codec<PeerMessage> => {
    if (_codec == null) {
      _codec = message<PeerMessage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.join != null) {
          w.uint32(10)
          Join.codec().encode(obj.join, w)
        }

        if (obj.manifests != null) {
          w.uint32(18)
          ManifestPage.codec().encode(obj.manifests, w)
        }

        if (obj.progress != null) {
          w.uint32(26)
          Progress.codec().encode(obj.progress, w)
        }

        if (obj.fileCompletion != null) {
          w.uint32(34)
          FileCompletion.codec().encode(obj.fileCompletion, w)
        }

        if (obj.peerCompletion != null) {
          w.uint32(42)
          PeerCompletion.codec().encode(obj.peerCompletion, w)
        }

        if (obj.clockProbe != null) {
          w.uint32(50)
          ClockProbe.codec().encode(obj.clockProbe, w)
        }

        if (obj.leave != null) {
          w.uint32(58)
          Leave.codec().encode(obj.leave, w)
        }

        if (obj.activity != null) {
          w.uint32(66)
          Activity.codec().encode(obj.activity, w)
        }

        if (obj.capacities != null) {
          w.uint32(74)
          Capacities.codec().encode(obj.capacities, w)
        }

        if (obj.peerShortfall != null) {
          w.uint32(82)
          PeerShortfall.codec().encode(obj.peerShortfall, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {}

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.join = Join.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.join
              })
              break
            }
            case 2: {
              obj.manifests = ManifestPage.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.manifests
              })
              break
            }
            case 3: {
              obj.progress = Progress.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.progress
              })
              break
            }
            case 4: {
              obj.fileCompletion = FileCompletion.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.fileCompletion
              })
              break
            }
            case 5: {
              obj.peerCompletion = PeerCompletion.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.peerCompletion
              })
              break
            }
            case 6: {
              obj.clockProbe = ClockProbe.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.clockProbe
              })
              break
            }
            case 7: {
              obj.leave = Leave.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.leave
              })
              break
            }
            case 8: {
              obj.activity = Activity.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.activity
              })
              break
            }
            case 9: {
              obj.capacities = Capacities.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.capacities
              })
              break
            }
            case 10: {
              obj.peerShortfall = PeerShortfall.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.peerShortfall
              })
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield * Join.codec().stream(reader, reader.uint32(), `${prefix}.join`, {
                limits: opts.limits?.join
              })

              break
            }
            case 2: {
              yield * ManifestPage.codec().stream(reader, reader.uint32(), `${prefix}.manifests`, {
                limits: opts.limits?.manifests
              })

              break
            }
            case 3: {
              yield * Progress.codec().stream(reader, reader.uint32(), `${prefix}.progress`, {
                limits: opts.limits?.progress
              })

              break
            }
            case 4: {
              yield * FileCompletion.codec().stream(reader, reader.uint32(), `${prefix}.fileCompletion`, {
                limits: opts.limits?.fileCompletion
              })

              break
            }
            case 5: {
              yield * PeerCompletion.codec().stream(reader, reader.uint32(), `${prefix}.peerCompletion`, {
                limits: opts.limits?.peerCompletion
              })

              break
            }
            case 6: {
              yield * ClockProbe.codec().stream(reader, reader.uint32(), `${prefix}.clockProbe`, {
                limits: opts.limits?.clockProbe
              })

              break
            }
            case 7: {
              yield * Leave.codec().stream(reader, reader.uint32(), `${prefix}.leave`, {
                limits: opts.limits?.leave
              })

              break
            }
            case 8: {
              yield * Activity.codec().stream(reader, reader.uint32(), `${prefix}.activity`, {
                limits: opts.limits?.activity
              })

              break
            }
            case 9: {
              yield * Capacities.codec().stream(reader, reader.uint32(), `${prefix}.capacities`, {
                limits: opts.limits?.capacities
              })

              break
            }
            case 10: {
              yield * PeerShortfall.codec().stream(reader, reader.uint32(), `${prefix}.peerShortfall`, {
                limits: opts.limits?.peerShortfall
              })

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface PeerMessageJoinVersionFieldEvent {
    field: '$.join.version'
    value: number
  }

  export interface PeerMessageJoinNameFieldEvent {
    field: '$.join.name'
    value: string
  }

  export interface PeerMessageJoinMultiaddrsFieldEvent {
    field: '$.join.multiaddrs[]'
    index: number
    value: string
  }

  export interface PeerMessageJoinUplinkBytesPerSecondFieldEvent {
    field: '$.join.uplinkBytesPerSecond'
    value: number
  }

  export interface PeerMessageJoinDownlinkBytesPerSecondFieldEvent {
    field: '$.join.downlinkBytesPerSecond'
    value: number
  }

  export interface PeerMessageManifestsManifestsFieldEvent {
    field: '$.manifests.manifests[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface PeerMessageManifestsLastFieldEvent {
    field: '$.manifests.last'
    value: boolean
  }

  export interface PeerMessageProgressTotalBytesFieldEvent {
    field: '$.progress.totalBytes'
    value: number
  }

  export interface PeerMessageProgressHeldBytesFieldEvent {
    field: '$.progress.heldBytes'
    value: number
  }

  export interface PeerMessageProgressReceivedBytesFieldEvent {
    field: '$.progress.receivedBytes'
    value: number
  }

  export interface PeerMessageProgressSentBytesFieldEvent {
    field: '$.progress.sentBytes'
    value: number
  }

  export interface PeerMessageProgressUplinkBytesPerSecondFieldEvent {
    field: '$.progress.uplinkBytesPerSecond'
    value: number
  }

  export interface PeerMessageProgressDownlinkBytesPerSecondFieldEvent {
    field: '$.progress.downlinkBytesPerSecond'
    value: number
  }

  export interface PeerMessageFileCompletionOriginFieldEvent {
    field: '$.fileCompletion.origin'
    value: string
  }

  export interface PeerMessageFileCompletionPathFieldEvent {
    field: '$.fileCompletion.path'
    value: string
  }

  export interface PeerMessageFileCompletionAtMsFieldEvent {
    field: '$.fileCompletion.atMs'
    value: number
  }

  export interface PeerMessagePeerCompletionAtMsFieldEvent {
    field: '$.peerCompletion.atMs'
    value: number
  }

  export interface PeerMessagePeerCompletionProgressTotalBytesFieldEvent {
    field: '$.peerCompletion.progress.totalBytes'
    value: number
  }

  export interface PeerMessagePeerCompletionProgressHeldBytesFieldEvent {
    field: '$.peerCompletion.progress.heldBytes'
    value: number
  }

  export interface PeerMessagePeerCompletionProgressReceivedBytesFieldEvent {
    field: '$.peerCompletion.progress.receivedBytes'
    value: number
  }

  export interface PeerMessagePeerCompletionProgressSentBytesFieldEvent {
    field: '$.peerCompletion.progress.sentBytes'
    value: number
  }

  export interface PeerMessagePeerCompletionProgressUplinkBytesPerSecondFieldEvent {
    field: '$.peerCompletion.progress.uplinkBytesPerSecond'
    value: number
  }

  export interface PeerMessagePeerCompletionProgressDownlinkBytesPerSecondFieldEvent {
    field: '$.peerCompletion.progress.downlinkBytesPerSecond'
    value: number
  }

  export interface PeerMessageClockProbeSentAtMsFieldEvent {
    field: '$.clockProbe.sentAtMs'
    value: number
  }

  export interface PeerMessageLeaveReasonFieldEvent {
    field: '$.leave.reason'
    value: string
  }

  export interface PeerMessageActivityFlowsFromFieldEvent {
    field: '$.activity.flows[].from'
    value: string
    index: number
  }

  export interface PeerMessageActivityFlowsReceivedBytesFieldEvent {
    field: '$.activity.flows[].receivedBytes'
    value: number
    index: number
  }

  export interface PeerMessageActivityContentsRootFieldEvent {
    field: '$.activity.contents[].root'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface PeerMessageActivityContentsHeldBytesFieldEvent {
    field: '$.activity.contents[].heldBytes'
    value: number
    index: number
  }

  export interface PeerMessageActivityContentsCellsFieldEvent {
    field: '$.activity.contents[].cells'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface PeerMessageActivityWaitingFieldEvent {
    field: '$.activity.waiting'
    value: string
  }

  export interface PeerMessageActivityWaitingForFieldEvent {
    field: '$.activity.waitingFor[]'
    index: number
    value: string
  }

  export interface PeerMessageActivityChunksFieldEvent {
    field: '$.activity.chunks'
    value: number
  }

  export interface PeerMessageActivityChunkTimesFieldEvent {
    field: '$.activity.chunkTimes[]'
    index: number
    value: number
  }

  export interface PeerMessageActivityDuplicatesFieldEvent {
    field: '$.activity.duplicates'
    value: number
  }

  export interface PeerMessageActivityFailuresReasonFieldEvent {
    field: '$.activity.failures[].reason'
    value: string
    index: number
  }

  export interface PeerMessageActivityFailuresCountFieldEvent {
    field: '$.activity.failures[].count'
    value: number
    index: number
  }

  export interface PeerMessageActivityStallsFieldEvent {
    field: '$.activity.stalls'
    value: number
  }

  export interface PeerMessageActivityDisconnectionsFieldEvent {
    field: '$.activity.disconnections'
    value: number
  }

  export interface PeerMessageCapacitiesUplinkBytesPerSecondFieldEvent {
    field: '$.capacities.uplinkBytesPerSecond'
    value: number
  }

  export interface PeerMessageCapacitiesDownlinkBytesPerSecondFieldEvent {
    field: '$.capacities.downlinkBytesPerSecond'
    value: number
  }

  export interface PeerMessagePeerShortfallAtMsFieldEvent {
    field: '$.peerShortfall.atMs'
    value: number
  }

  export interface PeerMessagePeerShortfallProgressTotalBytesFieldEvent {
    field: '$.peerShortfall.progress.totalBytes'
    value: number
  }

  export interface PeerMessagePeerShortfallProgressHeldBytesFieldEvent {
    field: '$.peerShortfall.progress.heldBytes'
    value: number
  }

  export interface PeerMessagePeerShortfallProgressReceivedBytesFieldEvent {
    field: '$.peerShortfall.progress.receivedBytes'
    value: number
  }

  export interface PeerMessagePeerShortfallProgressSentBytesFieldEvent {
    field: '$.peerShortfall.progress.sentBytes'
    value: number
  }

  export interface PeerMessagePeerShortfallProgressUplinkBytesPerSecondFieldEvent {
    field: '$.peerShortfall.progress.uplinkBytesPerSecond'
    value: number
  }

  export interface PeerMessagePeerShortfallProgressDownlinkBytesPerSecondFieldEvent {
    field: '$.peerShortfall.progress.downlinkBytesPerSecond'
    value: number
  }

  export interface PeerMessagePeerShortfallFilesFieldEvent {
    field: '$.peerShortfall.files'
    value: number
  }

  export interface PeerMessagePeerShortfallCodeFieldEvent {
    field: '$.peerShortfall.code'
    value: string
  }

  export interface PeerMessagePeerShortfallMessageFieldEvent {
    field: '$.peerShortfall.message'
    value: string
  }

  export function encode (obj: Partial<PeerMessage>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, PeerMessage.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PeerMessage>): PeerMessage {
    return decodeMessage(buf, PeerMessage.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PeerMessage>): Generator<PeerMessageJoinVersionFieldEvent | PeerMessageJoinNameFieldEvent | PeerMessageJoinMultiaddrsFieldEvent | PeerMessageJoinUplinkBytesPerSecondFieldEvent | PeerMessageJoinDownlinkBytesPerSecondFieldEvent | PeerMessageManifestsManifestsFieldEvent | PeerMessageManifestsLastFieldEvent | PeerMessageProgressTotalBytesFieldEvent | PeerMessageProgressHeldBytesFieldEvent | PeerMessageProgressReceivedBytesFieldEvent | PeerMessageProgressSentBytesFieldEvent | PeerMessageProgressUplinkBytesPerSecondFieldEvent | PeerMessageProgressDownlinkBytesPerSecondFieldEvent | PeerMessageFileCompletionOriginFieldEvent | PeerMessageFileCompletionPathFieldEvent | PeerMessageFileCompletionAtMsFieldEvent | PeerMessagePeerCompletionAtMsFieldEvent | PeerMessagePeerCompletionProgressTotalBytesFieldEvent | PeerMessagePeerCompletionProgressHeldBytesFieldEvent | PeerMessagePeerCompletionProgressReceivedBytesFieldEvent | PeerMessagePeerCompletionProgressSentBytesFieldEvent | PeerMessagePeerCompletionProgressUplinkBytesPerSecondFieldEvent | PeerMessagePeerCompletionProgressDownlinkBytesPerSecondFieldEvent | PeerMessageClockProbeSentAtMsFieldEvent | PeerMessageLeaveReasonFieldEvent | PeerMessageActivityFlowsFromFieldEvent | PeerMessageActivityFlowsReceivedBytesFieldEvent | PeerMessageActivityContentsRootFieldEvent | PeerMessageActivityContentsHeldBytesFieldEvent | PeerMessageActivityContentsCellsFieldEvent | PeerMessageActivityWaitingFieldEvent | PeerMessageActivityWaitingForFieldEvent | PeerMessageActivityChunksFieldEvent | PeerMessageActivityChunkTimesFieldEvent | PeerMessageActivityDuplicatesFieldEvent | PeerMessageActivityFailuresReasonFieldEvent | PeerMessageActivityFailuresCountFieldEvent | PeerMessageActivityStallsFieldEvent | PeerMessageActivityDisconnectionsFieldEvent | PeerMessageCapacitiesUplinkBytesPerSecondFieldEvent | PeerMessageCapacitiesDownlinkBytesPerSecondFieldEvent | PeerMessagePeerShortfallAtMsFieldEvent | PeerMessagePeerShortfallProgressTotalBytesFieldEvent | PeerMessagePeerShortfallProgressHeldBytesFieldEvent | PeerMessagePeerShortfallProgressReceivedBytesFieldEvent | PeerMessagePeerShortfallProgressSentBytesFieldEvent | PeerMessagePeerShortfallProgressUplinkBytesPerSecondFieldEvent | PeerMessagePeerShortfallProgressDownlinkBytesPerSecondFieldEvent | PeerMessagePeerShortfallFilesFieldEvent | PeerMessagePeerShortfallCodeFieldEvent | PeerMessagePeerShortfallMessageFieldEvent> {
    return streamMessage(buf, PeerMessage.codec(), opts)
  }
}

export interface CoordinatorMessage {
  joined?: Joined
  refusal?: Refusal
  roster?: Roster
  catalog?: ManifestPage
  clockReply?: ClockReply
  swarmEnd?: SwarmEnd
  leave?: Leave
  bound?: Bound
}

export namespace CoordinatorMessage {
  let _codec: Codec<CoordinatorMessage>

  export const codec = (): Codec<CoordinatorMessage> => {
    if (_codec == null) {
      _codec = message<CoordinatorMessage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.joined != null) {
          w.uint32(10)
          Joined.codec().encode(obj.joined, w)
        }

        if (obj.refusal != null) {
          w.uint32(18)
          Refusal.codec().encode(obj.refusal, w)
        }

        if (obj.roster != null) {
          w.uint32(26)
          Roster.codec().encode(obj.roster, w)
        }

        if (obj.catalog != null) {
          w.uint32(34)
          ManifestPage.codec().encode(obj.catalog, w)
        }

        if (obj.clockReply != null) {
          w.uint32(42)
          ClockReply.codec().encode(obj.clockReply, w)
        }

        if (obj.swarmEnd != null) {
          w.uint32(50)
          SwarmEnd.codec().encode(obj.swarmEnd, w)
        }

        if (obj.leave != null) {
          w.uint32(58)
          Leave.codec().encode(obj.leave, w)
        }

        if (obj.bound != null) {
          w.uint32(66)
          Bound.codec().encode(obj.bound, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {}

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.joined = Joined.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.joined
              })
              break
            }
            case 2: {
              obj.refusal = Refusal.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.refusal
              })
              break
            }
            case 3: {
              obj.roster = Roster.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.roster
              })
              break
            }
            case 4: {
              obj.catalog = ManifestPage.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.catalog
              })
              break
            }
            case 5: {
              obj.clockReply = ClockReply.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.clockReply
              })
              break
            }
            case 6: {
              obj.swarmEnd = SwarmEnd.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.swarmEnd
              })
              break
            }
            case 7: {
              obj.leave = Leave.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.leave
              })
              break
            }
            case 8: {
              obj.bound = Bound.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.bound
              })
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield * Joined.codec().stream(reader, reader.uint32(), `${prefix}.joined`, {
                limits: opts.limits?.joined
              })

              break
            }
            case 2: {
              yield * Refusal.codec().stream(reader, reader.uint32(), `${prefix}.refusal`, {
                limits: opts.limits?.refusal
              })

              break
            }
            case 3: {
              yield * Roster.codec().stream(reader, reader.uint32(), `${prefix}.roster`, {
                limits: opts.limits?.roster
              })

              break
            }
            case 4: {
              yield * ManifestPage.codec().stream(reader, reader.uint32(), `${prefix}.catalog`, {
                limits: opts.limits?.catalog
              })

              break
            }
            case 5: {
              yield * ClockReply.codec().stream(reader, reader.uint32(), `${prefix}.clockReply`, {
                limits: opts.limits?.clockReply
              })

              break
            }
            case 6: {
              yield * SwarmEnd.codec().stream(reader, reader.uint32(), `${prefix}.swarmEnd`, {
                limits: opts.limits?.swarmEnd
              })

              break
            }
            case 7: {
              yield * Leave.codec().stream(reader, reader.uint32(), `${prefix}.leave`, {
                limits: opts.limits?.leave
              })

              break
            }
            case 8: {
              yield * Bound.codec().stream(reader, reader.uint32(), `${prefix}.bound`, {
                limits: opts.limits?.bound
              })

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface CoordinatorMessageJoinedExpectedPeersFieldEvent {
    field: '$.joined.expectedPeers'
    value: number
  }

  export interface CoordinatorMessageJoinedChunkByteLengthFieldEvent {
    field: '$.joined.chunkByteLength'
    value: number
  }

  export interface CoordinatorMessageJoinedRelayFieldEvent {
    field: '$.joined.relay'
    value: boolean
  }

  export interface CoordinatorMessageJoinedSwarmIdFieldEvent {
    field: '$.joined.swarmId'
    value: Uint8Array<ArrayBuffer>
  }

  export interface CoordinatorMessageRefusalCodeFieldEvent {
    field: '$.refusal.code'
    value: string
  }

  export interface CoordinatorMessageRefusalMessageFieldEvent {
    field: '$.refusal.message'
    value: string
  }

  export interface CoordinatorMessageRosterMembersNameFieldEvent {
    field: '$.roster.members[].name'
    value: string
    index: number
  }

  export interface CoordinatorMessageRosterMembersPeerIdFieldEvent {
    field: '$.roster.members[].peerId'
    value: string
    index: number
  }

  export interface CoordinatorMessageRosterMembersMultiaddrsFieldEvent {
    field: '$.roster.members[].multiaddrs[]'
    index: number
    value: string
  }

  export interface CoordinatorMessageRosterMembersConnectedFieldEvent {
    field: '$.roster.members[].connected'
    value: boolean
    index: number
  }

  export interface CoordinatorMessageRosterMembersCompleteFieldEvent {
    field: '$.roster.members[].complete'
    value: boolean
    index: number
  }

  export interface CoordinatorMessageRosterMembersLeftOutFieldEvent {
    field: '$.roster.members[].leftOut'
    value: boolean
    index: number
  }

  export interface CoordinatorMessageCatalogManifestsFieldEvent {
    field: '$.catalog.manifests[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface CoordinatorMessageCatalogLastFieldEvent {
    field: '$.catalog.last'
    value: boolean
  }

  export interface CoordinatorMessageClockReplySentAtMsFieldEvent {
    field: '$.clockReply.sentAtMs'
    value: number
  }

  export interface CoordinatorMessageClockReplyAtMsFieldEvent {
    field: '$.clockReply.atMs'
    value: number
  }

  export interface CoordinatorMessageSwarmEndCompleteFieldEvent {
    field: '$.swarmEnd.complete'
    value: boolean
  }

  export interface CoordinatorMessageSwarmEndMakespanMsFieldEvent {
    field: '$.swarmEnd.makespanMs'
    value: number
  }

  export interface CoordinatorMessageSwarmEndResultsNameFieldEvent {
    field: '$.swarmEnd.results[].name'
    value: string
    index: number
  }

  export interface CoordinatorMessageSwarmEndResultsRegisteredAtMsFieldEvent {
    field: '$.swarmEnd.results[].registeredAtMs'
    value: number
    index: number
  }

  export interface CoordinatorMessageSwarmEndResultsCompletedAtMsFieldEvent {
    field: '$.swarmEnd.results[].completedAtMs'
    value: number
    index: number
  }

  export interface CoordinatorMessageSwarmEndResultsReceivedBytesFieldEvent {
    field: '$.swarmEnd.results[].receivedBytes'
    value: number
    index: number
  }

  export interface CoordinatorMessageSwarmEndResultsSentBytesFieldEvent {
    field: '$.swarmEnd.results[].sentBytes'
    value: number
    index: number
  }

  export interface CoordinatorMessageSwarmEndReasonFieldEvent {
    field: '$.swarmEnd.reason'
    value: string
  }

  export interface CoordinatorMessageSwarmEndBoundBoundMsFieldEvent {
    field: '$.swarmEnd.bound.boundMs'
    value: number
  }

  export interface CoordinatorMessageSwarmEndBoundTermFieldEvent {
    field: '$.swarmEnd.bound.term'
    value: string
  }

  export interface CoordinatorMessageSwarmEndBoundBoundPeerFieldEvent {
    field: '$.swarmEnd.bound.boundPeer'
    value: string
  }

  export interface CoordinatorMessageSwarmEndBoundBoundBytesPerSecondFieldEvent {
    field: '$.swarmEnd.bound.boundBytesPerSecond'
    value: number
  }

  export interface CoordinatorMessageSwarmEndBoundBasisFieldEvent {
    field: '$.swarmEnd.bound.basis'
    value: string
  }

  export interface CoordinatorMessageSwarmEndBoundEfficiencyFieldEvent {
    field: '$.swarmEnd.bound.efficiency'
    value: number
  }

  export interface CoordinatorMessageLeaveReasonFieldEvent {
    field: '$.leave.reason'
    value: string
  }

  export interface CoordinatorMessageBoundBoundMsFieldEvent {
    field: '$.bound.boundMs'
    value: number
  }

  export interface CoordinatorMessageBoundTermFieldEvent {
    field: '$.bound.term'
    value: string
  }

  export interface CoordinatorMessageBoundBoundPeerFieldEvent {
    field: '$.bound.boundPeer'
    value: string
  }

  export interface CoordinatorMessageBoundBoundBytesPerSecondFieldEvent {
    field: '$.bound.boundBytesPerSecond'
    value: number
  }

  export interface CoordinatorMessageBoundBasisFieldEvent {
    field: '$.bound.basis'
    value: string
  }

  export interface CoordinatorMessageBoundEfficiencyFieldEvent {
    field: '$.bound.efficiency'
    value: number
  }

  export function encode (obj: Partial<CoordinatorMessage>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, CoordinatorMessage.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<CoordinatorMessage>): CoordinatorMessage {
    return decodeMessage(buf, CoordinatorMessage.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<CoordinatorMessage>): Generator<CoordinatorMessageJoinedExpectedPeersFieldEvent | CoordinatorMessageJoinedChunkByteLengthFieldEvent | CoordinatorMessageJoinedRelayFieldEvent | CoordinatorMessageJoinedSwarmIdFieldEvent | CoordinatorMessageRefusalCodeFieldEvent | CoordinatorMessageRefusalMessageFieldEvent | CoordinatorMessageRosterMembersNameFieldEvent | CoordinatorMessageRosterMembersPeerIdFieldEvent | CoordinatorMessageRosterMembersMultiaddrsFieldEvent | CoordinatorMessageRosterMembersConnectedFieldEvent | CoordinatorMessageRosterMembersCompleteFieldEvent | CoordinatorMessageRosterMembersLeftOutFieldEvent | CoordinatorMessageCatalogManifestsFieldEvent | CoordinatorMessageCatalogLastFieldEvent | CoordinatorMessageClockReplySentAtMsFieldEvent | CoordinatorMessageClockReplyAtMsFieldEvent | CoordinatorMessageSwarmEndCompleteFieldEvent | CoordinatorMessageSwarmEndMakespanMsFieldEvent | CoordinatorMessageSwarmEndResultsNameFieldEvent | CoordinatorMessageSwarmEndResultsRegisteredAtMsFieldEvent | CoordinatorMessageSwarmEndResultsCompletedAtMsFieldEvent | CoordinatorMessageSwarmEndResultsReceivedBytesFieldEvent | CoordinatorMessageSwarmEndResultsSentBytesFieldEvent | CoordinatorMessageSwarmEndReasonFieldEvent | CoordinatorMessageSwarmEndBoundBoundMsFieldEvent | CoordinatorMessageSwarmEndBoundTermFieldEvent | CoordinatorMessageSwarmEndBoundBoundPeerFieldEvent | CoordinatorMessageSwarmEndBoundBoundBytesPerSecondFieldEvent | CoordinatorMessageSwarmEndBoundBasisFieldEvent | CoordinatorMessageSwarmEndBoundEfficiencyFieldEvent | CoordinatorMessageLeaveReasonFieldEvent | CoordinatorMessageBoundBoundMsFieldEvent | CoordinatorMessageBoundTermFieldEvent | CoordinatorMessageBoundBoundPeerFieldEvent | CoordinatorMessageBoundBoundBytesPerSecondFieldEvent | CoordinatorMessageBoundBasisFieldEvent | CoordinatorMessageBoundEfficiencyFieldEvent> {
    return streamMessage(buf, CoordinatorMessage.codec(), opts)
  }
}

export interface Join {
  version: number
  name: string
  multiaddrs: string[]
  uplinkBytesPerSecond?: number
  downlinkBytesPerSecond?: number
}

export namespace Join {
  let _codec: Codec<Join>

  export const codec = (): Codec<Join> => {
    if (_codec == null) {
      _codec = message<Join>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.version != null && obj.version !== 0)) {
          w.uint32(8)
          w.uint32(obj.version)
        }

        if ((obj.name != null && obj.name !== '')) {
          w.uint32(18)
          w.string(obj.name)
        }

        if (obj.multiaddrs != null && obj.multiaddrs.length > 0) {
          for (const value of obj.multiaddrs) {
            w.uint32(26)
            w.string(value)
          }
        }

        if (obj.uplinkBytesPerSecond != null) {
          w.uint32(32)
          w.uint64Number(obj.uplinkBytesPerSecond)
        }

        if (obj.downlinkBytesPerSecond != null) {
          w.uint32(40)
          w.uint64Number(obj.downlinkBytesPerSecond)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          version: 0,
          name: '',
          multiaddrs: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.version = reader.uint32()
              break
            }
            case 2: {
              obj.name = reader.string()
              break
            }
            case 3: {
              if (opts.limits?.multiaddrs != null && obj.multiaddrs.length === opts.limits.multiaddrs) {
                throw new MaxLengthError('Decode error - repeated field "multiaddrs" had too many elements')
              }

              if (obj.multiaddrs.length === 32) {
                throw new MaxLengthError('Decode error - repeated field "multiaddrs" had too many elements')
              }

              obj.multiaddrs.push(reader.string())
              break
            }
            case 4: {
              obj.uplinkBytesPerSecond = reader.uint64Number()
              break
            }
            case 5: {
              obj.downlinkBytesPerSecond = reader.uint64Number()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          multiaddrs: 32
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.version`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.name`,
                value: reader.string()
              }
              break
            }
            case 3: {
              if (opts.limits?.multiaddrs != null && obj.multiaddrs === opts.limits.multiaddrs) {
                throw new MaxLengthError('Streaming decode error - repeated field "multiaddrs" had too many elements')
              }

              if (obj.multiaddrs === 32) {
                throw new MaxLengthError('Streaming decode error - repeated field "multiaddrs" had too many elements')
              }

              yield {
                field: `${prefix}.multiaddrs[]`,
                index: obj.multiaddrs,
                value: reader.string()
              }

              obj.multiaddrs++

              break
            }
            case 4: {
              yield {
                field: `${prefix}.uplinkBytesPerSecond`,
                value: reader.uint64Number()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.downlinkBytesPerSecond`,
                value: reader.uint64Number()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface JoinVersionFieldEvent {
    field: '$.version'
    value: number
  }

  export interface JoinNameFieldEvent {
    field: '$.name'
    value: string
  }

  export interface JoinMultiaddrsFieldEvent {
    field: '$.multiaddrs[]'
    index: number
    value: string
  }

  export interface JoinUplinkBytesPerSecondFieldEvent {
    field: '$.uplinkBytesPerSecond'
    value: number
  }

  export interface JoinDownlinkBytesPerSecondFieldEvent {
    field: '$.downlinkBytesPerSecond'
    value: number
  }

  export function encode (obj: Partial<Join>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Join.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Join>): Join {
    return decodeMessage(buf, Join.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Join>): Generator<JoinVersionFieldEvent | JoinNameFieldEvent | JoinMultiaddrsFieldEvent | JoinUplinkBytesPerSecondFieldEvent | JoinDownlinkBytesPerSecondFieldEvent> {
    return streamMessage(buf, Join.codec(), opts)
  }
}

export interface Capacities {
  uplinkBytesPerSecond?: number
  downlinkBytesPerSecond?: number
}

export namespace Capacities {
  let _codec: Codec<Capacities>

  export const codec = (): Codec<Capacities> => {
    if (_codec == null) {
      _codec = message<Capacities>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.uplinkBytesPerSecond != null) {
          w.uint32(8)
          w.uint64Number(obj.uplinkBytesPerSecond)
        }

        if (obj.downlinkBytesPerSecond != null) {
          w.uint32(16)
          w.uint64Number(obj.downlinkBytesPerSecond)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {}

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.uplinkBytesPerSecond = reader.uint64Number()
              break
            }
            case 2: {
              obj.downlinkBytesPerSecond = reader.uint64Number()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.uplinkBytesPerSecond`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.downlinkBytesPerSecond`,
                value: reader.uint64Number()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface CapacitiesUplinkBytesPerSecondFieldEvent {
    field: '$.uplinkBytesPerSecond'
    value: number
  }

  export interface CapacitiesDownlinkBytesPerSecondFieldEvent {
    field: '$.downlinkBytesPerSecond'
    value: number
  }

  export function encode (obj: Partial<Capacities>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Capacities.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Capacities>): Capacities {
    return decodeMessage(buf, Capacities.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Capacities>): Generator<CapacitiesUplinkBytesPerSecondFieldEvent | CapacitiesDownlinkBytesPerSecondFieldEvent> {
    return streamMessage(buf, Capacities.codec(), opts)
  }
}

export interface Joined {
  expectedPeers: number
  chunkByteLength: number
  relay: boolean
  swarmId: Uint8Array<ArrayBuffer>
}

export namespace Joined {
  let _codec: Codec<Joined>

  export const codec = (): Codec<Joined> => {
    if (_codec == null) {
      _codec = message<Joined>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.expectedPeers != null && obj.expectedPeers !== 0)) {
          w.uint32(8)
          w.uint32(obj.expectedPeers)
        }

        if ((obj.chunkByteLength != null && obj.chunkByteLength !== 0)) {
          w.uint32(16)
          w.uint32(obj.chunkByteLength)
        }

        if ((obj.relay != null && obj.relay !== false)) {
          w.uint32(24)
          w.bool(obj.relay)
        }

        if ((obj.swarmId != null && obj.swarmId.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.swarmId)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          expectedPeers: 0,
          chunkByteLength: 0,
          relay: false,
          swarmId: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.expectedPeers = reader.uint32()
              break
            }
            case 2: {
              obj.chunkByteLength = reader.uint32()
              break
            }
            case 3: {
              obj.relay = reader.bool()
              break
            }
            case 4: {
              obj.swarmId = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.expectedPeers`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.chunkByteLength`,
                value: reader.uint32()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.relay`,
                value: reader.bool()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.swarmId`,
                value: reader.bytes()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface JoinedExpectedPeersFieldEvent {
    field: '$.expectedPeers'
    value: number
  }

  export interface JoinedChunkByteLengthFieldEvent {
    field: '$.chunkByteLength'
    value: number
  }

  export interface JoinedRelayFieldEvent {
    field: '$.relay'
    value: boolean
  }

  export interface JoinedSwarmIdFieldEvent {
    field: '$.swarmId'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Joined>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Joined.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Joined>): Joined {
    return decodeMessage(buf, Joined.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Joined>): Generator<JoinedExpectedPeersFieldEvent | JoinedChunkByteLengthFieldEvent | JoinedRelayFieldEvent | JoinedSwarmIdFieldEvent> {
    return streamMessage(buf, Joined.codec(), opts)
  }
}

export interface Refusal {
  code: string
  message: string
}

export namespace Refusal {
  let _codec: Codec<Refusal>

  export const codec = (): Codec<Refusal> => {
    if (_codec == null) {
      _codec = message<Refusal>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.code != null && obj.code !== '')) {
          w.uint32(10)
          w.string(obj.code)
        }

        if ((obj.message != null && obj.message !== '')) {
          w.uint32(18)
          w.string(obj.message)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          code: '',
          message: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.code = reader.string()
              break
            }
            case 2: {
              obj.message = reader.string()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.code`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.message`,
                value: reader.string()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface RefusalCodeFieldEvent {
    field: '$.code'
    value: string
  }

  export interface RefusalMessageFieldEvent {
    field: '$.message'
    value: string
  }

  export function encode (obj: Partial<Refusal>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Refusal.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Refusal>): Refusal {
    return decodeMessage(buf, Refusal.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Refusal>): Generator<RefusalCodeFieldEvent | RefusalMessageFieldEvent> {
    return streamMessage(buf, Refusal.codec(), opts)
  }
}

export interface Member {
  name: string
  peerId: string
  multiaddrs: string[]
  connected: boolean
  complete: boolean
  leftOut?: boolean
}

export namespace Member {
  let _codec: Codec<Member>

  export const codec = (): Codec<Member> => {
    if (_codec == null) {
      _codec = message<Member>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.name != null && obj.name !== '')) {
          w.uint32(10)
          w.string(obj.name)
        }

        if ((obj.peerId != null && obj.peerId !== '')) {
          w.uint32(18)
          w.string(obj.peerId)
        }

        if (obj.multiaddrs != null && obj.multiaddrs.length > 0) {
          for (const value of obj.multiaddrs) {
            w.uint32(26)
            w.string(value)
          }
        }

        if ((obj.connected != null && obj.connected !== false)) {
          w.uint32(32)
          w.bool(obj.connected)
        }

        if ((obj.complete != null && obj.complete !== false)) {
          w.uint32(40)
          w.bool(obj.complete)
        }

        if (obj.leftOut != null) {
          w.uint32(48)
          w.bool(obj.leftOut)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          name: '',
          peerId: '',
          multiaddrs: [],
          connected: false,
          complete: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.name = reader.string()
              break
            }
            case 2: {
              obj.peerId = reader.string()
              break
            }
            case 3: {
              if (opts.limits?.multiaddrs != null && obj.multiaddrs.length === opts.limits.multiaddrs) {
                throw new MaxLengthError('Decode error - repeated field "multiaddrs" had too many elements')
              }

              if (obj.multiaddrs.length === 32) {
                throw new MaxLengthError('Decode error - repeated field "multiaddrs" had too many elements')
              }

              obj.multiaddrs.push(reader.string())
              break
            }
            case 4: {
              obj.connected = reader.bool()
              break
            }
            case 5: {
              obj.complete = reader.bool()
              break
            }
            case 6: {
              obj.leftOut = reader.bool()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          multiaddrs: 32
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.name`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.peerId`,
                value: reader.string()
              }
              break
            }
            case 3: {
              if (opts.limits?.multiaddrs != null && obj.multiaddrs === opts.limits.multiaddrs) {
                throw new MaxLengthError('Streaming decode error - repeated field "multiaddrs" had too many elements')
              }

              if (obj.multiaddrs === 32) {
                throw new MaxLengthError('Streaming decode error - repeated field "multiaddrs" had too many elements')
              }

              yield {
                field: `${prefix}.multiaddrs[]`,
                index: obj.multiaddrs,
                value: reader.string()
              }

              obj.multiaddrs++

              break
            }
            case 4: {
              yield {
                field: `${prefix}.connected`,
                value: reader.bool()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.complete`,
                value: reader.bool()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.leftOut`,
                value: reader.bool()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface MemberNameFieldEvent {
    field: '$.name'
    value: string
  }

  export interface MemberPeerIdFieldEvent {
    field: '$.peerId'
    value: string
  }

  export interface MemberMultiaddrsFieldEvent {
    field: '$.multiaddrs[]'
    index: number
    value: string
  }

  export interface MemberConnectedFieldEvent {
    field: '$.connected'
    value: boolean
  }

  export interface MemberCompleteFieldEvent {
    field: '$.complete'
    value: boolean
  }

  export interface MemberLeftOutFieldEvent {
    field: '$.leftOut'
    value: boolean
  }

  export function encode (obj: Partial<Member>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Member.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Member>): Member {
    return decodeMessage(buf, Member.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Member>): Generator<MemberNameFieldEvent | MemberPeerIdFieldEvent | MemberMultiaddrsFieldEvent | MemberConnectedFieldEvent | MemberCompleteFieldEvent | MemberLeftOutFieldEvent> {
    return streamMessage(buf, Member.codec(), opts)
  }
}

export interface Roster {
  members: Member[]
}

export namespace Roster {
  let _codec: Codec<Roster>

  export const codec = (): Codec<Roster> => {
    if (_codec == null) {
      _codec = message<Roster>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.members != null && obj.members.length > 0) {
          for (const value of obj.members) {
            w.uint32(10)
            Member.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          members: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.members != null && obj.members.length === opts.limits.members) {
                throw new MaxLengthError('Decode error - repeated field "members" had too many elements')
              }

              if (obj.members.length === 1024) {
                throw new MaxLengthError('Decode error - repeated field "members" had too many elements')
              }

              obj.members.push(Member.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.members$
              }))
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          members: 1024
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.members != null && obj.members === opts.limits.members) {
                throw new MaxLengthError('Streaming decode error - repeated field "members" had too many elements')
              }

              if (obj.members === 1024) {
                throw new MaxLengthError('Streaming decode error - repeated field "members" had too many elements')
              }

              for (const evt of Member.codec().stream(reader, reader.uint32(), `${prefix}.members[]`, {
                limits: opts.limits?.members$
              })) {
                yield {
                  ...evt,
                  index: obj.members
                }
              }

              obj.members++

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface RosterMembersNameFieldEvent {
    field: '$.members[].name'
    value: string
    index: number
  }

  export interface RosterMembersPeerIdFieldEvent {
    field: '$.members[].peerId'
    value: string
    index: number
  }

  export interface RosterMembersMultiaddrsFieldEvent {
    field: '$.members[].multiaddrs[]'
    index: number
    value: string
  }

  export interface RosterMembersConnectedFieldEvent {
    field: '$.members[].connected'
    value: boolean
    index: number
  }

  export interface RosterMembersCompleteFieldEvent {
    field: '$.members[].complete'
    value: boolean
    index: number
  }

  export interface RosterMembersLeftOutFieldEvent {
    field: '$.members[].leftOut'
    value: boolean
    index: number
  }

  export function encode (obj: Partial<Roster>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Roster.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Roster>): Roster {
    return decodeMessage(buf, Roster.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Roster>): Generator<RosterMembersNameFieldEvent | RosterMembersPeerIdFieldEvent | RosterMembersMultiaddrsFieldEvent | RosterMembersConnectedFieldEvent | RosterMembersCompleteFieldEvent | RosterMembersLeftOutFieldEvent> {
    return streamMessage(buf, Roster.codec(), opts)
  }
}

export interface ManifestPage {
  manifests: Uint8Array<ArrayBuffer>[]
  last: boolean
}

export namespace ManifestPage {
  let _codec: Codec<ManifestPage>

  export const codec = (): Codec<ManifestPage> => {
    if (_codec == null) {
      _codec = message<ManifestPage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.manifests != null && obj.manifests.length > 0) {
          for (const value of obj.manifests) {
            w.uint32(10)
            w.bytes(value)
          }
        }

        if ((obj.last != null && obj.last !== false)) {
          w.uint32(16)
          w.bool(obj.last)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          manifests: [],
          last: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.manifests != null && obj.manifests.length === opts.limits.manifests) {
                throw new MaxLengthError('Decode error - repeated field "manifests" had too many elements')
              }

              if (obj.manifests.length === 4096) {
                throw new MaxLengthError('Decode error - repeated field "manifests" had too many elements')
              }

              obj.manifests.push(reader.bytes())
              break
            }
            case 2: {
              obj.last = reader.bool()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          manifests: 4096
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.manifests != null && obj.manifests === opts.limits.manifests) {
                throw new MaxLengthError('Streaming decode error - repeated field "manifests" had too many elements')
              }

              if (obj.manifests === 4096) {
                throw new MaxLengthError('Streaming decode error - repeated field "manifests" had too many elements')
              }

              yield {
                field: `${prefix}.manifests[]`,
                index: obj.manifests,
                value: reader.bytes()
              }

              obj.manifests++

              break
            }
            case 2: {
              yield {
                field: `${prefix}.last`,
                value: reader.bool()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface ManifestPageManifestsFieldEvent {
    field: '$.manifests[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface ManifestPageLastFieldEvent {
    field: '$.last'
    value: boolean
  }

  export function encode (obj: Partial<ManifestPage>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ManifestPage.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ManifestPage>): ManifestPage {
    return decodeMessage(buf, ManifestPage.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ManifestPage>): Generator<ManifestPageManifestsFieldEvent | ManifestPageLastFieldEvent> {
    return streamMessage(buf, ManifestPage.codec(), opts)
  }
}

export interface Progress {
  totalBytes: number
  heldBytes: number
  receivedBytes: number
  sentBytes: number
  uplinkBytesPerSecond?: number
  downlinkBytesPerSecond?: number
}

export namespace Progress {
  let _codec: Codec<Progress>

  export const codec = (): Codec<Progress> => {
    if (_codec == null) {
      _codec = message<Progress>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.totalBytes != null && obj.totalBytes !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.totalBytes)
        }

        if ((obj.heldBytes != null && obj.heldBytes !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.heldBytes)
        }

        if ((obj.receivedBytes != null && obj.receivedBytes !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.receivedBytes)
        }

        if ((obj.sentBytes != null && obj.sentBytes !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.sentBytes)
        }

        if (obj.uplinkBytesPerSecond != null) {
          w.uint32(40)
          w.uint64Number(obj.uplinkBytesPerSecond)
        }

        if (obj.downlinkBytesPerSecond != null) {
          w.uint32(48)
          w.uint64Number(obj.downlinkBytesPerSecond)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          totalBytes: 0,
          heldBytes: 0,
          receivedBytes: 0,
          sentBytes: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.totalBytes = reader.uint64Number()
              break
            }
            case 2: {
              obj.heldBytes = reader.uint64Number()
              break
            }
            case 3: {
              obj.receivedBytes = reader.uint64Number()
              break
            }
            case 4: {
              obj.sentBytes = reader.uint64Number()
              break
            }
            case 5: {
              obj.uplinkBytesPerSecond = reader.uint64Number()
              break
            }
            case 6: {
              obj.downlinkBytesPerSecond = reader.uint64Number()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.totalBytes`,
                value: reader.uint64Number()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.heldBytes`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.receivedBytes`,
                value: reader.uint64Number()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.sentBytes`,
                value: reader.uint64Number()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.uplinkBytesPerSecond`,
                value: reader.uint64Number()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.downlinkBytesPerSecond`,
                value: reader.uint64Number()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface ProgressTotalBytesFieldEvent {
    field: '$.totalBytes'
    value: number
  }

  export interface ProgressHeldBytesFieldEvent {
    field: '$.heldBytes'
    value: number
  }

  export interface ProgressReceivedBytesFieldEvent {
    field: '$.receivedBytes'
    value: number
  }

  export interface ProgressSentBytesFieldEvent {
    field: '$.sentBytes'
    value: number
  }

  export interface ProgressUplinkBytesPerSecondFieldEvent {
    field: '$.uplinkBytesPerSecond'
    value: number
  }

  export interface ProgressDownlinkBytesPerSecondFieldEvent {
    field: '$.downlinkBytesPerSecond'
    value: number
  }

  export function encode (obj: Partial<Progress>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Progress.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Progress>): Progress {
    return decodeMessage(buf, Progress.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Progress>): Generator<ProgressTotalBytesFieldEvent | ProgressHeldBytesFieldEvent | ProgressReceivedBytesFieldEvent | ProgressSentBytesFieldEvent | ProgressUplinkBytesPerSecondFieldEvent | ProgressDownlinkBytesPerSecondFieldEvent> {
    return streamMessage(buf, Progress.codec(), opts)
  }
}

export interface Activity {
  flows: Flow[]
  contents: ContentHeld[]
  waiting: string
  waitingFor: string[]
  chunks: number
  chunkTimes: number[]
  duplicates: number
  failures: FailureCount[]
  stalls: number
  disconnections: number
}

export namespace Activity {
  let _codec: Codec<Activity>

  export const codec = (): Codec<Activity> => {
    if (_codec == null) {
      _codec = message<Activity>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.flows != null && obj.flows.length > 0) {
          for (const value of obj.flows) {
            w.uint32(10)
            Flow.codec().encode(value, w)
          }
        }

        if (obj.contents != null && obj.contents.length > 0) {
          for (const value of obj.contents) {
            w.uint32(18)
            ContentHeld.codec().encode(value, w)
          }
        }

        if ((obj.waiting != null && obj.waiting !== '')) {
          w.uint32(26)
          w.string(obj.waiting)
        }

        if (obj.waitingFor != null && obj.waitingFor.length > 0) {
          for (const value of obj.waitingFor) {
            w.uint32(34)
            w.string(value)
          }
        }

        if ((obj.chunks != null && obj.chunks !== 0)) {
          w.uint32(40)
          w.uint64Number(obj.chunks)
        }

        if (obj.chunkTimes != null && obj.chunkTimes.length > 0) {
          for (const value of obj.chunkTimes) {
            w.uint32(48)
            w.uint32(value)
          }
        }

        if ((obj.duplicates != null && obj.duplicates !== 0)) {
          w.uint32(56)
          w.uint64Number(obj.duplicates)
        }

        if (obj.failures != null && obj.failures.length > 0) {
          for (const value of obj.failures) {
            w.uint32(66)
            FailureCount.codec().encode(value, w)
          }
        }

        if ((obj.stalls != null && obj.stalls !== 0)) {
          w.uint32(72)
          w.uint64Number(obj.stalls)
        }

        if ((obj.disconnections != null && obj.disconnections !== 0)) {
          w.uint32(80)
          w.uint64Number(obj.disconnections)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          flows: [],
          contents: [],
          waiting: '',
          waitingFor: [],
          chunks: 0,
          chunkTimes: [],
          duplicates: 0,
          failures: [],
          stalls: 0,
          disconnections: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.flows != null && obj.flows.length === opts.limits.flows) {
                throw new MaxLengthError('Decode error - repeated field "flows" had too many elements')
              }

              if (obj.flows.length === 1024) {
                throw new MaxLengthError('Decode error - repeated field "flows" had too many elements')
              }

              obj.flows.push(Flow.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.flows$
              }))
              break
            }
            case 2: {
              if (opts.limits?.contents != null && obj.contents.length === opts.limits.contents) {
                throw new MaxLengthError('Decode error - repeated field "contents" had too many elements')
              }

              if (obj.contents.length === 256) {
                throw new MaxLengthError('Decode error - repeated field "contents" had too many elements')
              }

              obj.contents.push(ContentHeld.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.contents$
              }))
              break
            }
            case 3: {
              obj.waiting = reader.string()
              break
            }
            case 4: {
              if (opts.limits?.waitingFor != null && obj.waitingFor.length === opts.limits.waitingFor) {
                throw new MaxLengthError('Decode error - repeated field "waitingFor" had too many elements')
              }

              if (obj.waitingFor.length === 8) {
                throw new MaxLengthError('Decode error - repeated field "waitingFor" had too many elements')
              }

              obj.waitingFor.push(reader.string())
              break
            }
            case 5: {
              obj.chunks = reader.uint64Number()
              break
            }
            case 6: {
              const chunkTimesEnd = (tag & 7) === 2 ? reader.uint32() + reader.pos : reader.pos + 1

              while (reader.pos < chunkTimesEnd) {
                if (opts.limits?.chunkTimes != null && obj.chunkTimes.length === opts.limits.chunkTimes) {
                  throw new MaxLengthError('Decode error - repeated field "chunkTimes" had too many elements')
                }

                if (obj.chunkTimes.length === 160) {
                  throw new MaxLengthError('Decode error - repeated field "chunkTimes" had too many elements')
                }

                obj.chunkTimes.push(reader.uint32())
              }
              if ((tag & 7) === 2 && reader.pos !== chunkTimesEnd) {
                throw new RangeError('Decode error - packed field "chunkTimes" ended within a number')
              }
              break
            }
            case 7: {
              obj.duplicates = reader.uint64Number()
              break
            }
            case 8: {
              if (opts.limits?.failures != null && obj.failures.length === opts.limits.failures) {
                throw new MaxLengthError('Decode error - repeated field "failures" had too many elements')
              }

              if (obj.failures.length === 16) {
                throw new MaxLengthError('Decode error - repeated field "failures" had too many elements')
              }

              obj.failures.push(FailureCount.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.failures$
              }))
              break
            }
            case 9: {
              obj.stalls = reader.uint64Number()
              break
            }
            case 10: {
              obj.disconnections = reader.uint64Number()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          flows: 1024,
          contents: 256,
          waitingFor: 8,
          chunkTimes: 160,
          failures: 16
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.flows != null && obj.flows === opts.limits.flows) {
                throw new MaxLengthError('Streaming decode error - repeated field "flows" had too many elements')
              }

              if (obj.flows === 1024) {
                throw new MaxLengthError('Streaming decode error - repeated field "flows" had too many elements')
              }

              for (const evt of Flow.codec().stream(reader, reader.uint32(), `${prefix}.flows[]`, {
                limits: opts.limits?.flows$
              })) {
                yield {
                  ...evt,
                  index: obj.flows
                }
              }

              obj.flows++

              break
            }
            case 2: {
              if (opts.limits?.contents != null && obj.contents === opts.limits.contents) {
                throw new MaxLengthError('Streaming decode error - repeated field "contents" had too many elements')
              }

              if (obj.contents === 256) {
                throw new MaxLengthError('Streaming decode error - repeated field "contents" had too many elements')
              }

              for (const evt of ContentHeld.codec().stream(reader, reader.uint32(), `${prefix}.contents[]`, {
                limits: opts.limits?.contents$
              })) {
                yield {
                  ...evt,
                  index: obj.contents
                }
              }

              obj.contents++

              break
            }
            case 3: {
              yield {
                field: `${prefix}.waiting`,
                value: reader.string()
              }
              break
            }
            case 4: {
              if (opts.limits?.waitingFor != null && obj.waitingFor === opts.limits.waitingFor) {
                throw new MaxLengthError('Streaming decode error - repeated field "waitingFor" had too many elements')
              }

              if (obj.waitingFor === 8) {
                throw new MaxLengthError('Streaming decode error - repeated field "waitingFor" had too many elements')
              }

              yield {
                field: `${prefix}.waitingFor[]`,
                index: obj.waitingFor,
                value: reader.string()
              }

              obj.waitingFor++

              break
            }
            case 5: {
              yield {
                field: `${prefix}.chunks`,
                value: reader.uint64Number()
              }
              break
            }
            case 6: {
              if (opts.limits?.chunkTimes != null && obj.chunkTimes === opts.limits.chunkTimes) {
                throw new MaxLengthError('Streaming decode error - repeated field "chunkTimes" had too many elements')
              }

              if (obj.chunkTimes === 160) {
                throw new MaxLengthError('Streaming decode error - repeated field "chunkTimes" had too many elements')
              }

              yield {
                field: `${prefix}.chunkTimes[]`,
                index: obj.chunkTimes,
                value: reader.uint32()
              }

              obj.chunkTimes++

              break
            }
            case 7: {
              yield {
                field: `${prefix}.duplicates`,
                value: reader.uint64Number()
              }
              break
            }
            case 8: {
              if (opts.limits?.failures != null && obj.failures === opts.limits.failures) {
                throw new MaxLengthError('Streaming decode error - repeated field "failures" had too many elements')
              }

              if (obj.failures === 16) {
                throw new MaxLengthError('Streaming decode error - repeated field "failures" had too many elements')
              }

              for (const evt of FailureCount.codec().stream(reader, reader.uint32(), `${prefix}.failures[]`, {
                limits: opts.limits?.failures$
              })) {
                yield {
                  ...evt,
                  index: obj.failures
                }
              }

              obj.failures++

              break
            }
            case 9: {
              yield {
                field: `${prefix}.stalls`,
                value: reader.uint64Number()
              }
              break
            }
            case 10: {
              yield {
                field: `${prefix}.disconnections`,
                value: reader.uint64Number()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface ActivityFlowsFromFieldEvent {
    field: '$.flows[].from'
    value: string
    index: number
  }

  export interface ActivityFlowsReceivedBytesFieldEvent {
    field: '$.flows[].receivedBytes'
    value: number
    index: number
  }

  export interface ActivityContentsRootFieldEvent {
    field: '$.contents[].root'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface ActivityContentsHeldBytesFieldEvent {
    field: '$.contents[].heldBytes'
    value: number
    index: number
  }

  export interface ActivityContentsCellsFieldEvent {
    field: '$.contents[].cells'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface ActivityWaitingFieldEvent {
    field: '$.waiting'
    value: string
  }

  export interface ActivityWaitingForFieldEvent {
    field: '$.waitingFor[]'
    index: number
    value: string
  }

  export interface ActivityChunksFieldEvent {
    field: '$.chunks'
    value: number
  }

  export interface ActivityChunkTimesFieldEvent {
    field: '$.chunkTimes[]'
    index: number
    value: number
  }

  export interface ActivityDuplicatesFieldEvent {
    field: '$.duplicates'
    value: number
  }

  export interface ActivityFailuresReasonFieldEvent {
    field: '$.failures[].reason'
    value: string
    index: number
  }

  export interface ActivityFailuresCountFieldEvent {
    field: '$.failures[].count'
    value: number
    index: number
  }

  export interface ActivityStallsFieldEvent {
    field: '$.stalls'
    value: number
  }

  export interface ActivityDisconnectionsFieldEvent {
    field: '$.disconnections'
    value: number
  }

  export function encode (obj: Partial<Activity>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Activity.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Activity>): Activity {
    return decodeMessage(buf, Activity.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Activity>): Generator<ActivityFlowsFromFieldEvent | ActivityFlowsReceivedBytesFieldEvent | ActivityContentsRootFieldEvent | ActivityContentsHeldBytesFieldEvent | ActivityContentsCellsFieldEvent | ActivityWaitingFieldEvent | ActivityWaitingForFieldEvent | ActivityChunksFieldEvent | ActivityChunkTimesFieldEvent | ActivityDuplicatesFieldEvent | ActivityFailuresReasonFieldEvent | ActivityFailuresCountFieldEvent | ActivityStallsFieldEvent | ActivityDisconnectionsFieldEvent> {
    return streamMessage(buf, Activity.codec(), opts)
  }
}

export interface Flow {
  from: string
  receivedBytes: number
}

export namespace Flow {
  let _codec: Codec<Flow>

  export const codec = (): Codec<Flow> => {
    if (_codec == null) {
      _codec = message<Flow>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.from != null && obj.from !== '')) {
          w.uint32(10)
          w.string(obj.from)
        }

        if ((obj.receivedBytes != null && obj.receivedBytes !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.receivedBytes)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          from: '',
          receivedBytes: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.from = reader.string()
              break
            }
            case 2: {
              obj.receivedBytes = reader.uint64Number()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.from`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.receivedBytes`,
                value: reader.uint64Number()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface FlowFromFieldEvent {
    field: '$.from'
    value: string
  }

  export interface FlowReceivedBytesFieldEvent {
    field: '$.receivedBytes'
    value: number
  }

  export function encode (obj: Partial<Flow>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Flow.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Flow>): Flow {
    return decodeMessage(buf, Flow.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Flow>): Generator<FlowFromFieldEvent | FlowReceivedBytesFieldEvent> {
    return streamMessage(buf, Flow.codec(), opts)
  }
}

export interface ContentHeld {
  root: Uint8Array<ArrayBuffer>
  heldBytes: number
  cells: Uint8Array<ArrayBuffer>
}

export namespace ContentHeld {
  let _codec: Codec<ContentHeld>

  export const codec = (): Codec<ContentHeld> => {
    if (_codec == null) {
      _codec = message<ContentHeld>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.root != null && obj.root.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.root)
        }

        if ((obj.heldBytes != null && obj.heldBytes !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.heldBytes)
        }

        if ((obj.cells != null && obj.cells.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.cells)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          root: uint8ArrayAlloc(0),
          heldBytes: 0,
          cells: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.root = reader.bytes()
              break
            }
            case 2: {
              obj.heldBytes = reader.uint64Number()
              break
            }
            case 3: {
              obj.cells = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.root`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.heldBytes`,
                value: reader.uint64Number()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.cells`,
                value: reader.bytes()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface ContentHeldRootFieldEvent {
    field: '$.root'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ContentHeldHeldBytesFieldEvent {
    field: '$.heldBytes'
    value: number
  }

  export interface ContentHeldCellsFieldEvent {
    field: '$.cells'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<ContentHeld>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ContentHeld.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ContentHeld>): ContentHeld {
    return decodeMessage(buf, ContentHeld.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ContentHeld>): Generator<ContentHeldRootFieldEvent | ContentHeldHeldBytesFieldEvent | ContentHeldCellsFieldEvent> {
    return streamMessage(buf, ContentHeld.codec(), opts)
  }
}

export interface FailureCount {
  reason: string
  count: number
}

export namespace FailureCount {
  let _codec: Codec<FailureCount>

  export const codec = (): Codec<FailureCount> => {
    if (_codec == null) {
      _codec = message<FailureCount>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.reason != null && obj.reason !== '')) {
          w.uint32(10)
          w.string(obj.reason)
        }

        if ((obj.count != null && obj.count !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.count)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          reason: '',
          count: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.reason = reader.string()
              break
            }
            case 2: {
              obj.count = reader.uint64Number()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.reason`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.count`,
                value: reader.uint64Number()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface FailureCountReasonFieldEvent {
    field: '$.reason'
    value: string
  }

  export interface FailureCountCountFieldEvent {
    field: '$.count'
    value: number
  }

  export function encode (obj: Partial<FailureCount>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, FailureCount.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<FailureCount>): FailureCount {
    return decodeMessage(buf, FailureCount.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<FailureCount>): Generator<FailureCountReasonFieldEvent | FailureCountCountFieldEvent> {
    return streamMessage(buf, FailureCount.codec(), opts)
  }
}

export interface FileCompletion {
  origin: string
  path: string
  atMs: number
}

export namespace FileCompletion {
  let _codec: Codec<FileCompletion>

  export const codec = (): Codec<FileCompletion> => {
    if (_codec == null) {
      _codec = message<FileCompletion>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.origin != null && obj.origin !== '')) {
          w.uint32(10)
          w.string(obj.origin)
        }

        if ((obj.path != null && obj.path !== '')) {
          w.uint32(18)
          w.string(obj.path)
        }

        if ((obj.atMs != null && obj.atMs !== 0)) {
          w.uint32(25)
          w.double(obj.atMs)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          origin: '',
          path: '',
          atMs: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.origin = reader.string()
              break
            }
            case 2: {
              obj.path = reader.string()
              break
            }
            case 3: {
              obj.atMs = reader.double()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.origin`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.path`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.atMs`,
                value: reader.double()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface FileCompletionOriginFieldEvent {
    field: '$.origin'
    value: string
  }

  export interface FileCompletionPathFieldEvent {
    field: '$.path'
    value: string
  }

  export interface FileCompletionAtMsFieldEvent {
    field: '$.atMs'
    value: number
  }

  export function encode (obj: Partial<FileCompletion>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, FileCompletion.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<FileCompletion>): FileCompletion {
    return decodeMessage(buf, FileCompletion.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<FileCompletion>): Generator<FileCompletionOriginFieldEvent | FileCompletionPathFieldEvent | FileCompletionAtMsFieldEvent> {
    return streamMessage(buf, FileCompletion.codec(), opts)
  }
}

export interface PeerCompletion {
  atMs: number
  progress?: Progress
}

export namespace PeerCompletion {
  let _codec: Codec<PeerCompletion>

  export const codec = (): Codec<PeerCompletion> => {
    if (_codec == null) {
      _codec = message<PeerCompletion>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.atMs != null && obj.atMs !== 0)) {
          w.uint32(9)
          w.double(obj.atMs)
        }

        if (obj.progress != null) {
          w.uint32(18)
          Progress.codec().encode(obj.progress, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          atMs: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.atMs = reader.double()
              break
            }
            case 2: {
              obj.progress = Progress.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.progress
              })
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.atMs`,
                value: reader.double()
              }
              break
            }
            case 2: {
              yield * Progress.codec().stream(reader, reader.uint32(), `${prefix}.progress`, {
                limits: opts.limits?.progress
              })

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface PeerCompletionAtMsFieldEvent {
    field: '$.atMs'
    value: number
  }

  export interface PeerCompletionProgressTotalBytesFieldEvent {
    field: '$.progress.totalBytes'
    value: number
  }

  export interface PeerCompletionProgressHeldBytesFieldEvent {
    field: '$.progress.heldBytes'
    value: number
  }

  export interface PeerCompletionProgressReceivedBytesFieldEvent {
    field: '$.progress.receivedBytes'
    value: number
  }

  export interface PeerCompletionProgressSentBytesFieldEvent {
    field: '$.progress.sentBytes'
    value: number
  }

  export interface PeerCompletionProgressUplinkBytesPerSecondFieldEvent {
    field: '$.progress.uplinkBytesPerSecond'
    value: number
  }

  export interface PeerCompletionProgressDownlinkBytesPerSecondFieldEvent {
    field: '$.progress.downlinkBytesPerSecond'
    value: number
  }

  export function encode (obj: Partial<PeerCompletion>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, PeerCompletion.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PeerCompletion>): PeerCompletion {
    return decodeMessage(buf, PeerCompletion.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PeerCompletion>): Generator<PeerCompletionAtMsFieldEvent | PeerCompletionProgressTotalBytesFieldEvent | PeerCompletionProgressHeldBytesFieldEvent | PeerCompletionProgressReceivedBytesFieldEvent | PeerCompletionProgressSentBytesFieldEvent | PeerCompletionProgressUplinkBytesPerSecondFieldEvent | PeerCompletionProgressDownlinkBytesPerSecondFieldEvent> {
    return streamMessage(buf, PeerCompletion.codec(), opts)
  }
}

export interface PeerShortfall {
  atMs: number
  progress?: Progress
  files: number
  code: string
  message: string
}

export namespace PeerShortfall {
  let _codec: Codec<PeerShortfall>

  export const codec = (): Codec<PeerShortfall> => {
    if (_codec == null) {
      _codec = message<PeerShortfall>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.atMs != null && obj.atMs !== 0)) {
          w.uint32(9)
          w.double(obj.atMs)
        }

        if (obj.progress != null) {
          w.uint32(18)
          Progress.codec().encode(obj.progress, w)
        }

        if ((obj.files != null && obj.files !== 0)) {
          w.uint32(24)
          w.uint32(obj.files)
        }

        if ((obj.code != null && obj.code !== '')) {
          w.uint32(34)
          w.string(obj.code)
        }

        if ((obj.message != null && obj.message !== '')) {
          w.uint32(42)
          w.string(obj.message)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          atMs: 0,
          files: 0,
          code: '',
          message: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.atMs = reader.double()
              break
            }
            case 2: {
              obj.progress = Progress.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.progress
              })
              break
            }
            case 3: {
              obj.files = reader.uint32()
              break
            }
            case 4: {
              obj.code = reader.string()
              break
            }
            case 5: {
              obj.message = reader.string()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.atMs`,
                value: reader.double()
              }
              break
            }
            case 2: {
              yield * Progress.codec().stream(reader, reader.uint32(), `${prefix}.progress`, {
                limits: opts.limits?.progress
              })

              break
            }
            case 3: {
              yield {
                field: `${prefix}.files`,
                value: reader.uint32()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.code`,
                value: reader.string()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.message`,
                value: reader.string()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface PeerShortfallAtMsFieldEvent {
    field: '$.atMs'
    value: number
  }

  export interface PeerShortfallProgressTotalBytesFieldEvent {
    field: '$.progress.totalBytes'
    value: number
  }

  export interface PeerShortfallProgressHeldBytesFieldEvent {
    field: '$.progress.heldBytes'
    value: number
  }

  export interface PeerShortfallProgressReceivedBytesFieldEvent {
    field: '$.progress.receivedBytes'
    value: number
  }

  export interface PeerShortfallProgressSentBytesFieldEvent {
    field: '$.progress.sentBytes'
    value: number
  }

  export interface PeerShortfallProgressUplinkBytesPerSecondFieldEvent {
    field: '$.progress.uplinkBytesPerSecond'
    value: number
  }

  export interface PeerShortfallProgressDownlinkBytesPerSecondFieldEvent {
    field: '$.progress.downlinkBytesPerSecond'
    value: number
  }

  export interface PeerShortfallFilesFieldEvent {
    field: '$.files'
    value: number
  }

  export interface PeerShortfallCodeFieldEvent {
    field: '$.code'
    value: string
  }

  export interface PeerShortfallMessageFieldEvent {
    field: '$.message'
    value: string
  }

  export function encode (obj: Partial<PeerShortfall>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, PeerShortfall.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PeerShortfall>): PeerShortfall {
    return decodeMessage(buf, PeerShortfall.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PeerShortfall>): Generator<PeerShortfallAtMsFieldEvent | PeerShortfallProgressTotalBytesFieldEvent | PeerShortfallProgressHeldBytesFieldEvent | PeerShortfallProgressReceivedBytesFieldEvent | PeerShortfallProgressSentBytesFieldEvent | PeerShortfallProgressUplinkBytesPerSecondFieldEvent | PeerShortfallProgressDownlinkBytesPerSecondFieldEvent | PeerShortfallFilesFieldEvent | PeerShortfallCodeFieldEvent | PeerShortfallMessageFieldEvent> {
    return streamMessage(buf, PeerShortfall.codec(), opts)
  }
}

export interface ClockProbe {
  sentAtMs: number
}

export namespace ClockProbe {
  let _codec: Codec<ClockProbe>

  export const codec = (): Codec<ClockProbe> => {
    if (_codec == null) {
      _codec = message<ClockProbe>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.sentAtMs != null && obj.sentAtMs !== 0)) {
          w.uint32(9)
          w.double(obj.sentAtMs)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          sentAtMs: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.sentAtMs = reader.double()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.sentAtMs`,
                value: reader.double()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface ClockProbeSentAtMsFieldEvent {
    field: '$.sentAtMs'
    value: number
  }

  export function encode (obj: Partial<ClockProbe>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ClockProbe.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ClockProbe>): ClockProbe {
    return decodeMessage(buf, ClockProbe.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ClockProbe>): Generator<ClockProbeSentAtMsFieldEvent> {
    return streamMessage(buf, ClockProbe.codec(), opts)
  }
}

export interface ClockReply {
  sentAtMs: number
  atMs: number
}

export namespace ClockReply {
  let _codec: Codec<ClockReply>

  export const codec = (): Codec<ClockReply> => {
    if (_codec == null) {
      _codec = message<ClockReply>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.sentAtMs != null && obj.sentAtMs !== 0)) {
          w.uint32(9)
          w.double(obj.sentAtMs)
        }

        if ((obj.atMs != null && obj.atMs !== 0)) {
          w.uint32(17)
          w.double(obj.atMs)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          sentAtMs: 0,
          atMs: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.sentAtMs = reader.double()
              break
            }
            case 2: {
              obj.atMs = reader.double()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.sentAtMs`,
                value: reader.double()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.atMs`,
                value: reader.double()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface ClockReplySentAtMsFieldEvent {
    field: '$.sentAtMs'
    value: number
  }

  export interface ClockReplyAtMsFieldEvent {
    field: '$.atMs'
    value: number
  }

  export function encode (obj: Partial<ClockReply>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ClockReply.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ClockReply>): ClockReply {
    return decodeMessage(buf, ClockReply.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ClockReply>): Generator<ClockReplySentAtMsFieldEvent | ClockReplyAtMsFieldEvent> {
    return streamMessage(buf, ClockReply.codec(), opts)
  }
}

export interface Leave {
  reason: string
}

export namespace Leave {
  let _codec: Codec<Leave>

  export const codec = (): Codec<Leave> => {
    if (_codec == null) {
      _codec = message<Leave>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.reason != null && obj.reason !== '')) {
          w.uint32(10)
          w.string(obj.reason)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          reason: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.reason = reader.string()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.reason`,
                value: reader.string()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface LeaveReasonFieldEvent {
    field: '$.reason'
    value: string
  }

  export function encode (obj: Partial<Leave>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Leave.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Leave>): Leave {
    return decodeMessage(buf, Leave.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Leave>): Generator<LeaveReasonFieldEvent> {
    return streamMessage(buf, Leave.codec(), opts)
  }
}

export interface PeerResult {
  name: string
  registeredAtMs: number
  completedAtMs?: number
  receivedBytes: number
  sentBytes: number
}

export namespace PeerResult {
  let _codec: Codec<PeerResult>

  export const codec = (): Codec<PeerResult> => {
    if (_codec == null) {
      _codec = message<PeerResult>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.name != null && obj.name !== '')) {
          w.uint32(10)
          w.string(obj.name)
        }

        if ((obj.registeredAtMs != null && obj.registeredAtMs !== 0)) {
          w.uint32(17)
          w.double(obj.registeredAtMs)
        }

        if (obj.completedAtMs != null) {
          w.uint32(25)
          w.double(obj.completedAtMs)
        }

        if ((obj.receivedBytes != null && obj.receivedBytes !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.receivedBytes)
        }

        if ((obj.sentBytes != null && obj.sentBytes !== 0)) {
          w.uint32(40)
          w.uint64Number(obj.sentBytes)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          name: '',
          registeredAtMs: 0,
          receivedBytes: 0,
          sentBytes: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.name = reader.string()
              break
            }
            case 2: {
              obj.registeredAtMs = reader.double()
              break
            }
            case 3: {
              obj.completedAtMs = reader.double()
              break
            }
            case 4: {
              obj.receivedBytes = reader.uint64Number()
              break
            }
            case 5: {
              obj.sentBytes = reader.uint64Number()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.name`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.registeredAtMs`,
                value: reader.double()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.completedAtMs`,
                value: reader.double()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.receivedBytes`,
                value: reader.uint64Number()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.sentBytes`,
                value: reader.uint64Number()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface PeerResultNameFieldEvent {
    field: '$.name'
    value: string
  }

  export interface PeerResultRegisteredAtMsFieldEvent {
    field: '$.registeredAtMs'
    value: number
  }

  export interface PeerResultCompletedAtMsFieldEvent {
    field: '$.completedAtMs'
    value: number
  }

  export interface PeerResultReceivedBytesFieldEvent {
    field: '$.receivedBytes'
    value: number
  }

  export interface PeerResultSentBytesFieldEvent {
    field: '$.sentBytes'
    value: number
  }

  export function encode (obj: Partial<PeerResult>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, PeerResult.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PeerResult>): PeerResult {
    return decodeMessage(buf, PeerResult.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PeerResult>): Generator<PeerResultNameFieldEvent | PeerResultRegisteredAtMsFieldEvent | PeerResultCompletedAtMsFieldEvent | PeerResultReceivedBytesFieldEvent | PeerResultSentBytesFieldEvent> {
    return streamMessage(buf, PeerResult.codec(), opts)
  }
}

export interface SwarmEnd {
  complete: boolean
  makespanMs: number
  results: PeerResult[]
  reason: string
  bound?: Bound
}

export namespace SwarmEnd {
  let _codec: Codec<SwarmEnd>

  export const codec = (): Codec<SwarmEnd> => {
    if (_codec == null) {
      _codec = message<SwarmEnd>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.complete != null && obj.complete !== false)) {
          w.uint32(8)
          w.bool(obj.complete)
        }

        if ((obj.makespanMs != null && obj.makespanMs !== 0)) {
          w.uint32(17)
          w.double(obj.makespanMs)
        }

        if (obj.results != null && obj.results.length > 0) {
          for (const value of obj.results) {
            w.uint32(26)
            PeerResult.codec().encode(value, w)
          }
        }

        if ((obj.reason != null && obj.reason !== '')) {
          w.uint32(34)
          w.string(obj.reason)
        }

        if (obj.bound != null) {
          w.uint32(42)
          Bound.codec().encode(obj.bound, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          complete: false,
          makespanMs: 0,
          results: [],
          reason: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.complete = reader.bool()
              break
            }
            case 2: {
              obj.makespanMs = reader.double()
              break
            }
            case 3: {
              if (opts.limits?.results != null && obj.results.length === opts.limits.results) {
                throw new MaxLengthError('Decode error - repeated field "results" had too many elements')
              }

              if (obj.results.length === 1024) {
                throw new MaxLengthError('Decode error - repeated field "results" had too many elements')
              }

              obj.results.push(PeerResult.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.results$
              }))
              break
            }
            case 4: {
              obj.reason = reader.string()
              break
            }
            case 5: {
              obj.bound = Bound.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.bound
              })
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          results: 1024
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.complete`,
                value: reader.bool()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.makespanMs`,
                value: reader.double()
              }
              break
            }
            case 3: {
              if (opts.limits?.results != null && obj.results === opts.limits.results) {
                throw new MaxLengthError('Streaming decode error - repeated field "results" had too many elements')
              }

              if (obj.results === 1024) {
                throw new MaxLengthError('Streaming decode error - repeated field "results" had too many elements')
              }

              for (const evt of PeerResult.codec().stream(reader, reader.uint32(), `${prefix}.results[]`, {
                limits: opts.limits?.results$
              })) {
                yield {
                  ...evt,
                  index: obj.results
                }
              }

              obj.results++

              break
            }
            case 4: {
              yield {
                field: `${prefix}.reason`,
                value: reader.string()
              }
              break
            }
            case 5: {
              yield * Bound.codec().stream(reader, reader.uint32(), `${prefix}.bound`, {
                limits: opts.limits?.bound
              })

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface SwarmEndCompleteFieldEvent {
    field: '$.complete'
    value: boolean
  }

  export interface SwarmEndMakespanMsFieldEvent {
    field: '$.makespanMs'
    value: number
  }

  export interface SwarmEndResultsNameFieldEvent {
    field: '$.results[].name'
    value: string
    index: number
  }

  export interface SwarmEndResultsRegisteredAtMsFieldEvent {
    field: '$.results[].registeredAtMs'
    value: number
    index: number
  }

  export interface SwarmEndResultsCompletedAtMsFieldEvent {
    field: '$.results[].completedAtMs'
    value: number
    index: number
  }

  export interface SwarmEndResultsReceivedBytesFieldEvent {
    field: '$.results[].receivedBytes'
    value: number
    index: number
  }

  export interface SwarmEndResultsSentBytesFieldEvent {
    field: '$.results[].sentBytes'
    value: number
    index: number
  }

  export interface SwarmEndReasonFieldEvent {
    field: '$.reason'
    value: string
  }

  export interface SwarmEndBoundBoundMsFieldEvent {
    field: '$.bound.boundMs'
    value: number
  }

  export interface SwarmEndBoundTermFieldEvent {
    field: '$.bound.term'
    value: string
  }

  export interface SwarmEndBoundBoundPeerFieldEvent {
    field: '$.bound.boundPeer'
    value: string
  }

  export interface SwarmEndBoundBoundBytesPerSecondFieldEvent {
    field: '$.bound.boundBytesPerSecond'
    value: number
  }

  export interface SwarmEndBoundBasisFieldEvent {
    field: '$.bound.basis'
    value: string
  }

  export interface SwarmEndBoundEfficiencyFieldEvent {
    field: '$.bound.efficiency'
    value: number
  }

  export function encode (obj: Partial<SwarmEnd>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, SwarmEnd.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SwarmEnd>): SwarmEnd {
    return decodeMessage(buf, SwarmEnd.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SwarmEnd>): Generator<SwarmEndCompleteFieldEvent | SwarmEndMakespanMsFieldEvent | SwarmEndResultsNameFieldEvent | SwarmEndResultsRegisteredAtMsFieldEvent | SwarmEndResultsCompletedAtMsFieldEvent | SwarmEndResultsReceivedBytesFieldEvent | SwarmEndResultsSentBytesFieldEvent | SwarmEndReasonFieldEvent | SwarmEndBoundBoundMsFieldEvent | SwarmEndBoundTermFieldEvent | SwarmEndBoundBoundPeerFieldEvent | SwarmEndBoundBoundBytesPerSecondFieldEvent | SwarmEndBoundBasisFieldEvent | SwarmEndBoundEfficiencyFieldEvent> {
    return streamMessage(buf, SwarmEnd.codec(), opts)
  }
}

export interface Bound {
  boundMs: number
  term: string
  boundPeer?: string
  boundBytesPerSecond: number
  basis: string
  efficiency: number
}

export namespace Bound {
  let _codec: Codec<Bound>

  export const codec = (): Codec<Bound> => {
    if (_codec == null) {
      _codec = message<Bound>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.boundMs != null && obj.boundMs !== 0)) {
          w.uint32(9)
          w.double(obj.boundMs)
        }

        if ((obj.term != null && obj.term !== '')) {
          w.uint32(18)
          w.string(obj.term)
        }

        if (obj.boundPeer != null) {
          w.uint32(26)
          w.string(obj.boundPeer)
        }

        if ((obj.boundBytesPerSecond != null && obj.boundBytesPerSecond !== 0)) {
          w.uint32(33)
          w.double(obj.boundBytesPerSecond)
        }

        if ((obj.basis != null && obj.basis !== '')) {
          w.uint32(42)
          w.string(obj.basis)
        }

        if ((obj.efficiency != null && obj.efficiency !== 0)) {
          w.uint32(49)
          w.double(obj.efficiency)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          boundMs: 0,
          term: '',
          boundBytesPerSecond: 0,
          basis: '',
          efficiency: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.boundMs = reader.double()
              break
            }
            case 2: {
              obj.term = reader.string()
              break
            }
            case 3: {
              obj.boundPeer = reader.string()
              break
            }
            case 4: {
              obj.boundBytesPerSecond = reader.double()
              break
            }
            case 5: {
              obj.basis = reader.string()
              break
            }
            case 6: {
              obj.efficiency = reader.double()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.boundMs`,
                value: reader.double()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.term`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.boundPeer`,
                value: reader.string()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.boundBytesPerSecond`,
                value: reader.double()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.basis`,
                value: reader.string()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.efficiency`,
                value: reader.double()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface BoundBoundMsFieldEvent {
    field: '$.boundMs'
    value: number
  }

  export interface BoundTermFieldEvent {
    field: '$.term'
    value: string
  }

  export interface BoundBoundPeerFieldEvent {
    field: '$.boundPeer'
    value: string
  }

  export interface BoundBoundBytesPerSecondFieldEvent {
    field: '$.boundBytesPerSecond'
    value: number
  }

  export interface BoundBasisFieldEvent {
    field: '$.basis'
    value: string
  }

  export interface BoundEfficiencyFieldEvent {
    field: '$.efficiency'
    value: number
  }

  export function encode (obj: Partial<Bound>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Bound.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Bound>): Bound {
    return decodeMessage(buf, Bound.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Bound>): Generator<BoundBoundMsFieldEvent | BoundTermFieldEvent | BoundBoundPeerFieldEvent | BoundBoundBytesPerSecondFieldEvent | BoundBasisFieldEvent | BoundEfficiencyFieldEvent> {
    return streamMessage(buf, Bound.codec(), opts)
  }
}
