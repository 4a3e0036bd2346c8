import type { Member, Room } from '../api'

/** The pseudonym of a seated member: their LiveKit identity and CSRC. Undefined for others. */
export function voiceOf(member: Member & { voice?: number }): string | undefined {
  return member.voice ? String(member.voice) : undefined
}

/** Whose pseudonym it is, as far as the room is known. */
export function personOf(room: Room | undefined, voice: string): string | undefined {
  return room?.members.find((m) => voiceOf(m) === voice)?.person.id
}
