/** Comma-separated values by RFC 4180. */

/**
 * One line for each row, each ended by CRLF. A value that a spreadsheet would read as a formula gets an apostrophe
 * before it, because package and node names come from outside.
 */
export function csv(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

function field(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
