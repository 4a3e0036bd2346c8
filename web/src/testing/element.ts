import { vi } from 'vitest'

/** How long every recording is, seconds. */
export const duration = 20

/**
 * The page's element for recordings, as far as a browser without sound plays it: what is asked of it
 * happens at once, and it comes to its end when a test says so.
 */
export function fakeElement(): { get(): HTMLAudioElement; end(): void } {
  let element: HTMLAudioElement
  vi.spyOn(HTMLMediaElement.prototype, 'load').mockImplementation(() => {})
  vi.spyOn(HTMLMediaElement.prototype, 'play').mockImplementation(async function (
    this: HTMLMediaElement,
  ) {
    element = this as HTMLAudioElement
    element.dispatchEvent(new Event('playing'))
  })
  vi.spyOn(HTMLMediaElement.prototype, 'pause').mockImplementation(function (
    this: HTMLMediaElement,
  ) {
    this.dispatchEvent(new Event('pause'))
  })
  vi.spyOn(HTMLMediaElement.prototype, 'duration', 'get').mockReturnValue(duration)
  vi.spyOn(HTMLMediaElement.prototype, 'played', 'get').mockReturnValue({
    length: 0,
  } as TimeRanges)
  vi.stubGlobal(
    'URL',
    Object.assign(URL, { createObjectURL: () => 'blob:x', revokeObjectURL() {} }),
  )
  return { get: () => element, end: () => element.dispatchEvent(new Event('ended')) }
}
