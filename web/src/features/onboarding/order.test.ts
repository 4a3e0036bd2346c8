import { beforeEach, expect, it } from 'vitest'
import { answered, nextQuestion, type Question, recallPassed, rememberPassed } from './order'

const all = ['gender', 'meet', 'intents', 'languages', 'interests', 'home', 'intro']
const fresh = {
  needs: all.filter((need) => need !== 'languages'),
  languages: ['it'],
  language: 'it' as const,
}
const none = new Set<Question>()

beforeEach(() => sessionStorage.clear())

it('begins with what is missing first', () => {
  expect(answered(fresh, none)).toEqual([])
  expect(nextQuestion(fresh, none)).toBe('self')
})

it('continues on another device where somebody stopped', () => {
  const half = { ...fresh, needs: ['interests', 'home', 'intro'], languages: ['it', 'en'] }
  expect(nextQuestion(half, none)).toBe('interests')
})

it('asks whom to meet until both parts are said', () => {
  expect(nextQuestion({ ...fresh, needs: ['intents', 'intro'] }, none)).toBe('meet')
})

it('takes a guessed language for no answer until it was seen', () => {
  const needs = ['intro']
  expect(nextQuestion({ ...fresh, needs }, none)).toBe('languages')
  expect(nextQuestion({ ...fresh, needs }, new Set<Question>(['languages']))).toBe('voice')
})

it('does not come back to what was put off', () => {
  const passed = new Set<Question>(['self', 'home'])
  expect(nextQuestion(fresh, passed)).toBe('meet')
  expect(nextQuestion(fresh, passed, 'interests')).toBe('voice')
  expect(nextQuestion(fresh, passed, 'voice')).toBeUndefined()
})

it('remembers what was put off for one person only', () => {
  rememberPassed('ada', new Set<Question>(['home']))
  expect([...recallPassed('ada')]).toEqual(['home'])
  expect([...recallPassed('bo')]).toEqual([])
  sessionStorage.setItem('heyy.passed.ada', '{"not":"a list"}')
  expect([...recallPassed('ada')]).toEqual([])
})
