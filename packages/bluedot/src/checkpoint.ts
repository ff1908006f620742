export { type CheckpointOptions, checkpoint, checkpointSequential } from "@bluedot/autograd";
