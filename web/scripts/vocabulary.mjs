// The lists and numbers of the contract that the client needs while it runs:
//   node scripts/vocabulary.mjs ../api/openapi.json src/api/vocabulary.gen.ts
import { readFile, writeFile } from 'node:fs/promises'

const [, , from, to] = process.argv
const contract = JSON.parse(await readFile(from, 'utf8'))

/** One line for a list, one for each field or branch. */
function value(v) {
  const lines = Array.isArray(v)
    ? v.some((one) => typeof one === 'object') && v.map((one) => `  ${JSON.stringify(one)},\n`)
    : Object.entries(v).map(([key, one]) => `  ${key}: ${JSON.stringify(one)},\n`)
  if (!lines) return JSON.stringify(v)
  return Array.isArray(v) ? `[\n${lines.join('')}]` : `{\n${lines.join('')}}`
}
const named = (name) => name.charAt(0).toLowerCase() + name.slice(1)
const of = (name, v) => `export const ${name} = ${value(v)} as const\n`

const lists = Object.entries(contract.components.schemas)
  .filter(([, schema]) => schema.type === 'string' && schema.enum)
  .map(([name, schema]) => of(`${named(name)}Keys`, schema.enum.filter(Boolean)))

await writeFile(
  to,
  `// Made by \`make openapi\` from the contract; change the Go code instead.\n\n${[
    ...lists,
    of('interestTree', contract['x-interest-tree']),
    of('chatLimits', contract['x-chat-limits']),
    of('replayDays', contract['x-replay-days']),
    of('limits', contract['x-limits']),
  ].join('\n')}`,
)
