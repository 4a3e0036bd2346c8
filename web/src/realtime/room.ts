import type { Member, MemberEvent, Room, RoomChange, RoomEndedEvent } from '../api/types'
import type { Reducer } from './liveStore'

export interface RoomFields {
  room: Room
}
export type RoomEvent = MemberEvent | RoomEndedEvent

/** The event that a command has caused, as everybody inside hears it; none if it changed nothing. */
export function eventOf({ seq, at = 0, cause, member }: RoomChange): MemberEvent | undefined {
  return cause && { type: 'member', seq, at, cause, member }
}

/** One event onto one snapshot. `self` is the account whose `you` the room carries. */
export function applyEvent(room: Room, event: RoomEvent, self: string): Room | 'gap' {
  if (event.seq <= room.seq) return room
  if (event.seq !== room.seq + 1) return 'gap'
  if (event.type === 'ended') {
    return { ...room, seq: event.seq, ended_at: event.at, end_reason: event.reason }
  }
  const { member } = event
  const next: Room = {
    ...room,
    seq: event.seq,
    listeners: room.listeners + listening(member) - listenedBefore(room, event),
    members: withMember(room.members, member),
  }
  if (member.person.id === self) next.you = member
  return next
}

const listening = (m: Member) => (m.present && m.seat === undefined ? 1 : 0)

/** All who sit are listed; whoever is not listed and did not just come was one of the many who listen. */
function listenedBefore(room: Room, event: MemberEvent): number {
  const known = room.members.find((m) => m.person.id === event.member.person.id)
  if (known) return listening(known)
  return event.cause === 'joined' ? 0 : 1
}

/** The members with this one put in its place; whoever is no longer here is not listed. */
function withMember(members: readonly Member[], member: Member): Member[] {
  const at = members.findIndex((m) => m.person.id === member.person.id)
  if (!member.present) return members.filter((_, i) => i !== at)
  if (at < 0) return [...members, member]
  return members.map((m, i) => (i === at ? member : m))
}

/** One room as LiveStore keeps it. Answers to commands and events may overtake each other. */
export const roomReducer = (room: Room, self: string): Reducer<RoomFields, RoomEvent, Room> => ({
  initial: { room },
  merge: (known, answer) => (answer.seq >= known.room.seq ? { room: answer } : known),
  apply(known, event) {
    const next = applyEvent(known.room, event, self)
    if (next === 'gap') return next
    return next === known.room ? known : { room: next }
  },
  compare: (a, b) => a.seq - b.seq,
})
