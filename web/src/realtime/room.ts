import { Problem } from '../api/problem'
import type {
  AudienceEvent,
  EditedEvent,
  Member,
  MemberEvent,
  Room,
  RoomChange,
  RoomChanges,
  RoomEndedEvent,
  SharingEvent,
} from '../api/types'
import type { Reducer } from './liveStore'

export interface RoomFields {
  room: Room
}
export type RoomEvent = MemberEvent | RoomEndedEvent | SharingEvent | EditedEvent | AudienceEvent
/** What reading a room answers: the room, or what has changed since the one that is known. */
export type RoomAnswer = Room | RoomChanges

/** Reads what has changed since the room that is known, or the room if that cannot be told. */
export async function readRoom(
  server: {
    read(id: string): Promise<Room>
    changes(id: string, since: number): Promise<RoomChanges>
  },
  id: string,
  known: RoomFields | undefined,
): Promise<RoomAnswer> {
  if (!known) return server.read(id)
  try {
    return await server.changes(id, known.room.seq)
  } catch (thrown) {
    if (Problem.of(thrown).code !== 'live.too_old') throw thrown
    return server.read(id)
  }
}

/** The event that a command has caused, as everybody inside hears it; none if it changed nothing. */
export function eventOf({ seq, at = 0, cause, member }: RoomChange): MemberEvent | undefined {
  return cause && { type: 'member', seq, at, cause, member }
}

/** One event onto one snapshot. `self` is the account whose `you` the room carries. */
export function applyEvent(room: Room, event: RoomEvent, self: string): Room | 'gap' {
  // The number of a crowd takes no number of the room.
  if (event.type === 'audience') return { ...room, listeners: event.listeners }
  if (event.seq <= room.seq) return room
  if (event.seq !== room.seq + 1) return 'gap'
  // Those who listen are listed again: they are read.
  if (event.type === 'edited' && room.crowded && !event.crowded) return 'gap'
  return changedBy(room, event, self)
}

/**
 * Changes onto a room that knows those before them. What is known may be newer than what they begin
 * with, and of a room that has ended only the end is told.
 */
export function applyChanges(room: Room, { seq, changes }: RoomChanges, self: string): Room {
  if (seq <= room.seq) return room
  const next = changes
    .filter((event) => event.seq > room.seq)
    .reduce<Room>((so, event) => changedBy(so, event, self), room)
  return { ...next, seq }
}

function changedBy(room: Room, event: Exclude<RoomEvent, AudienceEvent>, self: string): Room {
  if (event.type === 'ended') {
    return { ...room, seq: event.seq, ended_at: event.at, end_reason: event.reason }
  }
  if (event.type === 'sharing') return { ...room, seq: event.seq, shared: event.shared }
  if (event.type === 'edited') {
    const { type: _, at: __, crowded = false, ...changed } = event
    // What holds no more is not in the event.
    const { link, slow_seconds, capacity, women_only, verified_only, ...rest } = room
    const members = crowded ? room.members.filter((m) => isListed(m, self)) : room.members
    return { ...rest, ...changed, crowded, members }
  }
  const { member } = event
  const next: Room = {
    ...room,
    seq: event.seq,
    listeners: room.listeners + listening(member) - listenedBefore(room, event),
    members: withMember(room.members, member, !room.crowded || isListed(member, self)),
  }
  if (member.role === 'host') next.host = member.person
  if (member.person.id === self) {
    next.you = member
    // Who sits has accepted, or was let on stage another way.
    if (member.seat !== undefined) next.invited = false
  }
  return next
}

const listening = (m: Member) => (m.present && m.seat === undefined ? 1 : 0)

/**
 * All who sit are listed. Whoever is not listed and did not just come was one of the many who listen,
 * or was not here if all who listen are listed.
 */
function listenedBefore(room: Room, event: MemberEvent): number {
  const known = room.members.find((m) => m.person.id === event.member.person.id)
  if (known) return listening(known)
  const listed = room.members.reduce((n, m) => n + listening(m), 0)
  return event.cause === 'joined' || listed >= room.listeners ? 0 : 1
}

/** Whether a member of a crowded room is listed: not those who only listen. */
const isListed = (m: Member, self: string) =>
  m.seat !== undefined || m.hand !== undefined || m.role !== 'listener' || m.person.id === self

/** The members with this one put in its place; whoever is no longer here is not listed. */
function withMember(members: readonly Member[], member: Member, listed: boolean): Member[] {
  const at = members.findIndex((m) => m.person.id === member.person.id)
  if (!member.present || !listed) return members.filter((_, i) => i !== at)
  if (at < 0) return [...members, member]
  return members.map((m, i) => (i === at ? member : m))
}

/** One room as LiveStore keeps it. Answers to commands and events may overtake each other. */
export const roomReducer = (
  room: Room,
  self: string,
): Reducer<RoomFields, RoomEvent, RoomAnswer> => ({
  initial: { room },
  merge(known, answer) {
    if (!('changes' in answer)) return answer.seq >= known.room.seq ? { room: answer } : known
    const next = applyChanges(known.room, answer, self)
    return next === known.room ? known : { room: next }
  },
  apply(known, event) {
    const next = applyEvent(known.room, event, self)
    if (next === 'gap') return next
    return next === known.room ? known : { room: next }
  },
  compare: (a, b) => a.seq - b.seq,
})
