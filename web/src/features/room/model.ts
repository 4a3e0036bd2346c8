import type { Card, Member, Person, Room } from '../../api'

export type Stage = {
  /** The host, if they sit; otherwise they listen like everybody else. */
  host: Member | undefined
  /** Every other seat, free ones too, by number. */
  seats: readonly { number: number; member: Member | undefined; locked: boolean }[]
  audience: readonly Member[]
  /** Listeners there are beyond those the server named. */
  unnamed: number
}

/** How many of those who listen are drawn. */
const DRAWN = 100

/** known: people who listen to a crowd, of which the room lists nobody. */
export function stageOf(room: Room, known: readonly Person[] = []): Stage {
  const here = room.members.filter((m) => m.present)
  const sitting = here.filter((m) => m.seat !== undefined)
  const host = sitting.find((m) => m.role === 'host')
  const seats = []
  for (let number = 1; number <= room.seats; number++) {
    if (host?.seat === number) continue
    const member = sitting.find((m) => m.seat === number)
    // A stage shows who is on it, not fifty empty places.
    if (member || room.shape === 'lounge') {
      seats.push({ number, member, locked: room.locked.includes(number) })
    }
  }
  const listed = here.filter((m) => m.seat === undefined)
  const others = known.filter(({ id }) => !here.some((m) => m.person.id === id)).map(listening)
  const audience = [...listed, ...others].slice(0, DRAWN)
  return { host, seats, audience, unnamed: Math.max(0, room.listeners - audience.length) }
}

const listening = (person: Person): Member => ({
  person,
  role: 'listener',
  muted: true,
  can_speak: true,
  present: true,
})

/** Somebody who is not in the room any more. */
export const gone = (person: Person): Member => ({ ...listening(person), present: false })

/** Whether this person may do what hosts and co-hosts do. */
export const leads = (you: Member) => you.role === 'host' || you.role === 'co_host'

/** Whether people without an account may listen, if the host wants it. */
export const isShareable = (room: Room) =>
  room.access === 'open' && room.audience && !room.women_only && !room.verified_only

/** Rows that look arranged: ten seats stand 4-3-3, nine 3-3-3, never 4-4-1. */
export function inRows<T>(items: readonly T[], widest = 4): T[][] {
  const rows = Math.ceil(items.length / widest)
  const out: T[][] = []
  let at = 0
  for (let row = 0; row < rows; row++) {
    const size = Math.ceil((items.length - at) / (rows - row))
    out.push(items.slice(at, at + size))
    at += size
  }
  return out
}

/** What can be shown of a room before its door is open: what the lobby already knew. */
export type Glimpse = Pick<Card, 'id' | 'title' | 'category' | 'host' | 'speakers'>
