import { lazyRouteComponent } from '@tanstack/react-router'
import type { ComponentType } from 'react'
import { LoadFailed } from './stale'

/**
 * The component of a route whose code comes when it is wanted. The router loads the whole page anew
 * when it recognises that this has failed, in the middle of a sentence if need be; it does not know
 * LoadFailed, and Broken asks.
 */
export function page<Name extends string>(
  load: () => Promise<Record<Name, ComponentType>>,
  name: Name,
) {
  const get = () =>
    load().catch((thrown: unknown) => {
      throw new LoadFailed('A part of the client could not be loaded.', { cause: thrown })
    })
  return lazyRouteComponent(get, name)
}
