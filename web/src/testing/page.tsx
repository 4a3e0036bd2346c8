import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  type HistoryState,
  RouterProvider,
} from '@tanstack/react-router'
import { act, render } from '@testing-library/react'
import type { ReactNode } from 'react'
import { vi } from 'vitest'
import { presence } from '../realtime/presence'

/** People, rooms and cards, as the pictures of every screen have them. */
export * as people from '../../scripts/screens/people'

/**
 * A page as the app shows it: links lead somewhere, answers of the server are kept. `at` says where a
 * person is now, `along` what goes along with that address.
 */
export async function showPage(page: ReactNode): Promise<{ at(): string; along(): HistoryState }> {
  // A phone on which nothing moves: jsdom has no screen to ask.
  vi.stubGlobal('matchMedia', () => ({
    matches: false,
    addEventListener() {},
    removeEventListener() {},
  }))
  // Friends are here where a test says so; nothing is read.
  if (!vi.isMockFunction(presence.start)) vi.spyOn(presence, 'start').mockReturnValue(() => {})

  const root = createRootRoute({ component: () => page })
  const anywhere = createRoute({ getParentRoute: () => root, path: '$', component: () => null })
  const router = createRouter({
    routeTree: root.addChildren([anywhere]),
    history: createMemoryHistory({ initialEntries: ['/page'] }),
  })
  const queries = new QueryClient({
    defaultOptions: { queries: { retry: false, refetchOnWindowFocus: false } },
  })
  await act(async () => {
    render(
      <QueryClientProvider client={queries}>
        {/* The app's own routes are wiring that no page knows of. */}
        <RouterProvider router={router as never} />
      </QueryClientProvider>,
    )
    await router.load()
  })
  return {
    at: () => router.state.location.pathname,
    along: () => router.state.location.state,
  }
}
