import { expect, it } from 'vitest'
import type { Call } from '../api'
import { noAudio } from '../voice/call-state'
import type { CallsState } from '../voice/calls'
import { callNews } from './callNews'

const none: CallsState = {
  status: 'ready',
  queue: undefined,
  call: undefined,
  audio: noAudio,
  ringing: undefined,
  lapsed: false,
  lastMinute: false,
}
const call = (more: Partial<Call> = {}): Call => ({
  id: 'c',
  kind: 'match',
  state: 'live',
  seq: 1,
  person: {
    id: 'mei',
    name: 'Mei',
    resident: false,
    seed: 1,
  },
  age_from: 30,
  age_to: 34,
  shared: [],
  mine: false,
  accepted: true,
  muted: false,
  they_muted: false,
  they_interrupted: false,
  extend_mine: false,
  extend_theirs: false,
  extensions: 0,
  cards: [],
  matched: false,
  ended_by_me: false,
  they_away: false,
  now: 0,
  ...more,
})
const at = (more: Partial<Call>, state: Partial<CallsState> = {}): CallsState => ({
  ...none,
  call: call(more),
  ...state,
})
const said = (before: CallsState, now: CallsState) => callNews(before, now).map((n) => n.say)

it('says that somebody was found, and who calls', () => {
  expect(callNews(none, at({ state: 'proposed' }))).toEqual([{ say: 'found', name: 'Mei' }])
  expect(said(none, at({ state: 'proposed', kind: 'direct' }))).toEqual(['calls'])
  expect(said(none, at({ state: 'proposed', kind: 'direct', mine: true }))).toEqual([])
})

it('says that both hear each other, that a minute is left, and the end', () => {
  expect(said(at({ state: 'connecting' }), at({}))).toEqual(['live'])
  expect(said(at({}), at({}, { lastMinute: true }))).toEqual(['minute'])
  expect(said(at({}), at({ state: 'ended' }))).toEqual(['ended'])
  expect(said(none, at({ state: 'ended' }))).toEqual([])
})

it('says when time was added, asked for, and when the other is gone and back', () => {
  expect(said(at({}), at({ extend_theirs: true }))).toEqual(['moreTheirs'])
  expect(said(at({ extend_theirs: true }), at({ extensions: 1 }))).toEqual(['added'])
  expect(said(at({}), at({ they_away: true }))).toEqual(['away'])
  expect(said(at({ they_away: true }), at({}))).toEqual(['theyBack'])
})

it('says nothing of a proposal that came to nothing', () => {
  expect(said(at({ state: 'proposed' }), none)).toEqual([])
})
