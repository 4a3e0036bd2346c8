import { onlineManager } from '@tanstack/react-query'

/**
 * TanStack Query takes the network to be there until it hears otherwise: a page that was loaded
 * without one would not notice that it comes, and repeat nothing that has failed.
 */
export const startOnline = (): void => onlineManager.setOnline(navigator.onLine)
