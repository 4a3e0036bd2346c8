import { useEffect } from 'react'
import { leads } from '../features/room/model'
import { isolate, useTranslation } from '../i18n'
import { announce } from '../ui'
import { play } from '../voice/earcons'
import { level } from '../voice/levels'
import { readOut } from '../voice/readOut'
import { type RoomState, session } from '../voice/session'

interface Somebody {
  id: string
  name: string
}

type LiveRoom = Extract<RoomState, { status: 'live' }>

const same = (before: RoomState, now: RoomState): [LiveRoom, LiveRoom] | undefined =>
  before.status === 'live' && now.status === 'live' && before.roomId === now.roomId
    ? [before, now]
    : undefined

function others(state: LiveRoom, which: (m: LiveRoom['you']) => boolean): Map<string, Somebody> {
  const found = new Map<string, Somebody>()
  for (const m of state.room.members) {
    if (m.present && m.person.id !== state.you.person.id && which(m))
      found.set(m.person.id, m.person)
  }
  return found
}

const more = (before: Map<string, Somebody>, now: Map<string, Somebody>) =>
  [...now.values()].filter(({ id }) => !before.has(id))

const onStage = (state: LiveRoom) => others(state, (m) => m.seat !== undefined)
const handsUp = (state: LiveRoom) => others(state, (m) => m.hand !== undefined)

/** Who came on stage between two moments of a room, without oneself. */
export function cameOn(before: RoomState, now: RoomState): Somebody[] {
  const [then, since] = same(before, now) ?? []
  return then && since ? more(onStage(then), onStage(since)) : []
}

/** Who raised a hand, as far as it is for this person to answer. */
export function raised(before: RoomState, now: RoomState): Somebody[] {
  const [then, since] = same(before, now) ?? []
  return then && since && leads(since.you) ? more(handsUp(then), handsUp(since)) : []
}

/** With more people around, nobody is told by a sound. */
const CROWD = 20
/** So many cues within this time; then it is a rush, and stays silent until it is over. */
const CUES = 4
const WITHIN_MS = 10_000

export const isCrowd = (state: RoomState): boolean =>
  state.status === 'live' && onStage(state).size + state.room.listeners > CROWD

/** Small cues that fall silent by themselves. */
export class Cues {
  #asked: number[] = []

  /** Whether one is played now, ms. */
  may(now: number): boolean {
    this.#asked = [...this.#asked.filter((at) => now - at < WITHIN_MS), now].slice(-CUES - 1)
    return this.#asked.length <= CUES
  }
}

/** Between two sentences of screen readers about others (W3C, RTC Accessibility User Requirements). */
export const SENTENCE_MS = 5000

export interface Sentence {
  say: 'cameOn' | 'speaks'
  name: string
  /** How many beside the one who is named. */
  count: number
}

/** What is said of others, at a pace one can bear: one sentence each five seconds, merged. */
export class Pace {
  #came = new Map<string, Somebody>()
  #speaks: readonly Somebody[] = []
  #said = new Set<string>()
  #last = Number.NEGATIVE_INFINITY

  came(who: readonly Somebody[]): void {
    for (const one of who) this.#came.set(one.id, one)
  }

  /** Who speaks right now. What was said of them is not said again until somebody else has spoken. */
  speaks(who: readonly Somebody[]): void {
    if (who.length > 0) this.#speaks = who
  }

  /** The next sentence, if it is time for one; `there`: whoever is still on stage. */
  next(now: number, there: ReadonlyMap<string, unknown>): Sentence | undefined {
    if (now - this.#last < SENTENCE_MS) return undefined
    const came = [...this.#came.values()].filter(({ id }) => there.has(id))
    this.#came.clear()
    const speaks = this.#speaks.filter(({ id }) => there.has(id))
    const [first] = came.length > 0 ? came : speaks
    if (!first) return undefined
    if (came.length === 0) {
      this.#speaks = []
      if (speaks.every(({ id }) => this.#said.has(id))) return undefined
      this.#said = new Set(speaks.map(({ id }) => id))
    }
    this.#last = now
    return came.length > 0
      ? { say: 'cameOn', name: first.name, count: came.length - 1 }
      : { say: 'speaks', name: first.name, count: speaks.length - 1 }
  }
}

const LOOK_MS = 250
/** A level from here on, in so many looks one after the other, is somebody who speaks; a cough is not. */
const SPEAKS_FROM = 0.25
const LOOKS = 3

/** Tells of whoever comes on stage, raises a hand or speaks: by a soft cue, and to screen readers. */
export function useStageNews(): void {
  const { t } = useTranslation()

  useEffect(() => {
    const cues = new Cues()
    const pace = new Pace()
    const looks = new Map<string, number>()
    let timer: ReturnType<typeof setInterval> | undefined
    let before = session.get()

    const look = () => {
      const now = session.get()
      const chosen = readOut.get()
      if (now.status !== 'live' || chosen === 'nothing') return
      const there = onStage(now)
      if (chosen === 'speaking') {
        const speaking = [...there.values()].filter(({ id }) => {
          const held = level(id) >= SPEAKS_FROM ? (looks.get(id) ?? 0) + 1 : 0
          looks.set(id, held)
          return held >= LOOKS
        })
        pace.speaks(speaking)
      }
      const sentence = pace.next(performance.now(), there)
      if (!sentence) return
      const { say, name, count } = sentence
      announce(t(`room.said.${say}`, { name: isolate(name), count }))
    }
    const follow = () => {
      const now = session.get()
      const came = cameOn(before, now)
      const hands = raised(before, now)
      before = now
      if (now.status !== 'live') {
        clearInterval(timer)
        timer = undefined
        looks.clear()
        return
      }
      timer ??= setInterval(look, LOOK_MS)
      if (readOut.get() !== 'nothing') pace.came(came)
      if (session.silenced.get() || isCrowd(now)) return
      if (hands.length > 0 && cues.may(performance.now())) play('hand')
      else if (came.length > 0 && cues.may(performance.now())) play('on-stage')
    }
    follow()
    const stop = session.subscribe(follow)
    return () => {
      stop()
      clearInterval(timer)
    }
  }, [t])
}
