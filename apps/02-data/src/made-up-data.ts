import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as torch from "bluedot";
import { io } from "bluedot";

const WINE =
  "fixed acidity,volatile acidity,citric acid,residual sugar,chlorides,free sulfur dioxide,total sulfur dioxide,density,pH,sulphates,alcohol";
const DAYS = 60;

/** Random numbers as the rows of a table. */
const rows = (n: number, cells: (i: number) => readonly (string | number)[], delimiter: string): string =>
  Array.from({ length: n }, (_, i) => cells(i).join(delimiter)).join("\n");

/** Writes files of the same kinds as the course's to a new folder, and returns it. */
export async function makeUpData(): Promise<string> {
  const generator = new torch.Generator().manualSeed(2);
  const random = (): number => torch.rand(1, { generator }).item();
  const folder = mkdtempSync(join(tmpdir(), "bluedot-chapter2-"));

  const header = [...WINE.split(","), "quality"].map((name) => JSON.stringify(name)).join(";");
  const wine = rows(400, (i) => [...Array.from({ length: 11 }, (_, c) => (10 * random() + c).toFixed(2)), 3 + (i % 7)], ";");
  writeFileSync(join(folder, "winequality-white.csv"), `${header}\n${wine}\n`);

  mkdirSync(join(folder, "bike_sharing_dataset"));
  const hour = (i: number): (string | number)[] => {
    const day = Math.floor(i / 24);
    const date = new Date(Date.UTC(2011, 0, 1 + day)).toISOString().slice(0, 10);
    const temperature = 0.4 + 0.2 * Math.sin((2 * Math.PI * (i % 24)) / 24);
    return [
      i + 1,
      date,
      1,
      0,
      1,
      i % 24,
      0,
      day % 7,
      1,
      1 + (day % 4),
      temperature.toFixed(3),
      temperature.toFixed(3),
      0.5,
      0.1,
      3,
      13,
      16,
    ];
  };
  const names = "instant,dteday,season,yr,mnth,hr,holiday,weekday,workingday,weathersit,temp,atemp,hum,windspeed,casual,registered,cnt";
  writeFileSync(join(folder, "bike_sharing_dataset", "hour-fixed.csv"), `${names}\n${rows(24 * DAYS, hour, ",")}\n`);

  const sentence = "“Here is a made-up line, which stands in for the novel,” said nobody in particular.";
  writeFileSync(join(folder, "1342-0.txt"), Array.from({ length: 300 }, (_, i) => `${sentence} Line ${i}.`).join("\n"));

  mkdirSync(join(folder, "image_cats"));
  const picture = (): torch.Tensor => torch.rand(256, 256, 3, { generator }).mul(255).to(torch.uint8);
  await io.writeImage(join(folder, "bobby.jpg"), picture());
  for (const i of [1, 2, 3]) await io.writeImage(join(folder, "image_cats", `cat${i}.png`), picture());
  return folder;
}
