const decimal = /\p{Nd}/u

/**
 * The digits of every script ("٤", "۴", "४", "４") as 0 to 9: keyboards give people those of their own.
 * Unicode keeps the ten of a script together, zero first, so a digit is its distance from where its
 * row begins.
 */
export function numerals(typed: string): string {
  return typed.normalize('NFKC').replace(/\p{Nd}/gu, (digit) => {
    const at = digit.codePointAt(0) ?? 0
    let zero = at
    while (decimal.test(String.fromCodePoint(zero - 1))) zero--
    return String((at - zero) % 10)
  })
}
