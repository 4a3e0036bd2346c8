import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Button } from './Button'
import { MicButton } from './MicButton'
import { settlesInMs } from './meant'

const button = () => screen.getByRole('button')
const down = () => fireEvent.pointerDown(button())
const up = () => fireEvent.click(button(), { detail: 1 })
const tap = () => {
  down()
  up()
}
const wait = (ms: number) => act(() => vi.advanceTimersByTime(ms))

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

describe('a button that appears under a finger', () => {
  const pressed = vi.fn()
  beforeEach(() => pressed.mockClear())

  it.each([
    ['of somebody', { meant: 'ada' }],
    ['that is dangerous', { look: 'danger' as const }],
  ])('%s takes no second tap of two', (_, props) => {
    render(
      <Button {...props} onClick={pressed}>
        Go
      </Button>,
    )
    expect(button().getAttribute('aria-disabled')).toBe('true')
    wait(180)
    tap()
    down()
    wait(settlesInMs)
    up()
    expect(pressed).not.toHaveBeenCalled()
    expect(button().getAttribute('aria-disabled')).toBeNull()
    tap()
    expect(pressed).toHaveBeenCalledOnce()
  })

  it('waits anew when it is about somebody else', () => {
    const about = (id: string) => (
      <Button meant={id} onClick={pressed}>
        Go
      </Button>
    )
    const { rerender } = render(about('ada'))
    wait(settlesInMs)
    rerender(about('bea'))
    wait(180)
    tap()
    expect(pressed).not.toHaveBeenCalled()
    wait(settlesInMs)
    tap()
    expect(pressed).toHaveBeenCalledOnce()
  })

  it('takes keys and screen readers at once', () => {
    render(
      <Button meant="ada" onClick={pressed}>
        Go
      </Button>,
    )
    fireEvent.click(button(), { detail: 0 })
    fireEvent.click(button(), { detail: 1 }) // no pointer came down
    expect(pressed).toHaveBeenCalledTimes(2)
  })

  it('sends no form', () => {
    const sent = vi.fn((event: { preventDefault(): void }) => event.preventDefault())
    render(
      <form onSubmit={sent}>
        <Button type="submit" look="danger">
          Send
        </Button>
      </form>,
    )
    tap()
    expect(sent).not.toHaveBeenCalled()
    wait(settlesInMs)
    tap()
    expect(sent).toHaveBeenCalledOnce()
  })

  it('opens no microphone with the tap that took the seat', () => {
    render(<MicButton mic="muted" level={() => 0} label="Unmute" word="Unmute" onPress={pressed} />)
    wait(180)
    tap()
    expect(pressed).not.toHaveBeenCalled()
    wait(settlesInMs)
    tap()
    expect(pressed).toHaveBeenCalledOnce()
  })

  it('is any other button at once', () => {
    render(<Button onClick={pressed}>Go</Button>)
    tap()
    expect(pressed).toHaveBeenCalledOnce()
  })
})
