/** Numbers as people read them, by language: `Intl` where it knows, our own where it does not. */

export interface Format {
  /** 1234.5 → '1,234.5'; `digits` fixes the decimals. */
  number(value: number, digits?: number): string;
  /** 0.969 → '96.9 %' in English, '96.9%' in Chinese. */
  percent(rate: number, digits?: number): string;
  /** [0.912, 0.989] → '91.2–98.9' (the unit stands beside the figure that the interval is of). */
  interval(range: readonly [number, number], digits?: number): string;
  /** 5_597_147 → '5.6 MB'; decimal units, as disks and networks are sold. */
  bytes(value: number): string;
  /** 38 → '0:38', 3723 → '1:02:03'. */
  duration(seconds: number): string;
  /** Milliseconds since 1970 → day and time of day. */
  date(time: number): string;
  /** 4_700_000 → '4.7 M'. */
  compact(value: number): string;
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'];
const nbsp = '\u00a0'; // keeps a figure and its unit on one line

export function createFormat(locale: string): Format {
  const space = locale.startsWith('zh') ? '' : nbsp;
  const plain = new Intl.NumberFormat(locale, { maximumFractionDigits: 3 });
  const fixed = [0, 1, 2, 3, 4, 5, 6].map(
    (digits) =>
      new Intl.NumberFormat(locale, {
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      }),
  );
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
  const number = (value: number, digits?: number): string =>
    ((digits === undefined ? undefined : fixed[digits]) ?? plain).format(value);

  return {
    number,
    percent: (rate, digits = 1) => `${number(rate * 100, digits)}${space}%`,
    interval: ([low, high], digits = 1) =>
      `${number(low * 100, digits)}–${number(high * 100, digits)}`,
    bytes(value) {
      let unit = 0;
      let rest = Math.max(0, value);
      // 999.95 kB would round to '1,000 kB', so it is a megabyte already
      while (rest >= 999.5 && unit < byteUnits.length - 1) {
        rest /= 1000;
        unit++;
      }
      const digits = unit === 0 || rest >= 99.95 ? 0 : 1;
      return `${number(rest, digits)}${nbsp}${byteUnits[unit] ?? ''}`;
    },
    duration(seconds) {
      const whole = Math.max(0, Math.round(seconds));
      const two = (part: number): string => String(part).padStart(2, '0');
      const hours = Math.floor(whole / 3600);
      const minutes = Math.floor(whole / 60) % 60;
      const tail = two(whole % 60);
      return hours > 0 ? `${hours}:${two(minutes)}:${tail}` : `${minutes}:${tail}`;
    },
    date: (time) => date.format(time),
    compact(value) {
      if (value >= 1e9) return `${number(value / 1e9, 2)}${nbsp}G`;
      if (value >= 1e6) return `${number(value / 1e6, 1)}${nbsp}M`;
      if (value >= 1e3) return `${number(value / 1e3, 1)}${nbsp}k`;
      return number(value);
    },
  };
}
