import type { Member, MemberEvent, Room, RoomEndedEvent } from '../api/types'

export type RoomEvent = MemberEvent | RoomEndedEvent

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
  const { member } = event
  const next: Room = {
    ...room,
    seq: event.seq,
    listeners: room.listeners + listening(member) - listenedBefore(room, event),
    members: withMember(room.members, member),
  }
  if (member.person.id === self) next.you = member
  return { kind: 'applied', room: next }
}

const listening = (m: Member) => (m.here && m.seat === undefined ? 1 : 0)

/** All who sit are listed; whoever is not listed and did not just come was one of the many who listen. */
function listenedBefore(room: Room, event: MemberEvent): number {
  const known = room.members.find((m) => m.person.id === event.member.person.id)
  if (known) return listening(known)
  return event.cause === 'joined' ? 0 : 1
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
