import { useEffect, useRef } from 'react'
import { artSize } from '../../ui'
import styles from './Rings.module.css'
import { type Ring, Ripples } from './ripples'

const listenMs = 50
const densest = 2
/** How finely the thickness of the still ring follows the level. */
const steps = 32

/**
 * What one says goes out as rings. Silence sends none: then nothing is drawn, and an ear every 50 ms
 * is all that runs. With reduced motion one still ring grows thicker instead.
 */
export function Rings({ level, size }: { level: () => number; size: number }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const ask = useRef(level)
  useEffect(() => {
    ask.current = level
  })

  useEffect(() => {
    const element = canvas.current
    const paint = element?.getContext('2d')
    if (!element || !paint) return
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches
    const ink = getComputedStyle(element).color
    const ripples = new Ripples()
    let frame = 0
    let still = { thick: -1, width: 0 }

    const circle = ({ radius, width, alpha }: Ring) => {
      paint.globalAlpha = alpha
      paint.lineWidth = width * element.width
      paint.beginPath()
      paint.arc(element.width / 2, element.height / 2, radius * element.width, 0, 2 * Math.PI)
      paint.stroke()
    }
    const draw = () => {
      paint.clearRect(0, 0, element.width, element.height)
      paint.strokeStyle = ink
      const rings = ripples.at(performance.now())
      rings.forEach(circle)
      frame = rings.length > 0 ? requestAnimationFrame(draw) : 0
    }
    const listen = () => {
      const now = ask.current()
      if (calm) {
        const thick = Math.round(now * steps) / steps
        // A canvas of another size is empty again.
        if (thick === still.thick && element.width === still.width) return
        still = { thick, width: element.width }
        paint.clearRect(0, 0, element.width, element.height)
        paint.strokeStyle = ink
        circle({ radius: 0.34, width: 0.002 + 0.02 * thick, alpha: 0.8 })
        return
      }
      ripples.hear(now, performance.now())
      if (frame === 0 && ripples.any) frame = requestAnimationFrame(draw)
    }
    const timer = setInterval(listen, listenMs)
    return () => {
      clearInterval(timer)
      cancelAnimationFrame(frame)
    }
  }, [])

  const pixels = Math.round(size * Math.min(densest, globalThis.devicePixelRatio || 1))
  return (
    <canvas
      ref={canvas}
      className={styles.rings}
      width={pixels}
      height={pixels}
      style={artSize(size)}
      aria-hidden
    />
  )
}
