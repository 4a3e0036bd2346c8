import type { Path } from './mediaConnection'

/** By which protocol the pair of candidates in use carries what is sent and received. */
export function pathIn(report: RTCStatsReport | undefined): Path | undefined {
  let pair: RTCIceCandidatePairStats | undefined
  const candidates = new Map<string, string | undefined>()
  report?.forEach((stat: RTCIceCandidatePairStats & { protocol?: string }) => {
    if (stat.type === 'candidate-pair' && stat.nominated && stat.state === 'succeeded') pair = stat
    if (stat.type === 'local-candidate') candidates.set(stat.id, stat.protocol)
  })
  const protocol = pair && candidates.get(pair.localCandidateId)
  return protocol === 'udp' || protocol === 'tcp' ? protocol : undefined
}
