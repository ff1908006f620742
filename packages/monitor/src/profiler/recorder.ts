import { type Observe, setObserver } from "@bluedot/core/extend";
import type { ProfiledEvent } from "./event.ts";

const now = (): number => performance.now() * 1000;

/** Notes the events of one profile while it is the current one. */
export class Recorder {
  readonly events: ProfiledEvent[] = [];
  private readonly open: ProfiledEvent[] = [];
  private readonly recordShapes: boolean;
  private readonly profileMemory: boolean;

  constructor(recordShapes: boolean, profileMemory: boolean) {
    this.recordShapes = recordShapes;
    this.profileMemory = profileMemory;
  }

  begin(
    name: string,
    kind: ProfiledEvent["kind"],
    shapes: ProfiledEvent["shapes"] = null,
    dtypes: ProfiledEvent["dtypes"] = null,
  ): ProfiledEvent {
    const depth = this.open.length;
    const event: ProfiledEvent = {
      name,
      kind,
      start: now(),
      duration: 0,
      childDuration: 0,
      shapes,
      dtypes,
      bytes: 0,
      childBytes: 0,
      depth,
    };
    this.events.push(event);
    this.open.push(event);
    return event;
  }

  /** Ends an event, and those within that an exception or an `await` left open. */
  end(event: ProfiledEvent, bytes = 0): void {
    const at = this.open.lastIndexOf(event);
    if (at < 0) return;
    event.duration = now() - event.start;
    event.bytes += bytes;
    this.open.length = at;
    const parent = this.open[at - 1];
    if (parent === undefined) return;
    parent.childDuration += event.duration;
    parent.bytes += event.bytes;
    parent.childBytes += event.bytes;
  }

  /** Sees a kernel run. */
  readonly observe: Observe = (op, inputs, outputs, kernel) => {
    const tensors = this.recordShapes ? inputs.filter((input) => input != null) : null;
    const event = this.begin(op.name, "operator", tensors?.map((t) => t.shape) ?? null, tensors?.map((t) => t.dtype) ?? null);
    try {
      kernel();
    } finally {
      this.end(event, this.profileMemory ? outputs.reduce((bytes, t) => bytes + t.count * t.itemsize, 0) : 0);
    }
  };

  /** Watches every kernel from now on. */
  attach(): void {
    setObserver(this.observe);
  }

  detach(): void {
    setObserver(null);
    for (const event of [...this.open].reverse()) this.end(event);
  }
}
