/** Compares what a program printed with a recorded transcript. A section begins at a line `# title`; text before the first is a section too. */

const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$|^[-+]?(?:inf|nan)$/i;
const TOKEN = /[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|[A-Za-z_<>][\w<>]*/g;

/** Python's spelling of what JavaScript spells otherwise. */
const SPELLINGS = new Map([
  ["True", "true"],
  ["False", "false"],
  ["None", "null"],
]);

/** The words and numbers of a text, PyTorch's `torch.` and `torch.Size` left out. */
export function tokens(text) {
  const plain = text.replaceAll("torch.Size", "").replaceAll("torch.", "");
  return (plain.match(TOKEN) ?? []).map((token) => SPELLINGS.get(token) ?? token);
}

/** Sections as `[title, tokens]`, in order. */
export function sections(text) {
  const found = [["", []]];
  for (const line of text.split("\n")) {
    if (line.startsWith("# ")) found.push([line.slice(2).trim(), []]);
    else found.at(-1)[1].push(...tokens(line));
  }
  return found.filter(([title, words]) => title !== "" || words.length > 0);
}

const toNumber = (token) => Number(token.replace(/inf/i, "Infinity").replace(/nan/i, "NaN"));

/** Whether two tokens say the same: words but for case, numbers within the tolerance. */
export function agrees(expected, actual, tolerance) {
  if (!NUMBER.test(expected) || !NUMBER.test(actual)) return expected.toLowerCase() === actual.toLowerCase();
  const [x, y] = [toNumber(expected), toNumber(actual)];
  return Object.is(x, y) || x === y || Math.abs(x - y) <= tolerance + tolerance * Math.abs(x);
}

/** The differences, one line a section; none when the texts agree. */
export function differences(expectedText, actualText, tolerance = 2e-4) {
  const expected = sections(expectedText);
  const actual = sections(actualText);
  const out = [];
  expected.forEach(([title, words], i) => {
    const [ownTitle, own] = actual[i] ?? ["(missing)", []];
    if (ownTitle !== title) out.push(`section ${i}: expected "${title}", got "${ownTitle}"`);
    const at = words.findIndex((word, k) => own[k] === undefined || !agrees(word, own[k], tolerance));
    const place = at >= 0 ? at : own.length > words.length ? words.length : -1;
    if (place >= 0) {
      const near = (list) => list.slice(Math.max(0, place - 3), place + 4).join(" ");
      out.push(`${title}: word ${place}: expected … ${near(words)}, got … ${near(own)}`);
    }
  });
  if (actual.length > expected.length)
    out.push(`${actual.length - expected.length} sections too many, first "${actual[expected.length][0]}"`);
  return out;
}
