// What a state means for a saga, written into its `meta`: by the builder, and by hand in charts of your
// own. The checker reads nothing else: with it, a hand-written saga is as good as a built one.

/** A state whose invoke makes a step's call, or undoes it; or an end of the saga. */
export type SagaMeta =
  | {
      readonly step: string;
      readonly role: 'run' | 'pivot' | 'compensate';
      /** False: its failure does not turn the saga back. Default true. */
      readonly isCritical?: boolean;
      /** `none`: the step needs no undoing, so that a saga without an undo for it is whole. */
      readonly compensation?: 'none';
      /** In parallel regions, where the chart alone does not tell: steps that end before it starts. */
      readonly after?: readonly string[];
      /** True: its undo keeps to an order that was given, not to the reverse of the steps'. */
      readonly isOrderFree?: boolean;
    }
  | { readonly end: 'completed' | 'compensated' | 'resolved' };

/** `meta: sagaMeta({ step: 'payment', role: 'run' })` on the state that invokes the charge. */
export function sagaMeta(meta: SagaMeta): { readonly saga: SagaMeta } {
  return { saga: meta };
}

export function sagaMetaOf(meta: unknown): SagaMeta | null {
  if (typeof meta !== 'object' || meta === null || !('saga' in meta)) return null;
  const { saga } = meta;
  return typeof saga === 'object' && saga !== null ? (saga as SagaMeta) : null;
}
