import type { Member, MemberEvent, Room, RoomEnded } from '../api/types'

export type RoomEvent = MemberEvent | RoomEnded

export type Applied =
  | { kind: 'applied'; room: Room }
  /** Already in the snapshot. */
  | { kind: 'old' }
  /** Something between the snapshot and this event is missing: read the room again. */
  | { kind: 'gap' }

/** One event onto one snapshot. `self` is the account whose `you` the room carries. */
export function applyEvent(room: Room, event: RoomEvent, self: string): Applied {
  if (event.seq <= room.seq) return { kind: 'old' }
  if (event.seq !== room.seq + 1) return { kind: 'gap' }
  if (event.type === 'ended') {
    return {
      kind: 'applied',
      room: { ...room, seq: event.seq, ended_at: event.at, ended_why: event.why },
    }
  }
  const next: Room = { ...room, seq: event.seq, members: withMember(room.members, event.member) }
  if (event.member.person.id === self) next.you = event.member
  return { kind: 'applied', room: next }
}

/** The members with this one put in its place; whoever is no longer here is not listed. */
function withMember(members: readonly Member[], member: Member): Member[] {
  const at = members.findIndex((m) => m.person.id === member.person.id)
  if (!member.here) return members.filter((_, i) => i !== at)
  if (at < 0) return [...members, member]
  return members.map((m, i) => (i === at ? member : m))
}

/** The newer of two snapshots of one room. Answers to commands and events may overtake each other. */
export function newer(a: Room, b: Room): Room {
  return b.seq >= a.seq ? b : a
}
