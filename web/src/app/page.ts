import { lazyRouteComponent } from '@tanstack/react-router'
import { type ComponentType, type LazyExoticComponent, lazy } from 'react'
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
  return lazyRouteComponent(() => loaded(load), name)
}

/**
 * A component whose code comes when it is drawn. The router fetches that of a route earlier, also for
 * whoever is not signed in and sees nothing of it.
 */
export function part<Props>(
  load: () => Promise<ComponentType<Props>>,
): LazyExoticComponent<ComponentType<Props>> {
  return lazy(async () => ({ default: await loaded(load) }))
}

function loaded<T>(load: () => Promise<T>): Promise<T> {
  return load().catch((thrown: unknown) => {
    throw new LoadFailed('A part of the client could not be loaded.', { cause: thrown })
  })
}
