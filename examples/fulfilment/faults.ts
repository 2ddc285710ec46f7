// What goes wrong on request: `--fail payment` and the like. A call is named by its key: that of the step
// payment is `fulfilment-1:payment/1`, that of its compensation `fulfilment-1:payment/1/undo/1`.

import { Rejected } from 'sagawright';

/**
 * `reject`: a definite no. `fail`: it takes effect, and the reply is lost, each time. `timeout`: the
 * same, but in silence. `cancel`: the customer cancels the order meanwhile.
 */
export type Fault = 'cancel' | 'fail' | 'reject' | 'timeout';

export interface Faults {
  /** By the name of the step: `payment`, `payment.undo`. */
  readonly bySteps: ReadonlyMap<string, Fault>;
  /** What the customer does. */
  readonly cancel: () => Promise<void>;
}

/**
 * The step whose call has this key; `payment.undo` for its compensation, however that is written: as
 * `payment/1/undo/1`, also behind the name of a saga below that is undone as a whole, or `payment.undo/1/1`.
 */
function stepOf(key: string): string {
  const found = /(\w+)(?:(\.undo)\/\d+\/\d+|\/\d+(\/undo\/\d+)?)$/.exec(key);
  if (found === null) return key;
  const [, step, dotted, slashed] = found;
  return dotted === undefined && slashed === undefined ? `${step}` : `${step}.undo`;
}

interface Call {
  readonly key: string;
  readonly signal: AbortSignal;
}

/** Does what a call is for, and lets it go wrong as was asked for. */
export async function undergo<Output>(
  faults: Faults,
  { key, signal }: Call,
  act: () => Promise<Output>,
): Promise<Output> {
  const step = stepOf(key);
  switch (faults.bySteps.get(step)) {
    case undefined:
      return act();
    case 'cancel':
      await faults.cancel();
      return act();
    case 'reject':
      throw new Rejected(`${step.toUpperCase().replaceAll('.', '_')}_REFUSED`);
    case 'fail':
      await act();
      throw new Error('the connection broke');
    case 'timeout':
      await act();
      return new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('no reply came')), { once: true });
      });
  }
}
