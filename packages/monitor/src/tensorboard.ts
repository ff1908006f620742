export { type ImageOptions, SummaryWriter, type SummaryWriterOptions } from "./tensorboard/summary-writer.ts";
