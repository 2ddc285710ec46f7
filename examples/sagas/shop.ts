// What all examples here use: the calls of a small shop as effects, and services that say what they are
// asked. A service does as told by the example: it declines, breaks, or takes its time.

import {
  type CheckOptions,
  type EffectLogic,
  type Engine,
  effect,
  type Handler,
  type HandlerArgs,
  openEngine,
  Rejected,
  type Undoes,
} from 'sagawright';
import { memoryStore } from 'sagawright/store';
import type { AnyStateMachine } from 'xstate';

export type Print = (line: string) => void;

export interface Order {
  readonly pence: number;
  readonly sku: string;
}

export interface Charge {
  readonly chargeId: string;
}

const policy = { timeout: '1s', retry: { attempts: 2, initial: 1, jitter: false } } as const;

type Pence = { readonly pence: number };
type Sku = { readonly sku: string };

export const charge: EffectLogic<Pence, Charge> = effect({ ...policy, name: 'charge' });
export const refund: EffectLogic<
  { readonly undoes: Undoes<Pence, Charge> },
  'refunded' | 'nothing to refund'
> = effect({ ...policy, name: 'refund' });
export const reserve: EffectLogic<Sku, string> = effect({ ...policy, name: 'reserve' });
export const release: EffectLogic<{ readonly undoes: Undoes<Sku, string> }, 'released'> = effect({
  ...policy,
  name: 'release',
});
export const ship: EffectLogic<Sku & { readonly chargeId: string }, string> = effect({
  ...policy,
  name: 'ship',
});
export const email: EffectLogic<{ readonly text: string }, 'sent'> = effect({
  ...policy,
  name: 'email',
});

export type Samples = Readonly<Record<string, CheckOptions>>;

/** What the checker tries these sagas with: `sagawright check examples/sagas/sequence.ts`. */
export const samples: CheckOptions = { outputs: { charge: [{ chargeId: 'c-1' }] } };

/** How a service behaves, by the name of its effect. Default: as it should. */
export interface Behaviour {
  readonly [service: string]: 'declines' | 'breaks' | 'hangs' | ((call: number) => unknown);
}

const ANSWERS: Readonly<Record<string, (input: never) => unknown>> = {
  charge: () => ({ chargeId: 'c-1' }),
  refund: ({ undoes }: { readonly undoes: Undoes<unknown, Charge> }) =>
    undoes.output === undefined ? 'nothing to refund' : 'refunded',
  reserve: ({ sku }: { readonly sku: string }) => `shelf of ${sku}`,
  release: () => 'released',
  ship: () => 'parcel 7',
  email: () => 'sent',
};

/** An engine in memory with the shop's services, which print every call and its key. */
export function openShop(
  machines: readonly AnyStateMachine[],
  services: readonly string[],
  print: Print,
  behaviour: Behaviour = {},
): Promise<Engine> {
  const handlers = Object.fromEntries(
    services.map((name) => [name, service(name, print, behaviour[name])]),
  );
  return openEngine({ store: memoryStore(), machines, handlers });
}

function service(
  name: string,
  print: Print,
  behaviour: Behaviour[string] | undefined,
): Handler<unknown, unknown> {
  let calls = 0;
  return async ({ input, key, signal }: HandlerArgs<unknown>): Promise<unknown> => {
    calls += 1;
    const line = (what: string): void => print(`  ${name} under ${key}: ${what}`);
    if (behaviour === 'declines') {
      line('declined');
      throw new Rejected('DECLINED', { message: `${name} was declined` });
    }
    if (behaviour === 'breaks') {
      line('the connection broke');
      throw new Error('connection reset');
    }
    if (behaviour === 'hangs') {
      line('no answer');
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('called off')));
      });
    }
    try {
      const given = behaviour?.(calls);
      const answer = given ?? ANSWERS[name]?.(input as never);
      line(JSON.stringify(answer));
      return answer;
    } catch (error) {
      line(error instanceof Error ? error.message : String(error));
      throw error;
    }
  };
}
