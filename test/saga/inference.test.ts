// What the types of a saga allow: a step sees results that are there by then, and no others. The lines
// marked as errors are checked by the compiler, not by running them.

import { effect, type SagaMachine, saga } from 'sagawright';
import { describe, expectTypeOf, it } from 'vitest';

interface Charge {
  readonly chargeId: string;
}
const charge = effect<{ readonly pence: number }, Charge>();
const refund = effect<{ readonly chargeId: string | null }, null>();
const reserve = effect<{ readonly of: string }, number>();
const note = effect<null, string>();

const begin = saga<{ readonly pence: number }>('typed').step('pay', {
  run: charge,
  input: ({ input }) => {
    expectTypeOf(input).toEqualTypeOf<{ readonly pence: number }>();
    return input;
  },
});

describe('the types of a saga', () => {
  it('give a step the results of those before it', () => {
    begin.step('reserve', {
      run: reserve,
      input: ({ results }) => {
        expectTypeOf(results.pay).toEqualTypeOf<Charge>();
        return { of: results.pay.chargeId };
      },
    });
  });

  it('refuse a result that does not exist yet', () => {
    begin
      .step('reserve', {
        run: reserve,
        // @ts-expect-error: shipping comes later.
        input: ({ results }) => ({ of: String(results.shipping) }),
      })
      .step('shipping', { run: note, input: () => null });
    saga<null>('none').step('pay', {
      run: charge,
      // @ts-expect-error: its own result is not there while its input is made.
      input: ({ results }) => ({ pence: Number(results.pay) }),
    });
  });

  it('refuse an input that the call does not take', () => {
    // @ts-expect-error: pence is a number.
    saga<null>('wrong').step('pay', { run: charge, input: () => ({ pence: 'five' }) });
  });

  it('show a compensation its own output as possibly missing, and later results as well', () => {
    saga<{ readonly pence: number }>('undone')
      .step('first', { run: note, input: () => null })
      .step('pay', {
        run: charge,
        compensate: refund,
        input: ({ input }) => input,
        compensateInput: ({ undoes, results }) => {
          expectTypeOf(undoes.output).toEqualTypeOf<Charge | undefined>();
          expectTypeOf(undoes.input).toEqualTypeOf<{ readonly pence: number }>();
          expectTypeOf(undoes.outcome).toEqualTypeOf<'done' | 'unknown'>();
          expectTypeOf(results.first).toEqualTypeOf<string | undefined>();
          return { chargeId: undoes.output?.chargeId ?? null };
        },
      });
    saga<{ readonly pence: number }>('careless').step('pay', {
      run: charge,
      compensate: refund,
      input: ({ input }) => input,
      // @ts-expect-error: a charge in doubt has no output.
      compensateInput: ({ undoes }) => ({ chargeId: undoes.output.chargeId }),
    });
  });

  it('show a step with `after` only what it waits for', () => {
    const two = begin.step('note', { run: note, input: () => null, after: [] });
    two.step('reserve', {
      run: reserve,
      after: ['pay'],
      input: ({ results }) => {
        expectTypeOf<keyof typeof results>().toEqualTypeOf<'pay'>();
        return { of: results.pay.chargeId };
      },
    });
    two.step('reserve', {
      run: reserve,
      after: ['pay'],
      // @ts-expect-error: it does not wait for the note.
      input: ({ results }) => ({ of: results.note }),
    });
    two.step('x', {
      run: note,
      input: () => null,
      // @ts-expect-error: a step must be there to be waited for.
      after: ['later' as const].filter(() => false),
    });
  });

  it('show the result of a step that is not critical as possibly missing', () => {
    begin.step('note', { run: note, critical: false, input: () => null }).step('reserve', {
      run: reserve,
      input: ({ results }) => {
        expectTypeOf(results.note).toEqualTypeOf<string | undefined>();
        // @ts-expect-error: the note may have failed.
        const of: string = results.note;
        return { of };
      },
    });
  });

  it('give a pivot no compensation', () => {
    // @ts-expect-error: there is no way back from it.
    begin.pivot('capture', { run: note, compensate: refund, input: () => null });
  });

  it('keep input and results with the machine', () => {
    const machine = begin.build();
    type Kept = typeof machine extends SagaMachine<infer Input, infer All> ? [Input, All] : never;
    expectTypeOf<Kept[0]>().toEqualTypeOf<{ readonly pence: number }>();
    expectTypeOf<Kept[1]['pay']>().toEqualTypeOf<Charge>();
  });
});
