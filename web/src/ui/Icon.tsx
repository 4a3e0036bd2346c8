import type { LucideIcon } from 'lucide-react'

/** One family, one stroke. Decorative: the name stands on the control around it. */
export function Icon({ of: Drawing, size = 24 }: { of: LucideIcon; size?: 16 | 20 | 24 | 28 }) {
  return (
    <Drawing
      size={size}
      strokeWidth={size >= 28 ? 1.6 : 1.5}
      absoluteStrokeWidth={false}
      aria-hidden
    />
  )
}
