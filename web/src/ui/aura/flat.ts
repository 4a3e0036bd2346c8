import { inks } from './colour'
import type { Frame } from './gl'
import { outline } from './shape'

/** The same aura without WebGL: gradients in the same outlines. */
export function paintFlat(ctx: CanvasRenderingContext2D, size: number, frame: Frame): void {
  const { shape, level, drift, theme, still } = frame
  const half = size / 2
  const ink = inks[theme]
  const css = (part: keyof typeof ink, hue: number, alpha: number) =>
    `oklch(${ink[part][0]} ${shape.plain ? 0.03 : ink[part][1]} ${hue} / ${alpha})`

  ctx.clearRect(0, 0, size, size)
  ctx.save()
  ctx.translate(half, half)
  const trace = (points: readonly (readonly [number, number])[]) => {
    ctx.beginPath()
    for (const [x, y] of points) ctx.lineTo(x * half, y * half)
    ctx.closePath()
  }

  const first = shape.layers[0]
  if (first && (shape.plain || still)) {
    const middle = shape.layers[1] ?? first
    trace(outline(shape.plain ? first : middle, 96))
    ctx.fillStyle = css('body', middle.hue, 0.1 + 0.15 * level)
    ctx.fill()
    ctx.lineWidth = (0.05 + 0.18 * level) * half
    ctx.strokeStyle = css(shape.plain ? 'core' : 'body', middle.hue, 0.6 + 0.4 * level)
    ctx.stroke()
  } else {
    const [x, y] = [shape.light[0] * half, shape.light[1] * half]
    shape.layers.forEach((layer, i) => {
      const fill = ctx.createRadialGradient(
        x,
        y,
        0,
        x,
        y,
        layer.radius * half * (1.25 + 0.3 * level),
      )
      fill.addColorStop(0, css('core', layer.hue, 0.8 + 0.2 * level))
      fill.addColorStop(0.5, css('body', layer.hue, 0.75))
      fill.addColorStop(1, css('rim', layer.hue, 0.3 + 0.4 * shape.edge))
      trace(outline(layer, 96, level, drift))
      ctx.globalAlpha = 0.55 + 0.12 * i
      ctx.fillStyle = fill
      ctx.fill()
    })
  }
  ctx.restore()
}
