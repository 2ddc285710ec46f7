// Bugs to be planted one at a time, each with the number of seeds within which the invariants must catch it.
// None of them is in the engine: they wrap its ports, replace a machine, or patch a class for one run.

import { EngineError, effectKey, type HandlerArgs, Rejected, type Store } from 'sagawright';
import { type OrderSagaContext, orderSaga } from 'sagawright/machines';
import { type AnyStateMachine, assign } from 'xstate';
import { EffectRunner } from '../../src/effects/effect-runner.ts';
import { Mailbox } from '../../src/turn/mailbox.ts';
import { DormantActors } from '../../src/waking/dormant.ts';
import type { Commit } from './disk.ts';
import type { Handlers } from './network.ts';
import type { Plant } from './plant.ts';

export interface PlantedBug {
  readonly name: string;
  readonly plant: Plant;
  readonly withinSeeds: number;
}

type Method = (...args: never[]) => unknown;

/** Replaces a method for the time of a run. */
function patched<Name extends string, Prototype extends Record<Name, Method>>(
  prototype: Prototype,
  name: Name,
  replace: (original: Prototype[Name]) => Prototype[Name],
): () => () => void {
  return () => {
    const original = prototype[name];
    prototype[name] = replace(original);
    return () => {
      prototype[name] = original;
    };
  };
}

/** A store with some of its methods replaced. */
function changed(store: Store, methods: Partial<Store>): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const member: unknown = Reflect.get(methods, name) ?? Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

/** Handlers whose calls are changed before they are made. */
function calling(
  handlers: Handlers,
  change: (run: Run, args: HandlerArgs<never>) => Promise<unknown>,
): Handlers {
  return Object.fromEntries(
    Object.entries(handlers).map(([name, handler]) => {
      const inner: Run = typeof handler === 'function' ? handler : handler.run;
      const run = (args: HandlerArgs<never>): Promise<unknown> => change(inner, args);
      return [name, typeof handler === 'function' ? run : { ...handler, run }];
    }),
  );
}

type Run = (args: HandlerArgs<never>) => Promise<unknown>;
type Guard = (args: { readonly context: OrderSagaContext }) => boolean;

/** The order saga with guards of its own; `provide` does not know their types from outside. */
function brokenSaga(changes: {
  readonly guards?: Readonly<Record<string, Guard>>;
  readonly actions?: Readonly<Record<string, unknown>>;
}): AnyStateMachine {
  return orderSaga.provide(changes as never) as AnyStateMachine;
}

type Step = Pick<OrderSagaContext['payment'], 'outcome' | 'undo'>;

const mayHold = ({ outcome }: Step): boolean =>
  outcome === 'done' || outcome === 'unknown' || outcome === 'running';
const isNew = ({ undo }: Step): boolean => undo.status === 'idle' || undo.status === 'again';
const needsUndo = (step: Step): boolean => mayHold(step) && isNew(step);

export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    name: 'a commit acknowledged before it is made',
    withinSeeds: 10,
    plant: {
      store: (store, process) => {
        let last = 0;
        let lastId = 0;
        const commit = (written: Commit): ReturnType<Store['commit']> => {
          const positions = written.journal.map(() => (last += 1));
          const numbers = (made: readonly unknown[] = []): number[] =>
            made.map(() => (lastId += 1));
          process.at(5, () => void store.commit(written).catch(() => undefined));
          return Promise.resolve({
            positions: positions as never,
            inboxIds: numbers(written.inboxAdded),
            deadLetterIds: numbers(written.deadLettersAdded),
          });
        };
        return changed(store, { commit });
      },
    },
  },
  {
    name: 'a key of its own for every attempt',
    withinSeeds: 10,
    plant: {
      handlers: (handlers) =>
        calling(handlers, (run, args) =>
          run({ ...args, signal: args.signal, key: `${args.key}#${args.attempt}` }),
        ),
    },
  },
  {
    name: 'an effect that runs before its commit',
    withinSeeds: 10,
    plant: {
      patch: patched(
        EffectRunner.prototype,
        'reserve',
        (reserve) =>
          function (this: EffectRunner, task) {
            const isReserved = reserve.call(this, task);
            if (isReserved) this.start(task);
            return isReserved;
          },
      ),
    },
  },
  {
    name: 'a retry that runs before its attempt is on disk',
    withinSeeds: 20,
    plant: {
      patch: patched(
        EffectRunner.prototype,
        'adopt',
        (adopt) =>
          function (this: EffectRunner, task, delayMs) {
            adopt.call(this, task, delayMs);
            const effect = { ...task.effect, attempt: task.effect.attempt + 1, retryAt: null };
            if (task.effect.attempt > 1) this.start({ ...task, effect });
          },
      ),
    },
  },
  {
    name: 'a late reply that is dropped',
    withinSeeds: 30,
    plant: {
      handlers: (handlers) =>
        calling(handlers, async (run, args) => {
          const { signal } = args;
          const output = await run({ ...args, signal });
          return signal.aborted ? new Promise(() => undefined) : output;
        }),
    },
  },
  {
    name: 'acknowledged commits that a crash takes along',
    withinSeeds: 10,
    plant: { lostByCrash: 2 },
  },
  {
    name: 'a rejected charge that is voided',
    withinSeeds: 30,
    plant: {
      orderSaga: brokenSaga({
        guards: {
          mustVoid: ({ context: { payment } }) =>
            isNew(payment) && (mayHold(payment) || payment.outcome === 'rejected'),
        },
      }),
    },
  },
  {
    name: 'a charge of unknown outcome that is not voided',
    withinSeeds: 30,
    plant: {
      orderSaga: brokenSaga({
        guards: {
          mustVoid: ({ context: { payment } }) => payment.outcome === 'done' && isNew(payment),
        },
      }),
    },
  },
  {
    name: 'a charge that is voided twice',
    withinSeeds: 30,
    plant: {
      orderSaga: brokenSaga({
        guards: {
          mustVoid: ({ context: { payment } }) =>
            needsUndo(payment) ||
            (mayHold(payment) && payment.undo.status === 'done' && payment.undo.count < 2),
        },
      }),
    },
  },
  {
    name: 'money given back before the goods',
    withinSeeds: 30,
    plant: {
      orderSaga: brokenSaga({
        guards: {
          mustRelease: ({ context: { payment, inventory } }) =>
            needsUndo(inventory) && !needsUndo(payment),
        },
      }),
    },
  },
  {
    name: 'a new key for the retry of an unknown charge',
    withinSeeds: 40,
    plant: {
      weather: { deaf: 'chargeCard', rejection: 0 },
      orderSaga: brokenSaga({
        actions: {
          beginPayment: assign({
            payment: ({ context, self }: { context: OrderSagaContext; self: { id: string } }) => {
              const epoch = context.payment.epoch + 1;
              const key = effectKey(self, `payment/${epoch}`);
              return { ...context.payment, epoch, key, outcome: 'running', isSettled: true };
            },
          } as never),
        },
      }),
    },
  },
  {
    name: 'timers lost at a restart',
    withinSeeds: 20,
    plant: {
      patch: patched(DormantActors.prototype, 'watch', () => () => Promise.resolve()),
    },
  },
  {
    name: 'effects in flight lost at a restart',
    withinSeeds: 20,
    plant: { store: (store) => changed(store, { running: () => Promise.resolve([]) }) },
  },
  {
    name: 'an inbox lost at a restart',
    withinSeeds: 40,
    plant: { store: (store) => changed(store, { inbox: () => Promise.resolve([]) }) },
  },
  {
    name: 'timers that fire early',
    withinSeeds: 10,
    plant: {
      platform: (platform) => {
        const fromMs = platform.monotonic();
        return { ...platform, monotonic: () => fromMs + (platform.monotonic() - fromMs) * 1.5 };
      },
    },
  },
  {
    name: 'a duplicate that is accepted',
    withinSeeds: 10,
    plant: {
      store: (store) => {
        const seen = new Set<string>();
        const commit = (written: Commit): ReturnType<Store['commit']> => {
          const journal = written.journal.map((entry) => {
            const name = `${entry.actor} ${entry.key}`;
            const isKnown = entry.key !== null && seen.has(name);
            if (entry.key !== null) seen.add(name);
            return isKnown ? { ...entry, key: null } : entry;
          });
          return store.commit({ ...written, journal });
        };
        return changed(store, { commit, findKeys: () => Promise.resolve([]) });
      },
    },
  },
  {
    name: 'a batch spoiled by the one message whose step throws',
    withinSeeds: 20,
    plant: {
      patch: patched(
        Mailbox.prototype,
        'take',
        (take) =>
          function (this: Mailbox, limit) {
            const batch = take.call(this, limit);
            const isSpoiled = batch.some(
              (one) =>
                one.kind === 'message' &&
                one.message.kind === 'event' &&
                one.message.event.type === 'BOOM',
            );
            if (!isSpoiled) return batch;
            const error = new EngineError('STEP_FAILED', 'The batch was not committed.');
            for (const one of batch) if ('settle' in one) one.settle?.reject(error);
            return [];
          },
      ),
    },
  },
  {
    name: 'a commit of unknown result that is taken for a failed one',
    withinSeeds: 30,
    plant: {
      weather: { unknown: 0.02 },
      store: (store) =>
        changed(store, {
          commit: (written) =>
            store.commit(written).catch((error: unknown) => {
              const isUnknown = error instanceof EngineError && error.code === 'STORE_FAILED';
              throw isUnknown ? new EngineError('STORE_BUSY', error.message) : error;
            }),
        }),
    },
  },
  {
    name: 'a failure that is taken for a rejection',
    withinSeeds: 30,
    plant: {
      handlers: (handlers) =>
        calling(handlers, async (run, args) => {
          try {
            return await run({ ...args, signal: args.signal });
          } catch {
            throw new Rejected('FAILED');
          }
        }),
    },
  },
];
