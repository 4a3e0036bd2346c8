import { createRootRoute, createRoute, createRouter, Outlet } from '@tanstack/react-router'
import { Suspense } from 'react'
import { isRemembered } from '../api'
import { Gate, Opening } from './Gate'
import { Broken, BrokenHouse, Nowhere } from './Lost'
import { page, part } from './page'

const root = createRootRoute({
  component: Outlet,
  errorComponent: BrokenHouse,
  notFoundComponent: Nowhere,
})

const inShell = () => import('./Shell').then((m) => m.Shell)
const inLobby = () => import('./LobbyRoute').then((m) => m.LobbyRoute)
const Shell = part(inShell)
const LobbyRoute = part(inLobby)

// Whoever was here before is let in, most likely: what they see is fetched while the server is asked.
if (isRemembered()) {
  void inShell().catch(() => undefined)
  if (location.pathname === '/') void inLobby().catch(() => undefined)
}

/** Everything only a signed-in person sees; the gate asks for a sign-in in place. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  errorComponent: BrokenHouse,
  component: () => (
    <Gate>
      <Suspense fallback={<Opening />}>
        <Shell>
          <Outlet />
        </Shell>
      </Suspense>
    </Gate>
  ),
})

/** The query of a search. The router reads what looks like a number as one. */
const queryIn = ({ q }: Record<string, unknown>): { q?: string } =>
  typeof q === 'string' || typeof q === 'number' ? { q: String(q) } : {}
const numberIn = ({ at }: Record<string, unknown>): { at?: number } =>
  typeof at === 'number' && Number.isSafeInteger(at) && at > 0 ? { at } : {}

const lobby = createRoute({ getParentRoute: () => inside, path: '/', component: LobbyRoute })
const room = createRoute({
  getParentRoute: () => inside,
  path: '/rooms/$room',
  component: page(() => import('./RoomRoute'), 'RoomRoute'),
})
const discover = createRoute({
  getParentRoute: () => inside,
  path: '/discover',
  component: page(() => import('./DiscoverRoute'), 'DiscoverRoute'),
})
const call = createRoute({
  getParentRoute: () => inside,
  path: '/call',
  component: page(() => import('./CallRoute'), 'CallRoute'),
})
const chats = createRoute({
  getParentRoute: () => inside,
  path: '/chats',
  validateSearch: queryIn,
  component: page(() => import('./ChatRoute'), 'ChatsRoute'),
})
const search = createRoute({
  getParentRoute: () => inside,
  path: '/chats/$person/search',
  validateSearch: queryIn,
  component: page(() => import('./ChatRoute'), 'SearchRoute'),
})
const chat = createRoute({
  getParentRoute: () => inside,
  path: '/chats/$person',
  validateSearch: numberIn,
  component: page(() => import('./ChatRoute'), 'ChatRoute'),
})
const requests = createRoute({
  getParentRoute: () => inside,
  path: '/chats/requests',
  component: page(() => import('../features/chats'), 'RequestsPage'),
})
const profile = createRoute({
  getParentRoute: () => inside,
  path: '/chats/$person/profile',
  component: page(() => import('./ChatRoute'), 'ProfileRoute'),
})
const moment = createRoute({
  getParentRoute: () => inside,
  path: '/moments/$person',
  component: page(() => import('./MomentRoute'), 'MomentRoute'),
})
const find = createRoute({
  getParentRoute: () => inside,
  path: '/search',
  validateSearch: queryIn,
  component: page(() => import('./FindRoute'), 'FindRoute'),
})
const clubs = createRoute({
  getParentRoute: () => inside,
  path: '/clubs',
  component: page(() => import('../features/club'), 'ClubsPage'),
})
const club = createRoute({
  getParentRoute: () => inside,
  path: '/clubs/$club',
  component: page(() => import('./ClubRoutes'), 'ClubRoute'),
})
/** Where a link to a club leads; the gate asks for a sign-in in place, and the address stays. */
const clubLink = createRoute({
  getParentRoute: () => inside,
  path: '/clubs/$club/join/$token',
  component: page(() => import('./ClubRoutes'), 'ClubJoinRoute'),
})
const events = createRoute({
  getParentRoute: () => inside,
  path: '/events',
  validateSearch: ({ plan, club }: Record<string, unknown>): { plan?: true; club?: string } => ({
    ...(plan === true && { plan }),
    ...(typeof club === 'string' && { club }),
  }),
  component: page(() => import('./EventRoutes'), 'EventsRoute'),
})
const event = createRoute({
  getParentRoute: () => inside,
  path: '/events/$event',
  component: page(() => import('./EventRoutes'), 'EventRoute'),
})
const replays = createRoute({
  getParentRoute: () => inside,
  path: '/replays',
  validateSearch: ({ mine }: Record<string, unknown>): { mine?: true } =>
    mine ? { mine: true } : {},
  component: page(() => import('../features/replay'), 'ReplaysPage'),
})
const replay = createRoute({
  getParentRoute: () => inside,
  path: '/replays/$replay',
  component: page(() => import('./ReplayRoute'), 'ReplayRoute'),
})
const me = createRoute({
  getParentRoute: () => inside,
  path: '/me',
  component: page(() => import('../features/me'), 'MePage'),
})
const people = createRoute({
  getParentRoute: () => inside,
  path: '/me/people',
  validateSearch: ({ list }: Record<string, unknown>): { list?: 'followers' | 'friends' } =>
    list === 'followers' || list === 'friends' ? { list } : {},
  component: page(() => import('./PeopleRoute'), 'PeopleRoute'),
})
const cards = createRoute({
  getParentRoute: () => inside,
  path: '/me/cards',
  component: page(() => import('../features/me'), 'CardsPage'),
})
const notifications = createRoute({
  getParentRoute: () => inside,
  path: '/notifications',
  component: page(() => import('../features/notifications'), 'NotificationsPage'),
})
const notificationSettings = createRoute({
  getParentRoute: () => inside,
  path: '/me/notifications',
  component: page(() => import('../features/notifications'), 'SettingsPage'),
})
/** For whoever runs Heyy on their own machine; needed before anybody is signed in. */
const inbox = createRoute({
  getParentRoute: () => root,
  path: '/dev/inbox',
  component: page(() => import('../features/inbox'), 'InboxPage'),
})

/** The link of an email. Who opens it may be signed in to nothing, or as somebody else. */
const unsubscribe = createRoute({
  getParentRoute: () => root,
  path: '/unsubscribe/$token',
  component: page(() => import('./UnsubscribeRoute'), 'UnsubscribeRoute'),
})

export const router = createRouter({
  routeTree: root.addChildren([
    inbox,
    unsubscribe,
    inside.addChildren([
      lobby,
      room,
      discover,
      call,
      chats,
      search,
      requests,
      chat,
      profile,
      moment,
      find,
      clubs,
      club,
      clubLink,
      events,
      event,
      replays,
      replay,
      me,
      people,
      cards,
      notifications,
      notificationSettings,
    ]),
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
