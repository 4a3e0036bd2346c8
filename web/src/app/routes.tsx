import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
} from '@tanstack/react-router'
import { LobbyPage } from '../features/lobby'
import { Gate } from './Gate'
import { Broken, Nowhere } from './Lost'
import { Shell } from './Shell'

const root = createRootRoute({ component: Outlet, notFoundComponent: Nowhere })

/** Everything only a signed-in person sees; the gate asks for a sign-in in place. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  component: () => (
    <Gate>
      <Shell>
        <Outlet />
      </Shell>
    </Gate>
  ),
})

const lobby = createRoute({ getParentRoute: () => inside, path: '/', component: LobbyPage })
const room = createRoute({
  getParentRoute: () => inside,
  path: '/rooms/$room',
  component: lazyRouteComponent(() => import('./RoomRoute'), 'RoomRoute'),
})
const discover = createRoute({
  getParentRoute: () => inside,
  path: '/discover',
  component: lazyRouteComponent(() => import('../features/discover'), 'DiscoverPage'),
})
const call = createRoute({
  getParentRoute: () => inside,
  path: '/call',
  component: lazyRouteComponent(() => import('./CallRoute'), 'CallRoute'),
})
const chats = createRoute({
  getParentRoute: () => inside,
  path: '/chats',
  component: lazyRouteComponent(() => import('../features/chats'), 'ChatsPage'),
})
const chat = createRoute({
  getParentRoute: () => inside,
  path: '/chats/$person',
  component: lazyRouteComponent(() => import('./ChatRoute'), 'ChatRoute'),
})
const me = createRoute({
  getParentRoute: () => inside,
  path: '/me',
  component: lazyRouteComponent(() => import('../features/me'), 'MePage'),
})
/** For whoever runs Heyy on their own machine; needed before anybody is signed in. */
const inbox = createRoute({
  getParentRoute: () => root,
  path: '/dev/inbox',
  component: lazyRouteComponent(() => import('../features/inbox'), 'InboxPage'),
})

export const router = createRouter({
  routeTree: root.addChildren([
    inbox,
    inside.addChildren([lobby, room, discover, call, chats, chat, me]),
  ]),
  defaultPreload: 'intent',
  defaultErrorComponent: Broken,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
