// The arithmetic of the charts.
// Owns: angles, scales, ticks. Pure. Leaves: drawing to charts.js.

const TURN = 2 * Math.PI;

/** A ring's parts as SVG paths: [{d, part}]; parts without a value are left out, a single one is the whole ring. */
export function ringPaths(parts, { radius = 42, width = 14, gap = 0.02 } = {}) {
  const shown = parts.filter((part) => part.value > 0);
  const total = shown.reduce((sum, part) => sum + part.value, 0);
  let start = -TURN / 4;
  return shown.map((part) => {
    const angle = (part.value / total) * TURN;
    const space = shown.length > 1 ? Math.min(gap, angle / 3) : 0;
    const d = angle > TURN - 1e-6 ? whole(radius, width) : piece(start + space / 2, start + angle - space / 2, radius, width);
    start += angle;
    return { d, part };
  });
}

function piece(from, to, radius, width) {
  const inner = radius - width;
  const large = to - from > TURN / 2 ? 1 : 0;
  const at = (angle, far) => `${fixed(50 + far * Math.cos(angle))} ${fixed(50 + far * Math.sin(angle))}`;
  return `M ${at(from, radius)} A ${radius} ${radius} 0 ${large} 1 ${at(to, radius)} L ${at(to, inner)} A ${inner} ${inner} 0 ${large} 0 ${at(from, inner)} Z`;
}

function whole(radius, width) {
  const circle = (far, sweep) => `M ${50 - far} 50 A ${far} ${far} 0 1 ${sweep} ${50 + far} 50 A ${far} ${far} 0 1 ${sweep} ${50 - far} 50 Z`;
  return `${circle(radius, 1)} ${circle(radius - width, 0)}`;
}

/** Round numbers from 0 to at least `most`, four steps at most: [0, 5, 10, 15]. */
export function ticks(most, steps = 4) {
  if (!(most > 0)) return [0, 1];
  const rough = most / steps;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough - 1e-9));
  const found = [0];
  while (found.at(-1) < most - 1e-9) found.push(found.at(-1) + step);
  return found;
}

/** One entry for each of the last `count` days up to `today` ("2026-11-20"), whether something happened or not. */
export function everyDay(days, today, count) {
  const known = new Map(days.map((day) => [day.date, day]));
  const last = Date.parse(`${today}T00:00:00Z`);
  return Array.from({ length: count }, (_, back) => {
    const date = new Date(last - (count - 1 - back) * 86_400_000).toISOString().slice(0, 10);
    return known.get(date) ?? { date, labeled: 0, skipped: 0 };
  });
}

function fixed(value) {
  return Math.round(value * 1000) / 1000;
}
