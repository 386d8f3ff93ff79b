// Instructions as people write them: a small part of Markdown, read into plain values that are safe to show.
// Owns: reading. No HTML comes out of it, so none can come in. Leaves: showing to instructions.js.

const LONGEST = 100_000;
const MOST_COLUMNS = 30;
const TABLE = /^\s*\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)+\|?\s*$/;
const LINK = /^(https?:\/\/|mailto:)[^\s"'<>]+$/i;

/** Blocks of a text: {kind: heading|paragraph|list|table|code|quote, …}; inline text is a list of {kind: text|strong|em|code|link, …}. */
export function parse(text) {
  const lines = String(text ?? "").slice(0, LONGEST).replace(/\r\n?/g, "\n").split("\n");
  return blocks(lines, 0);
}

/** An address that may be shown as a link, or null. */
export function safeLink(address) {
  const trimmed = String(address ?? "").trim();
  return LINK.test(trimmed) ? trimmed : null;
}

function blocks(lines, depth) {
  const found = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at];
    if (/^\s*$/.test(line)) {
      at += 1;
    } else if (/^\s*```/.test(line)) {
      let end = at + 1;
      while (end < lines.length && !/^\s*```/.test(lines[end])) end += 1;
      found.push({ kind: "code", text: lines.slice(at + 1, end).join("\n") });
      at = end + 1;
    } else if (/^#{1,6}\s/.test(line)) {
      const level = line.match(/^#+/)[0].length;
      found.push({ kind: "heading", level: Math.min(level, 4), parts: inline(line.replace(/^#+\s+|\s+#*\s*$/g, "")) });
      at += 1;
    } else if (/^\s*>/.test(line) && depth < 4) {
      const end = upTo(lines, at, (one) => !/^\s*>/.test(one));
      found.push({ kind: "quote", blocks: blocks(lines.slice(at, end).map((one) => one.replace(/^\s*>\s?/, "")), depth + 1) });
      at = end;
    } else if (TABLE.test(lines[at + 1] ?? "") && line.includes("|")) {
      const end = upTo(lines, at + 1, (one) => !one.includes("|"));
      const [head, , ...rows] = lines.slice(at, end);
      found.push({ kind: "table", head: cells(head), rows: rows.map(cells) });
      at = end;
    } else if (marker(line)) {
      const ordered = marker(line) === "number";
      const end = upTo(lines, at, (one) => /^\s*$/.test(one) || (marker(one) !== null && (marker(one) === "number") !== ordered));
      found.push({ kind: "list", ordered, items: items(lines.slice(at, end)) });
      at = end;
    } else {
      const end = upTo(lines, at, (one) => /^\s*$/.test(one) || /^#{1,6}\s|^\s*```/.test(one) || marker(one) !== null);
      found.push({ kind: "paragraph", parts: inline(lines.slice(at, end).join("\n")) });
      at = end;
    }
  }
  return found;
}

function cells(line) {
  const inside = line.trim().replace(/^\||\|$/g, "");
  return inside.split("|").slice(0, MOST_COLUMNS).map((text) => inline(text.trim()));
}

function upTo(lines, from, ends) {
  let end = from + 1;
  while (end < lines.length && !ends(lines[end])) end += 1;
  return end;
}

function marker(line) {
  if (/^\s*[-*+]\s+\S/.test(line)) return "point";
  return /^\s*\d{1,9}[.)]\s+\S/.test(line) ? "number" : null;
}

function items(lines) {
  const found = [];
  for (const line of lines) {
    if (marker(line)) found.push(line.replace(/^\s*(?:[-*+]|\d{1,9}[.)])\s+/, ""));
    else found[found.length - 1] += `\n${line.trim()}`;
  }
  return found.map((text) => inline(text));
}

// One pass from the left; each alternative is bounded, so that no text makes it slow.
const INLINE = /`([^`\n]{1,500})`|\*\*([^*\n]{1,500})\*\*|\*([^*\s][^*\n]{0,500})\*|\[([^\]\n]{1,300})\]\(([^)\s]{1,2000})\)|(https?:\/\/[^\s<>"')\]]{1,2000})/g;

function inline(text) {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(INLINE)) {
    if (found.index > from) parts.push({ kind: "text", text: text.slice(from, found.index) });
    const [whole, code, strong, em, title, address, bare] = found;
    if (code !== undefined) parts.push({ kind: "code", text: code });
    else if (strong !== undefined) parts.push({ kind: "strong", text: strong });
    else if (em !== undefined) parts.push({ kind: "em", text: em });
    else parts.push(link(title ?? bare, address ?? bare, whole));
    from = found.index + whole.length;
  }
  if (from < text.length) parts.push({ kind: "text", text: text.slice(from) });
  return parts;
}

function link(title, address, whole) {
  const safe = safeLink(address);
  return safe ? { kind: "link", text: title, address: safe } : { kind: "text", text: whole };
}
