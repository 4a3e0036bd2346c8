import {
  cleanupOutdatedCaches,
  createHandlerBoundToURL,
  precacheAndRoute,
} from 'workbox-precaching'
import { NavigationRoute, registerRoute } from 'workbox-routing'
import { clicked, received, renewed } from './push'

declare const self: ServiceWorkerGlobalScope & {
  __WB_MANIFEST: Parameters<typeof precacheAndRoute>[0]
}

precacheAndRoute(self.__WB_MANIFEST)
cleanupOutdatedCaches()
registerRoute(
  new NavigationRoute(createHandlerBoundToURL('/index.html'), {
    denylist: [/^\/(api|rtc|realtime|healthz|readyz|metrics)(\/|$)/],
  }),
)

// A new version waits for the person: see app/update.ts.
self.addEventListener('message', (event) => {
  if (event.data?.type === 'SKIP_WAITING') void self.skipWaiting()
})

self.addEventListener('push', (event) => event.waitUntil(received(self, event.data)))
self.addEventListener('notificationclick', (event) =>
  event.waitUntil(clicked(self, event.notification, event.action)),
)
self.addEventListener('pushsubscriptionchange', (event) => event.waitUntil(renewed(self, event)))
