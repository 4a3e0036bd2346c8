import type { ReactElement } from 'react'

/**
 * What a component takes to put beside other things: elements, and no bare text. A translator wraps
 * each text node in an element of its own, and React fails where it looks for that node among others.
 */
export type Parts = ReactElement | boolean | null | undefined | readonly Parts[]
