import { scene } from '../scene'

export function level(personId: string): number {
  return scene.levels?.[personId] ?? 0
}
