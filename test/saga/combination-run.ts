// One combination through a real engine: plays the gateway's part call by call, crashes the engine when
// told to, and says what came of it. Compares nothing but what must hold at every moment.

import type { ActorClient, HandlerArgs, Reconciled, SagaOutput } from 'sagawright';
import { Rejected } from 'sagawright';
import { EngineWorld } from '../support/engine-world.ts';
import { SagaLedger } from '../support/saga-ledger.ts';
import type { Combination, Rest } from './combination-model.ts';
import { stepOf } from './combination-model.ts';
import { AMOUNT, type Call, createMachine } from './combination-plans.ts';

interface Undo {
  readonly undoes: {
    readonly key: string;
    readonly input: unknown;
    readonly output?: unknown;
    readonly outcome: 'done' | 'unknown';
  };
}

interface Waiting {
  readonly step: string;
  readonly isUndo: boolean;
  readonly key: string;
  readonly input: Call & Undo;
  readonly signal: AbortSignal;
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One call that reached the gateway, the first time under its key. */
export interface Made {
  readonly step: string;
  readonly key: string;
  readonly input: Call & Undo;
}

export interface Course {
  readonly rest: Rest;
  readonly output: SagaOutput;
  readonly runs: readonly Made[];
  readonly undos: readonly Made[];
  /** Undo calls that were made before the first rest. */
  readonly undosAtRest: number;
  readonly ledger: SagaLedger;
  readonly commits: number;
}

const ROUNDS = 300;

/** @param crashAfter the commit after which the engine is killed; null: only as the combination says */
export async function run(combination: Combination, crashAfter: number | null): Promise<Course> {
  const play = new Play(combination, crashAfter);
  await using _world = play.world;
  return await play.run();
}

class Play {
  readonly world: EngineWorld;
  readonly #combination: Combination;
  readonly #crashAfter: number | null;
  readonly #machine: ReturnType<typeof createMachine>;
  readonly #ledger: SagaLedger = new SagaLedger();
  readonly #runs: Made[] = [];
  readonly #undos: Made[] = [];
  #waiting: Waiting[] = [];
  /** Late answers of calls that hang, given after their undo. */
  #late: (() => void)[] = [];
  /** Aborted when the engine gives up the call that hangs. */
  #hanging: AbortSignal | null = null;
  #life = 0;
  #commits = 0;
  #isDown = false;
  #down: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  #wasCrashed = false;
  #isCancelled = false;
  #cancelAnswered = false;
  #isWell = false;
  #rest: Rest | null = null;
  #undosAtRest = 0;

  constructor(combination: Combination, crashAfter: number | null) {
    const { plan, failing, way } = combination;
    this.#combination = combination;
    this.#crashAfter = crashAfter;
    this.#machine = createMachine(plan, way === 'timeout' ? failing : null);
    this.world = new EngineWorld({ machines: [this.#machine] });
  }

  async run(): Promise<Course> {
    await this.#open();
    for (let round = 0; round < ROUNDS; round++) {
      await this.world.time.settle();
      if (this.#isDown) {
        await this.world.abandon();
        await this.#open();
        continue;
      }
      const actor = this.world.engine.actor(this.#machine, 'saga');
      const found = await Promise.race([
        actor.snapshot().catch(() => null),
        this.#down.promise.then(() => null),
      ]);
      if (this.#isDown) continue;
      if (found === null) this.#start();
      else if (found.status === 'done') return this.#end(found.output as SagaOutput);
      else if (found.status !== 'active') throw new Error(`The saga is ${found.status}.`);
      else if (!(await this.#answerOne(actor))) await this.#urge(actor, found.value);
    }
    throw new Error('The saga comes to no end.');
  }

  async #open(): Promise<void> {
    this.#isDown = false;
    this.#life += 1;
    this.#waiting = [];
    this.#late = [];
    this.#hanging = null;
    this.#down = Promise.withResolvers<void>();
    const opening = this.world.open({ handlers: this.#handlers(this.#life) }, (store) => {
      store.judgeAfter = () => {
        this.#commits += 1;
        if (this.#commits === this.#crashAfter) {
          this.#isDown = true;
          void this.world.abandon();
          this.#down.resolve();
        }
        return null;
      };
    });
    // A dead process answers nobody, not even who opens it.
    await Promise.race([opening, this.#down.promise]);
  }

  #start(): void {
    // It may be killed before it answers; then nothing ever does.
    const options = { id: 'saga', input: { amount: AMOUNT }, ifExists: 'attach' } as const;
    void this.world.engine.start(this.#machine, options);
  }

  #handlers(life: number) {
    const { plan } = this.#combination;
    const withReconcile = (name: string): boolean =>
      this.#crashAfter !== null || name === plan.ignored?.step;
    const wait = (step: string, isUndo: boolean) => (args: HandlerArgs<unknown>) => {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      const input = args.input as Call & Undo;
      const call: Waiting = { step, isUndo, ...args, input, resolve, reject };
      this.#ledger.sameBody(args.key, input);
      const calls = isUndo ? this.#undos : this.#runs;
      if (life === this.#life) this.#waiting.push(call);
      if (!calls.some(({ key }) => key === args.key)) calls.push({ step, key: args.key, input });
      return promise;
    };
    const reconcile = ({ key }: { readonly key: string }): Promise<Reconciled<unknown>> =>
      Promise.resolve(this.#ledger.isAbsent(key) ? 'absent' : 'unknown');
    return Object.fromEntries(
      plan.steps.flatMap(({ name, undone, isPivot }) => [
        [name, { run: wait(name, false), ...(withReconcile(name) && { reconcile }) }],
        ...(undone === false || isPivot ? [] : [[`${name}.compensate`, wait(name, true)]]),
      ]),
    );
  }

  /** Answers the call whose turn it is; false when none is to be answered now. */
  async #answerOne(actor: ActorClient): Promise<boolean> {
    const { failing, prefix, way } = this.#combination;
    const take = (isWanted: (call: Waiting) => boolean): Waiting | null => {
      const index = this.#waiting.findIndex(isWanted);
      return index < 0 ? null : (this.#waiting.splice(index, 1)[0] ?? null);
    };
    const undo = take(({ isUndo }) => isUndo);
    if (undo !== null) return this.#answerUndo(undo);
    const early = take(({ step }) => prefix.includes(step));
    if (early !== null) return this.#finish(early);
    const isCancel = way.startsWith('cancel') && !this.#isWell;
    if (isCancel && !this.#cancelAnswered && this.#waiting.some(({ step }) => step === failing)) {
      this.#isCancelled = true;
      await this.#cancel(actor);
      return true;
    }
    const failed = take(({ step }) => step === failing);
    if (failed !== null) {
      if (this.#isWell) return this.#finish(failed);
      return isCancel ? this.#endCancelled(failed) : this.#fail(failed);
    }
    // Those side by side with a call that hangs wait until it is given up.
    const other = this.#hanging?.aborted === false ? null : take(() => true);
    if (other !== null) this.#finish(other);
    return other !== null;
  }

  async #cancel(actor: ActorClient): Promise<void> {
    void actor.send({ type: 'CANCEL', reason: 'no more' }, { key: 'cancel' }).then((receipt) => {
      this.#cancelAnswered = true;
      this.#isCancelled = receipt.status !== 'rejected';
    });
    await this.world.time.settle();
  }

  /** What the failing step's call brings after a CANCEL. */
  #endCancelled(call: Waiting): boolean {
    if (!this.#isCancelled) return this.#finish(call);
    const { step, key, input } = call;
    const { kind } = stepOf(this.#combination.plan, step);
    switch (this.#combination.way) {
      case 'cancel, then done':
        return this.#finish(call);
      case 'cancel, then rejected':
        call.reject(this.#ledger.refuse(key));
        return true;
      case 'cancel, never heard of':
        this.#ledger.take(kind, step, key, input.amount);
        return true;
      default:
        this.#late.push(() =>
          call.resolve(this.#ledger.takeUnasked(kind, step, key, input.amount)),
        );
        return true;
    }
  }

  #fail(call: Waiting): boolean {
    const { way, plan } = this.#combination;
    const { step, key, input } = call;
    const take = (): unknown => this.#ledger.take(stepOf(plan, step).kind, step, key, input.amount);
    if (way.startsWith('crash') && !this.#wasCrashed) {
      take();
      this.#wasCrashed = true;
      this.#isDown = true;
      return true;
    }
    switch (way) {
      case 'rejected':
        call.reject(this.#ledger.refuse(key));
        return true;
      case 'crash, then rejected':
        call.reject(new Rejected('DECLINED'));
        return true;
      case 'thrown before':
        call.reject(new Error('The line is dead.'));
        return true;
      case 'timeout':
        take();
        this.#hanging = call.signal;
        return true;
      case 'crash, then done':
        return this.#finish(call);
      default:
        take();
        call.reject(new Error('The line went dead.'));
        return true;
    }
  }

  #finish(call: Waiting): boolean {
    const { plan } = this.#combination;
    const { step, key, input } = call;
    const { kind } = stepOf(plan, step);
    if (plan.ignored?.step === step && plan.ignored.outcome === 'rejected') {
      call.reject(this.#ledger.refuse(key));
      return true;
    }
    try {
      const receipt = this.#ledger.take(kind, step, key, input.amount);
      if (plan.ignored?.step === step) call.reject(new Error('The line went dead.'));
      else call.resolve(receipt);
    } catch (error) {
      call.reject(error as Error);
    }
    return true;
  }

  #answerUndo(call: Waiting): boolean {
    const { stuck } = this.#combination;
    if (stuck?.step === call.step && !this.#isWell) {
      if (stuck.outcome === 'rejected') {
        call.reject(new Rejected('NOT_NOW'));
        return true;
      }
      this.#ledger.giveBack(call.key, call.input.undoes.key);
      call.reject(new Error('The line went dead.'));
      return true;
    }
    this.#ledger.giveBack(call.key, call.input.undoes.key);
    call.resolve(null);
    return true;
  }

  /** Nothing to answer: time passes, or people act. */
  async #urge(actor: ActorClient, value: unknown): Promise<void> {
    if ((value === 'settling' || value === 'needsAttention') && this.#late.length > 0) {
      for (const answer of this.#late.splice(0)) answer();
      return;
    }
    if (value === 'held') void actor.send({ type: 'COMPENSATE' }, { key: `go ${this.#life}` });
    else if (value === 'needsAttention') {
      this.#noteRest('needsAttention');
      this.#isWell = true;
      void actor.send({ type: 'RETRY' }, { key: `retry ${this.#life}` });
    } else await this.world.time.advance(5_000);
  }

  #noteRest(rest: Rest): void {
    if (this.#rest !== null) return;
    this.#rest = rest;
    this.#undosAtRest = this.#undos.length;
  }

  #end(output: SagaOutput): Course {
    if (output.status === 'resolved') throw new Error('Nobody has resolved it.');
    this.#noteRest(output.status);
    return {
      rest: this.#rest ?? output.status,
      output,
      runs: this.#runs,
      undos: this.#undos,
      undosAtRest: this.#undosAtRest,
      ledger: this.#ledger,
      commits: this.#commits,
    };
  }
}
