import { availableParallelism } from 'node:os'
import react from '@vitejs/plugin-react'
import { VitePWA } from 'vite-plugin-pwa'
import { defineConfig } from 'vitest/config'

const server = process.env.HEYY_SERVER ?? 'http://localhost:8080'

/** The server takes commands and sockets from its own origin only; here that is us. */
const proxied = { target: server, ws: true, headers: { origin: server } }

export default defineConfig({
  plugins: [
    react(),
    VitePWA({
      // A new version waits for the person: reloading by itself would cut a
      // conversation.
      registerType: 'prompt',
      injectRegister: false,
      manifest: false,
      strategies: 'injectManifest',
      srcDir: 'src/worker',
      filename: 'sw.ts',
      injectManifest: {
        globPatterns: ['**/*.{js,css,html,svg,woff2,webmanifest}'],
        // Fetched when a name, a room, a recording or a talk needs them, not in advance.
        globIgnores: [
          '**/*-latin-ext-*',
          '**/*-vietnamese-*',
          '**/livekit-*',
          '**/emoji*-*',
          '**/EmojiPicker-*',
          '**/recorder-encode-*',
          '**/quiet-*',
          '**/workletProcessor-*',
        ],
      },
    }),
  ],
  server: {
    proxy: { '/api': proxied, '/rtc': proxied, '/realtime': proxied },
  },
  build: {
    target: 'es2022',
    // dist/.keep is committed for the Go build; public/.keep puts it back.
    emptyOutDir: true,
    assetsInlineLimit: 2048,
  },
  test: {
    environment: 'jsdom',
    // Each file has modules and a page of its own: a new context in a thread that is warm
    // already, which takes less than half the time of a new process. One worker alone would
    // run all files in one context, which src/testing/setup.ts refuses.
    pool: 'vmThreads',
    maxWorkers: Math.max(2, availableParallelism()),
    vmMemoryLimit: '1GB',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/testing/setup.ts'],
    css: { modules: { classNameStrategy: 'non-scoped' } },
  },
})
