/** Tables, images and arrays in files. */
export { cacheFolder, dataPath } from "@bluedot/data";
export * from "@bluedot/data/csv";
export * as hdf5 from "@bluedot/data/hdf5";
export * from "@bluedot/data/image";
export { npy, safetensors } from "@bluedot/serialize";
