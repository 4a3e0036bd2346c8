import react from '@vitejs/plugin-react'
import { VitePWA } from 'vite-plugin-pwa'
import { defineConfig } from 'vitest/config'

const server = 'http://localhost:8080'

export default defineConfig({
  plugins: [
    react(),
    VitePWA({
      // A new version waits for the person: reloading by itself would cut a
      // conversation.
      registerType: 'prompt',
      injectRegister: false,
      manifest: false,
      workbox: {
        globPatterns: ['**/*.{js,css,html,svg,woff2,webmanifest}'],
        // Extended scripts are fetched when a name needs them, not in advance.
        globIgnores: ['**/*-latin-ext-*', '**/*-vietnamese-*'],
        navigateFallback: '/index.html',
        navigateFallbackDenylist: [/^\/(api|rtc|realtime|healthz|readyz|metrics)(\/|$)/],
        cleanupOutdatedCaches: true,
      },
    }),
  ],
  server: {
    proxy: {
      '/api': server,
      '/rtc': { target: server, ws: true },
      '/realtime': { target: server, ws: true },
    },
  },
  build: {
    target: 'es2022',
    // dist/.keep is committed for the Go build; public/.keep puts it back.
    emptyOutDir: true,
    assetsInlineLimit: 2048,
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/test-setup.ts'],
    css: { modules: { classNameStrategy: 'non-scoped' } },
  },
})
