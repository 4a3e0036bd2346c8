import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { DiscoverCard } from '../../api'
import { Choices } from './Choices'
import { deck } from './deck'

const person = (id: string) => ({ id, name: id }) as DiscoverCard['person']

describe('the choices', () => {
  afterEach(() => {
    cleanup()
    vi.restoreAllMocks()
  })

  it('mean whoever was on screen and stood still when the button went down', () => {
    const settled = new Set(['ada'])
    vi.spyOn(deck, 'settled').mockImplementation((id) => settled.has(id))
    const chosen: string[] = []
    const choices = (id: string) => (
      <Choices
        person={person(id)}
        likesLeft={30}
        canUndo={false}
        onUndo={() => undefined}
        onChoose={(choice, on) => chosen.push(`${choice} ${on}`) > 0}
      />
    )
    const { rerender } = render(choices('ada'))
    const [, pass, like] = screen.getAllByRole('button')
    if (!pass || !like) throw new Error('two buttons to choose with')
    const down = (button: Element) => fireEvent.pointerDown(button)
    const up = (button: Element) => fireEvent.click(button, { detail: 1 })

    down(like)
    up(like)
    expect(chosen).toEqual(['like ada'])

    // The second tap of two comes down while Bea slides in.
    rerender(choices('bea'))
    down(like)
    up(like)
    down(pass)
    settled.add('bea')
    up(pass)
    expect(chosen).toEqual(['like ada'])

    // Pressed on Bea, let go when Cleo is there: it was Bea who was meant.
    down(pass)
    rerender(choices('cleo'))
    up(pass)
    expect(chosen).toEqual(['like ada', 'pass bea'])

    // A key has no pointer.
    fireEvent.click(pass, { detail: 0 })
    expect(chosen).toEqual(['like ada', 'pass bea', 'pass cleo'])
  })
})
