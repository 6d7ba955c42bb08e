/** The text as it is kept: composed, without blanks around it, and with single ones inside of a line. */
export function tidy(text: string): string {
  return text
    .normalize('NFC')
    .trim()
    .replace(/[^\S\n]+/g, ' ');
}
