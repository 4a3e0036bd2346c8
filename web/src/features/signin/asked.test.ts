import { afterEach, expect, it } from 'vitest'
import { remember, remembered } from './asked'
import { digits } from './SignIn'

afterEach(() => sessionStorage.clear())

it('remembers for as long as a code lives to whom it was sent', () => {
  remember({ email: 'anna@example.org', at: 1000 })
  expect(remembered(1000)).toEqual({ email: 'anna@example.org', at: 1000 })
  expect(remembered(1000 + 599_999)).toEqual({ email: 'anna@example.org', at: 1000 })
  expect(remembered(1000 + 600_000)).toBeUndefined()
  expect(remembered(999)).toBeUndefined()
  remember(undefined)
  expect(remembered(1000)).toBeUndefined()
})

it('takes nothing else for it', () => {
  for (const broken of ['', '{', '7', 'null', '{"email":1,"at":1}', '{"email":"a"}']) {
    sessionStorage.setItem('heyy.code-asked', broken)
    expect(remembered(1), broken).toBeUndefined()
  }
})

it('takes a code in the digits of any script, in any groups', () => {
  for (const typed of [
    '123456',
    '123 456',
    ' 123-456\n',
    '١٢٣٤٥٦',
    '۱۲۳ ۴۵۶',
    '१२३४५६',
    '１２３４５６',
  ]) {
    expect(digits(typed), typed).toBe('123456')
  }
  expect(digits('1234567')).toBe('123456')
  expect(digits('no')).toBe('')
})
