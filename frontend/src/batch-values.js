// How the table of a month reads and writes values: one form to compare, one to show.

const COUNTS = /^(percent|housing_)/;
const AMOUNTS = /^(invested|arrived_|paid_)/;

/** A value as it is compared and kept: amounts with two decimals, counts without separators, texts trimmed. */
export function plain(name, text) {
  const value = String(text ?? "").replace(/\r\n/g, "\n").trim();
  if (value === "" || !(COUNTS.test(name) || AMOUNTS.test(name))) return value;
  const number = Number(value.normalize("NFKC").replace(/[,'\s\u00a0\u3000]/g, ""));
  if (!Number.isFinite(number)) return value;
  if (AMOUNTS.test(name)) return Math.round(number * 100) / 100 === number ? number.toFixed(2) : value;
  return Number.isInteger(number) ? String(number) : value;
}

/** A plain value as it stands in a cell. */
export function pretty(name, value) {
  const number = Number(value);
  if (value === "" || !Number.isFinite(number)) return value;
  if (AMOUNTS.test(name)) return amount(number);
  return name.startsWith("housing_") ? number.toLocaleString("zh-CN") : value;
}

export function amount(number) {
  return number.toLocaleString("zh-CN", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** The sum of plain amounts, null where none is known. Reckoned in 分 so that nothing is lost to halves. */
export function sum(values) {
  const known = values.filter((value) => value !== "" && Number.isFinite(Number(value)));
  return known.length ? known.reduce((total, value) => total + Math.round(Number(value) * 100), 0) / 100 : null;
}
