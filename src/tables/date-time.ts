// Dates and times as text. Microseconds never pass through a JS number or Date; only whole minutes do.

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const TIME = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,9}))?)?$/;
const DATE_TIME = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|z|[+-](?:0\d|1[0-4]):[0-5]\d)$/;

/** `2026-03-01` when it is a day that exists, years 0001 to 9999; else null. */
export function toDate(text: string): string | null {
  const [, year, month, day] = DATE.exec(text) ?? [];
  if (year === undefined || year === '0000') return null;
  const utc = new Date(0);
  utc.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return utc.getUTCMonth() + 1 === Number(month) && utc.getUTCDate() === Number(day) ? text : null;
}

/** A time of day as `hh:mm:ss.uuuuuu`; digits after the sixth are cut. Null when it is none. */
export function toTime(text: string): string | null {
  const [, hour, minute, second = '00', fraction = ''] = TIME.exec(text) ?? [];
  return hour === undefined ? null : `${hour}:${minute}:${second}.${fraction.slice(0, 6).padEnd(6, '0')}`;
}

/** An instant in UTC as `YYYY-MM-DDThh:mm:ss.uuuuuuZ`: an offset is needed, converted, and not kept. Null when it is none. */
export function toDateTime(text: string): string | null {
  const [, date = '', clock = '', zone = ''] = DATE_TIME.exec(text) ?? [];
  const time = toTime(clock);
  if (toDate(date) === null || time === null) return null;
  if (zone === 'Z' || zone === 'z') return `${date}T${time}Z`;
  const offset = (zone.startsWith('-') ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6)));
  const utc = new Date(Date.parse(`${date}T${time.slice(0, 5)}Z`) - offset * 60_000).toISOString();
  return utc.startsWith('+') || utc.startsWith('-') || utc.startsWith('0000')
    ? null
    : `${utc.slice(0, 16)}${time.slice(5)}Z`;
}
