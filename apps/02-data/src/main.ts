// Chapter 2 of the course: tables, sequences, text and images as tensors.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as torch from "bluedot";
import { io, type Tensor } from "bluedot";
import { makeUpData } from "./made-up-data.ts";

function show(title: string, ...values: readonly unknown[]): void {
  console.log(`# ${title}`);
  for (const value of values) console.log(Array.isArray(value) ? `[${value.join(", ")}]` : String(value));
}

/** Where the chapter's files lie: `BLUEDOT_DATA` or the cache folder; without either, made-up ones stand in. */
async function findData(): Promise<(name: string) => string> {
  const wine = io.dataPath("winequality-white.csv");
  if (existsSync(wine)) return (name) => io.dataPath(name);
  console.error(`chapter 2: no data in BLUEDOT_DATA nor in ${io.cacheFolder()}; it runs on made-up files of the same kinds`);
  const folder = await makeUpData();
  return (name) => join(folder, name);
}
const find = await findData();

// Tabular data: the chemistry of white wines, and how good they taste.
const wine = find("winequality-white.csv");
const columns = io.readCsvHeader(wine, { delimiter: ";" });
const data = io.loadtxt(wine, { delimiter: ";", skiprows: 1 });
const features = data.at(":", ":-1");
const target = data.at(":", -1).long();
show("wine", columns, data.shape, features, features.shape, target, target.shape);
const onehot = torch.zeros(target.size(0), 10);
onehot.scatter_(1, target.unsqueeze(1), 1.0);
show("one-hot", onehot);
const mean = features.mean(0);
const variance = features.var(0);
show("standardize", mean, variance, features.sub(mean).div(variance.sqrt()));
const bad = features.at(target.le(3));
const mid = features.at(target.gt(3).logicalAnd(target.lt(7)));
const good = features.at(target.ge(7));
show("selection", bad.shape, mid.shape, good.shape);
const means = [bad.mean(0), mid.mean(0), good.mean(0)];
console.log("# group means");
for (let i = 0; i < features.size(1); i++) {
  const row = means.map((mean) => mean.at(i).item().toFixed(2).padStart(6));
  console.log(`${String(i).padStart(2)} ${columns[i]!.padEnd(20)} ${row.join(" ")}`);
}
const predicted = features.at(":", 6).lt(means[1]!.at(6));
const actual = target.gt(5);
show("threshold", predicted.shape, predicted.sum(), actual.shape, actual.sum());
const matches = predicted.logicalAnd(actual).sum().item();
show("precision and recall", matches, matches / actual.sum().item(), matches / predicted.sum().item());

// A sequence: bicycles hired each hour of two years. The date's day of the month is its number.
const bikes = io.loadtxt(find("bike_sharing_dataset/hour-fixed.csv"), {
  delimiter: ",",
  skiprows: 1,
  converters: { 1: (date) => Number(date.slice(8, 10)) },
});
show("bikes", bikes.shape, bikes.stride());
let daily = bikes.view(-1, 24, bikes.size(1));
show("daily", daily.shape, daily.stride());
daily.transpose_(1, 2);
show("transposed", daily.shape, daily.stride());
const weatherOnehot = torch.zeros(daily.size(0), 4, 24);
const weather = daily.at(":", 9, ":").sub(1);
weather.unsqueeze_(1);
show("weather", weather.shape);
weatherOnehot.scatter_(1, weather.long(), 1.0);
daily = torch.cat([daily, weatherOnehot], 1);
show("with one-hot weather", daily.shape, daily.at(0, ":", ":3"));
const temperature = daily.at(":", 10, ":").clone();
const [low, high] = [temperature.min(), temperature.max()];
daily.setAt([":", 10, ":"], temperature.sub(low).div(high.sub(low)));
show("min-max", daily.at(":", 10, ":"));
daily.setAt([":", 10, ":"], temperature.sub(temperature.mean()).div(temperature.std()));
show("z-score", daily.at(":", 10, ":"));

// Text: letters, then words, as one-hot rows.
const text = readFileSync(find("1342-0.txt"), "utf8").replaceAll("\r\n", "\n");
const line = text.split("\n")[200]!;
const letters = torch.zeros(line.length, 128);
[...line.toLowerCase().trim()].forEach((letter, i) => {
  const code = letter.codePointAt(0)!;
  letters.setAt([i, code < 128 ? code : 0], 1);
});
show("characters", [...text].length, line, letters.shape, letters.sum(0).nonzero().flatten(), letters.argmax(1));

function cleanWords(input: string): string[] {
  const words = input.toLowerCase().split(/\s+/).filter(Boolean);
  return words.map((word) => word.replace(/^[.,;:"!?”“_-]+|[.,;:"!?”“_-]+$/g, ""));
}
const words = cleanWords(line);
const book = [...new Set(cleanWords(text))].sort();
const index = new Map(book.map((word, i) => [word, i]));
const encoded = torch.zeros(words.length, index.size);
console.log("# words");
console.log(words.join(" "), index.size);
words.forEach((word, i) => {
  encoded.setAt([i, index.get(word)!], 1);
  console.log(`${String(i).padStart(2)} ${String(index.get(word)).padStart(4)} ${word}`);
});
console.log(`[${encoded.shape.join(", ")}]`);

// Images: height, width, colour become colour, height, width; a batch is normalised channel by channel.
let img = await io.readImage(find("bobby.jpg"));
show("image", img.shape, img.dtype);
img = img.transpose(0, 2).transpose(1, 2);
show("channels first", img.shape, img.stride(), img.at(":", ":3", ":4"));
const folder = find("image_cats");
const names = readdirSync(folder).filter((name) => name.endsWith(".png"));
names.sort();
let batch: Tensor = torch.zeros(names.length, 3, 256, 256, { dtype: torch.uint8 });
for (const [i, name] of names.entries()) {
  const pixels = await io.readImage(join(folder, name));
  batch.setAt([i], pixels.transpose(0, 2).at(":3"));
}
show("batch", batch.shape);
batch = batch.float();
batch.div_(255);
for (let c = 0; c < batch.size(1); c++) {
  const channel = batch.at(":", c);
  const [mean, std] = [channel.mean(), channel.std()];
  show(`channel ${c}`, mean, std);
  batch.setAt([":", c], channel.sub(mean).div(std));
}
show("normalized", batch.at(":", ":", 0, ":3"), batch.mean(), batch.std());
