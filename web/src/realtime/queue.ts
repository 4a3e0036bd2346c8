import type { Quote } from '../api'

/** Why a message was not taken. */
export interface Refused {
  code: string
  status: number
}

/** A recording that has not been sent. Bytes, for browsers lose what else they store of files. */
export interface Sound {
  bytes: ArrayBuffer
  /** WAV until it could be encoded, which takes a moment that a closing page does not have. */
  type: 'audio/ogg' | 'audio/wav'
  ms: number
  /** 0..255, as the server measures it. */
  peaks: readonly number[]
}

/** A message that the server has not confirmed. The id is chosen here, so that it is stored once. */
export interface Outgoing {
  id: string
  /** Of a voice message its text alternative, which may be empty. */
  text: string
  voice?: Sound
  reply?: Quote
  /** The moment of theirs that it answers. */
  moment?: string
  /** Unix ms, by the clock here. */
  at: number
  /** 'waiting': a try was lost, the next one comes by itself. 'failed': the server will not have it. */
  state: 'sending' | 'waiting' | 'failed'
  problem?: Refused
}

/** What somebody has begun to write or to say. */
export interface Draft {
  text: string
  voice?: Sound
  reply?: Quote
  /** The moment that it answers; of a moment that is not posted yet, its own id. */
  moment?: string
}

export interface Queue {
  /** By person, in the order in which they were sent. */
  outgoing: ReadonlyMap<string, readonly Outgoing[]>
  drafts: ReadonlyMap<string, Draft>
}

export const emptyQueue: Queue = { outgoing: new Map(), drafts: new Map() }

const none: readonly Outgoing[] = []
export const outgoingTo = (queue: Queue, person: string): readonly Outgoing[] =>
  queue.outgoing.get(person) ?? none

/** The next one to send. What was refused holds up nothing behind it. */
export const nextFor = (queue: Queue, person: string): Outgoing | undefined =>
  outgoingTo(queue, person).find(({ state }) => state !== 'failed')

function withItems(queue: Queue, person: string, items: readonly Outgoing[]): Queue {
  const outgoing = new Map(queue.outgoing)
  if (items.length > 0) outgoing.set(person, items)
  else outgoing.delete(person)
  return { ...queue, outgoing }
}

export const add = (queue: Queue, person: string, item: Outgoing): Queue =>
  withItems(queue, person, [...outgoingTo(queue, person).filter((o) => o.id !== item.id), item])

export function change(
  queue: Queue,
  person: string,
  id: string,
  to: (item: Outgoing) => Outgoing,
): Queue {
  const items = outgoingTo(queue, person)
  return items.some((item) => item.id === id)
    ? withItems(
        queue,
        person,
        items.map((item) => (item.id === id ? to(item) : item)),
      )
    : queue
}

export const remove = (queue: Queue, person: string, id: string): Queue =>
  withItems(
    queue,
    person,
    outgoingTo(queue, person).filter((item) => item.id !== id),
  )

export function setDraft(queue: Queue, person: string, draft: Draft | undefined): Queue {
  const drafts = new Map(queue.drafts)
  if (draft && (draft.text !== '' || draft.reply || draft.voice)) drafts.set(person, draft)
  else drafts.delete(person)
  return { ...queue, drafts }
}

/** Equal for two drafts that say the same; a recording is known by what is heard, not by its bytes. */
export const markOf = ({ text, voice, reply, moment }: Draft): string =>
  JSON.stringify([text, reply?.n, moment, voice && [voice.ms, voice.peaks]])

/** How many messages somebody has written, said or begun here that the server does not have. */
export const unsent = ({ outgoing, drafts }: Queue): number =>
  [...outgoing.values()].reduce((count, items) => count + items.length, drafts.size)
