import { describe, expect, it } from 'vitest'
import { constraints, refusal } from './capture'

describe('asking for the microphone', () => {
  it('cleans speech, and leaves music as it is', () => {
    expect(constraints(false, null)).toMatchObject({
      echoCancellation: true,
      noiseSuppression: true,
      autoGainControl: true,
    })
    expect(constraints(true, null)).toMatchObject({
      echoCancellation: false,
      noiseSuppression: false,
      autoGainControl: false,
    })
  })

  it('wishes for the chosen microphone, but takes another', () => {
    expect(constraints(false, 'headset').deviceId).toEqual({ ideal: 'headset' })
    expect(constraints(false, null).deviceId).toBeUndefined()
  })

  it('tells a no from a nothing-there', () => {
    expect(refusal(new DOMException('', 'NotAllowedError'))).toBe('denied')
    expect(refusal(new DOMException('', 'SecurityError'))).toBe('denied')
    expect(refusal(new DOMException('', 'NotFoundError'))).toBe('missing')
    expect(refusal(new DOMException('', 'NotReadableError'))).toBe('missing')
    expect(refusal(new Error('?'))).toBe('missing')
  })
})
