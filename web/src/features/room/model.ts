import type { Card, Member, Room } from '../../api'

export type Stage = {
  /** The host, if they sit; otherwise they listen like everybody else. */
  host: Member | undefined
  /** Every other seat, free ones too, by number. */
  seats: readonly { number: number; member: Member | undefined }[]
  audience: readonly Member[]
  /** Listeners there are beyond those the server named. */
  unnamed: number
}

export function stageOf(room: Room): Stage {
  const here = room.members.filter((m) => m.present)
  const sitting = here.filter((m) => m.seat !== undefined)
  const host = sitting.find((m) => m.role === 'host')
  const seats = []
  for (let number = 1; number <= room.seats; number++) {
    if (host?.seat === number) continue
    seats.push({ number, member: sitting.find((m) => m.seat === number) })
  }
  const audience = here.filter((m) => m.seat === undefined)
  return { host, seats, audience, unnamed: Math.max(0, room.listeners - audience.length) }
}

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
