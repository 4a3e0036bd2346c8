import { answer, api, type MomentAuthor, me, type OwnEvent, type OwnMoment } from '../api'
import { listenOwn } from './connection'
import { environment } from './environment'
import { type LiveDeps, LiveStore } from './liveStore'
import * as list from './momentList'

/** Moments that can be heard now. The server tells of those of matches; others are there when one looks again. */
export class Moments extends LiveStore<list.MomentList, OwnEvent, list.MomentsAnswer> {
  constructor(deps: LiveDeps<list.MomentList, OwnEvent, list.MomentsAnswer>) {
    super(list.momentsReducer, deps)
  }

  /** Blocked or reported: never again. */
  drop = (person: string): void => this.update((known) => list.drop(known, person))

  /** It is not there any more. */
  forget = (moment: string): void => this.update((known) => list.without(known, moment))

  /** One's own, as the server has just answered. */
  posted = (moment: OwnMoment): void => this.update((known) => list.posted(known, moment))

  /** This person has listened to it, here. */
  heard = (moment: string): void => this.update((known) => list.setHeard(known, moment))
}

/** More than a rail shows: whoever posted last comes first. */
const PEOPLE = 200

async function readKnown(): Promise<list.MomentsAnswer> {
  const people: MomentAuthor[] = []
  let mine: readonly OwnMoment[] = []
  let before: string | undefined
  do {
    const query = before === undefined ? { limit: 100 } : { limit: 100, before }
    const page = await answer(api.GET('/api/moments', { params: { query } }))
    if (before === undefined) mine = page.mine
    people.push(...page.people)
    before = page.next
  } while (before !== undefined && people.length < PEOPLE)
  return { mine, people }
}

const deps = { ...environment, listen: listenOwn, keepsState: true }

/** One's own, and those of matches and of people whom one follows. */
export const moments = new Moments({ ...deps, read: readKnown })

/** Those of people who fit, and whom one does not know. */
export const newMoments = new Moments({
  ...deps,
  read: async () => ({
    mine: [],
    people: (await answer(api.GET('/api/discover/moments'))).people,
  }),
})

/** It is not there any more. */
export function forgetMoment(moment: string): void {
  for (const store of [moments, newMoments]) store.forget(moment)
}

/** Keeps, for this person alone, that they have listened to it. */
export function markHeard(moment: string): void {
  for (const store of [moments, newMoments]) store.heard(moment)
  api
    .PUT('/api/moments/{moment}/heard', { params: { path: { moment } } })
    // Lost, it is unheard on other devices and after a reload: no more than that.
    .catch(() => undefined)
}

/** Whoever comes next has others. */
me.subscribe(() => {
  if (me.get().status !== 'out') return
  for (const store of [moments, newMoments]) store.take({ mine: [], people: [] })
})
