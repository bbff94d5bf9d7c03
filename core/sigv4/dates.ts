/** The date format of Signature Version 4: `20260102T030405Z`. */

/** @param moment epoch milliseconds */
export function amzDate(moment: number): string {
  return `${new Date(moment).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
}

/** @returns epoch milliseconds, or NaN where the text is no such date */
export function parseAmzDate(text: string): number {
  if (!/^\d{8}T\d{6}Z$/.test(text)) return NaN;
  return Date.parse(
    `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)}T${text.slice(9, 11)}:${text.slice(11, 13)}:${text.slice(13, 15)}Z`,
  );
}
