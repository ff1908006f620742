import type { Tensor } from "@bluedot/core";
import * as nn from "@bluedot/nn";

/** Options of the classic classifiers. */
export interface ClassifierOptions {
  /** 1000 by default. */
  numClasses?: number;
  dropout?: number;
}

/** AlexNet, in the version of "One weird trick" (Krizhevsky, 2014). Input `[N, 3, H, W]`. @see torchvision.models.AlexNet */
export class AlexNet extends nn.Module {
  features = new nn.Sequential(
    new nn.Conv2d(3, 64, 11, { stride: 4, padding: 2 }),
    new nn.ReLU({ inplace: true }),
    new nn.MaxPool2d(3, 2),
    new nn.Conv2d(64, 192, 5, { padding: 2 }),
    new nn.ReLU({ inplace: true }),
    new nn.MaxPool2d(3, 2),
    new nn.Conv2d(192, 384, 3, { padding: 1 }),
    new nn.ReLU({ inplace: true }),
    new nn.Conv2d(384, 256, 3, { padding: 1 }),
    new nn.ReLU({ inplace: true }),
    new nn.Conv2d(256, 256, 3, { padding: 1 }),
    new nn.ReLU({ inplace: true }),
    new nn.MaxPool2d(3, 2),
  );
  avgpool = new nn.AdaptiveAvgPool2d([6, 6]);
  classifier: nn.Sequential;

  constructor(options: ClassifierOptions = {}) {
    super();
    const { numClasses = 1000, dropout = 0.5 } = options;
    this.classifier = new nn.Sequential(
      new nn.Dropout(dropout),
      new nn.Linear(256 * 6 * 6, 4096),
      new nn.ReLU({ inplace: true }),
      new nn.Dropout(dropout),
      new nn.Linear(4096, 4096),
      new nn.ReLU({ inplace: true }),
      new nn.Linear(4096, numClasses),
    );
  }

  override forward(x: Tensor): Tensor {
    return this.classifier(this.avgpool(this.features(x)).flatten(1));
  }
}

/** {@link AlexNet} with fresh weights. @see torchvision.models.alexnet */
export const alexnet = (options: ClassifierOptions = {}): AlexNet => new AlexNet(options);
