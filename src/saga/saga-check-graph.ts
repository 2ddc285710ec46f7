// The graph of everything that can happen to a saga: every situation once, found breadth first, so that
// the path to each is a shortest one. Rules that one step can break are judged on the way; what needs the
// whole graph is judged by saga-check-whole.ts.

import type { AnyStateMachine } from 'xstate';
import type { ChartNode } from '../step/chart.ts';
import { statePaths } from '../step/xstate.ts';
import { cutText, project } from './saga-check-key.ts';
import { endOf, type SagaEnd, type SagaMarks, stateName } from './saga-check-marks.ts';
import {
  begin,
  breachesOfEnd,
  breachesOfStart,
  end,
  hearLate,
  type Monitor,
  monitorText,
  NOTHING_YET,
  stop,
} from './saga-check-monitor.ts';
import { type Move, movesOf, type Samples } from './saga-check-moves.ts';
import {
  type Call,
  type LateCall,
  SagaWorld,
  type Situation,
  type Taken,
} from './saga-check-world.ts';

export type FindingCode =
  | 'MISSING_COMPENSATION'
  | 'COMPENSATION_AFTER_PIVOT'
  | 'COMPENSATED_WITH_FAILURE'
  | 'UNDO_ORDER'
  | 'RUN_TWICE'
  | 'END_MISMATCH'
  | 'NO_ERROR_PATH'
  | 'NO_EXIT'
  | 'NO_END'
  | 'UNREACHABLE_STATE'
  | 'THROWS'
  | 'BAD_MARK'
  | 'TOO_MANY_STATES';

export interface SagaFinding {
  readonly code: FindingCode;
  /** The state concerned, by its path in the machine. */
  readonly state: string;
  readonly step: string | null;
  readonly message: string;
  /** What has to happen, in order, until the rule is broken: one of the shortest ways. */
  readonly path: readonly string[];
}

export interface GraphOptions {
  readonly inputs: readonly unknown[];
  readonly samples: Samples;
  readonly maxStates: number;
  readonly counterBound: number;
  readonly undoneFromAbove: boolean;
  /** How much may go wrong on one path; Infinity: everything, any number of times. */
  readonly faults: number;
}

export interface GraphNode {
  readonly state: string;
  readonly isEnd: boolean;
  readonly end: SagaEnd | null;
  /** What led here first, and from where; null for a start. */
  readonly words: string;
  readonly parent: GraphNode | null;
  readonly next: GraphNode[];
  /** Something besides a late outcome can happen here. */
  canMove: boolean;
  /** A finding tells already why nothing follows. */
  isBroken: boolean;
}

interface Pending {
  readonly node: GraphNode;
  readonly situation: Situation;
  readonly monitor: Monitor;
  /** What has gone wrong on the way. */
  readonly faults: number;
}

/** How a situation was come to. */
interface Arrival {
  readonly parent: GraphNode | null;
  readonly words: string;
  readonly faults: number;
}

export class SagaGraph {
  readonly nodes: GraphNode[] = [];
  readonly visited: Set<string> = new Set();
  readonly findings: Map<string, SagaFinding> = new Map();
  transitions = 0;
  isWhole = true;
  /** The machine has thrown: what lies behind that is not known. */
  isBrokenOff = false;
  readonly #machine: AnyStateMachine;
  readonly #marks: SagaMarks;
  readonly #options: GraphOptions;
  readonly #world: SagaWorld;
  readonly #known: Map<string, { readonly node: GraphNode; faults: number }> = new Map();
  readonly #queue: Pending[] = [];

  constructor(machine: AnyStateMachine, marks: SagaMarks, options: GraphOptions) {
    this.#machine = machine;
    this.#marks = marks;
    this.#options = options;
    this.#world = new SagaWorld(machine);
  }

  explore(): void {
    // Which events a machine sends itself is learnt on the way; what was explored as if people could send
    // them is explored anew.
    let known: number;
    do {
      this.#forget();
      known = this.#world.ownTypes.size;
      for (const input of this.#options.inputs) this.#start(input, NOTHING_YET, null, 'start');
      if (this.nodes.length > 0) known = this.#world.ownTypes.size;
      for (let at = 0; at < this.#queue.length && this.isWhole; at++) {
        const pending = this.#queue[at];
        if (pending !== undefined) this.#expand(pending);
        if (this.#world.ownTypes.size !== known) break;
        // What has been expanded is not needed again, and a whole context each.
        delete this.#queue[at];
      }
    } while (this.#world.ownTypes.size !== known);
  }

  add(finding: SagaFinding): void {
    const { code, state, step } = finding;
    const key = `${code} ${state} ${step}`;
    if (!this.findings.has(key)) this.findings.set(key, finding);
  }

  #forget(): void {
    this.nodes.length = 0;
    this.visited.clear();
    this.findings.clear();
    this.#known.clear();
    this.#queue.length = 0;
    this.transitions = 0;
    this.isWhole = true;
  }

  #start(input: unknown, monitor: Monitor, parent: GraphNode | null, words: string): void {
    const path = parent === null ? [] : [...pathTo(parent), words];
    let taken: Taken;
    try {
      taken = this.#world.start(input);
    } catch (error) {
      this.#threw(error, this.#machine.id, null, path.length === 0 ? ['start'] : path);
      return;
    }
    this.#arrive(taken, this.#begun(taken, monitor, path), { parent, words, faults: 0 });
  }

  #expand({ node, situation, monitor, faults: before }: Pending): void {
    for (const move of movesOf(this.#world, situation, this.#options.samples)) {
      const faults = before + (isFault(move) ? 1 : 0);
      if (faults > this.#options.faults) {
        // What is left out here could be the way out.
        node.isBroken = true;
        continue;
      }
      const path = [...pathTo(node), move.words];
      let taken: Taken;
      try {
        taken = this.#world.take(situation, move.event, this.#settled(situation, move));
      } catch (error) {
        node.canMove = true;
        node.isBroken = true;
        this.#failed(error, move, node, path);
        continue;
      }
      // What the chart has no transition for changes nothing: refused, or kept by the engine.
      if (!taken.handled && (move.kind === 'outside' || move.kind === 'late')) continue;
      if (move.kind !== 'late') node.canMove = true;
      const after = this.#follow(monitor, situation, move, taken, path);
      this.#arrive(taken, after, { parent: node, words: move.words, faults });
    }
  }

  /** What a move settles before the machine hears of it. */
  #settled({ calls, timers, late }: Situation, move: Move): Partial<Situation> {
    const { kind, call, how, timer } = move;
    if (timer !== null) return { timers: new Map([...timers].filter(([id]) => id !== timer)) };
    if (call === null) return {};
    const others = late.filter((one) => one.call !== call);
    if (kind === 'late') return { late: others };
    const left = calls.filter((one) => one !== call);
    if (how === 'unknown') return { calls: left, late: this.#world.withLate(late, [call], false) };
    // Said of a key, a rejection is said of all calls under it.
    const known = how === 'rejected' ? late.filter((one) => one.call.key !== call.key) : late;
    return { calls: left, late: known };
  }

  #follow(
    before: Monitor,
    { calls }: Situation,
    { kind, call, how, event }: Move,
    taken: Taken,
    path: readonly string[],
  ): Monitor {
    let monitor = before;
    const mark = call?.mark ?? null;
    if (mark !== null && how !== null) {
      monitor = kind === 'late' ? hearLate(monitor, mark, how) : end(monitor, mark, how);
    }
    if (kind === 'outside' && event.type === 'RESOLVE') monitor = { ...monitor, isSigned: true };
    const running = new Set(taken.situation.calls);
    for (const other of calls) {
      const isStopped = other !== call && !running.has(other);
      if (isStopped && other.mark !== null) monitor = stop(monitor, other.mark);
    }
    return this.#begun(taken, monitor, path);
  }

  #begun({ started }: Taken, before: Monitor, path: readonly string[]): Monitor {
    let monitor = before;
    for (const { mark, node, key } of started) {
      if (mark === null || node === null) continue;
      for (const breach of breachesOfStart(monitor, mark, key, this.#marks)) {
        this.add({ ...breach, state: stateName(node), path });
      }
      monitor = begin(monitor, mark, key);
    }
    return monitor;
  }

  #arrive(taken: Taken, monitor: Monitor, { parent, words, faults }: Arrival): void {
    if (parent !== null) this.transitions++;
    const { active } = taken;
    for (const { id } of taken.visited) this.visited.add(id);
    const { counterBound } = this.#options;
    const context = project(taken.situation.snapshot.context, counterBound);
    const late = withoutForgotten(taken.situation.late, context.strings);
    const situation = { ...taken.situation, late };
    const key = keyOf(situation, context.text, monitor, counterBound);
    const known = this.#known.get(key);
    if (known !== undefined) {
      parent?.next.push(known.node);
      // More can still go wrong from here on than when it was found.
      if (faults < known.faults && !known.node.isEnd) {
        known.faults = faults;
        this.#queue.push({ node: known.node, situation, monitor, faults });
      }
      return;
    }
    if (this.nodes.length >= this.#options.maxStates) {
      this.#overflow(parent);
      return;
    }
    const isEnd = situation.snapshot.status === 'done';
    const node: GraphNode = {
      state: stateOf(situation, this.#machine),
      isEnd,
      end: isEnd ? endOf(active) : null,
      words,
      parent,
      next: [],
      canMove: false,
      isBroken: false,
    };
    this.nodes.push(node);
    this.#known.set(key, { node, faults: Number.isFinite(this.#options.faults) ? faults : 0 });
    parent?.next.push(node);
    if (isEnd) this.#ended(node, situation, monitor);
    else this.#queue.push({ node, situation, monitor, faults });
  }

  #ended(node: GraphNode, { snapshot }: Situation, monitor: Monitor): void {
    const { state } = node;
    const path = pathTo(node);
    for (const breach of breachesOfEnd(monitor, node.end, this.#marks)) {
      this.add({ ...breach, state, path });
    }
    const output: unknown = snapshot.output;
    if (typeof output !== 'object' || output === null) return;
    const status = 'status' in output ? output.status : undefined;
    if (status !== undefined && node.end !== null && status !== node.end) {
      const message = `It ends in "${node.end}", but its output says "${String(status)}".`;
      this.add({ code: 'END_MISMATCH', state, step: null, message, path });
    }
    if (!this.#options.undoneFromAbove || node.end !== 'completed' || !('record' in output)) return;
    this.#start({ '~undoes': output.record }, monitor, node, 'a saga above undoes it');
  }

  #failed(
    error: unknown,
    { event, call, words }: Move,
    node: GraphNode,
    path: readonly string[],
  ): void {
    const isOwnError = 'error' in event && event.error === error;
    if (!isOwnError || call === null) {
      this.#threw(error, node.state, words, path);
      return;
    }
    const state = call.node === null ? node.state : stateName(call.node);
    const message = `Nothing handles the error of "${call.src}", so that the saga breaks off. Give the invoke an onError that always applies.`;
    this.add({ code: 'NO_ERROR_PATH', state, step: call.mark?.step ?? null, message, path });
  }

  #threw(error: unknown, state: string, words: string | null, path: readonly string[]): void {
    const text = error instanceof Error ? error.message : String(error);
    const when = words === null ? 'at its start' : `at "${words}"`;
    const said = text.replace(/\.$/, '');
    const samples =
      words === null
        ? 'Give it `inputs` that it can take (the default is one `{}`)'
        : 'Give samples that it can take: `outputs` by the names of its calls (the default is null), `inputs` or `events`';
    const message = `The machine throws ${when}: ${said}. ${samples}, or mend it.`;
    this.isBrokenOff = true;
    this.add({ code: 'THROWS', state, step: words, message, path });
  }

  #overflow(parent: GraphNode | null): void {
    this.isWhole = false;
    const { maxStates } = this.#options;
    const message = `More than ${maxStates} situations: nothing is proven of those beyond. Raise maxStates, bound what may go wrong on one path by faults, or keep in the context only what the chart decides by.`;
    const state = parent?.state ?? this.#machine.id;
    const path = parent === null ? [] : pathTo(parent);
    this.add({ code: 'TOO_MANY_STATES', state, step: null, message, path });
  }
}

/** A call that ends otherwise than hoped for, or is heard of when nobody waits for it any more. */
function isFault({ kind, how }: Move): boolean {
  return kind === 'late' || (how !== null && how !== 'done');
}

/** What happens on the way to a node, from the start. */
export function pathTo(node: GraphNode): readonly string[] {
  const path: string[] = [];
  for (let at: GraphNode | null = node; at?.parent != null; at = at.parent) path.push(at.words);
  return path.reverse();
}

function stateOf({ snapshot }: Situation, { id }: AnyStateMachine): string {
  const paths = statePaths(snapshot.value);
  return paths.length === 0 ? id : paths.join(', ');
}

/**
 * A chart that held the key of a call and holds it no more has moved on: it refuses what is told of it, and
 * the engine keeps that for people. A chart that never held it may act on it by its name alone.
 */
function withoutForgotten(
  late: readonly LateCall[],
  held: ReadonlySet<string>,
): readonly LateCall[] {
  return late.flatMap((one) => {
    const isHeld = held.has(one.call.key);
    return one.isKept && !isHeld ? [] : [{ ...one, isKept: isHeld }];
  });
}

/** Two situations with the same text have the same future; see saga-check-key.ts for what is cut. */
function keyOf(
  { snapshot, calls, timers, late }: Situation,
  context: string,
  monitor: Monitor,
  bound: number,
): string {
  const output = snapshot.status === 'done' ? project(snapshot.output, bound).text : '';
  const call = ({ id, src, key, node }: Call): string => `${id} ${src} ${cutText(key)} ${node?.id}`;
  return [
    statePaths(snapshot.value).join(),
    historyText(snapshot.historyValue),
    context,
    output,
    calls.map(call).sort().join(),
    [...timers]
      .map(([id, event]) => `${id} ${project(event, bound).text}`)
      .sort()
      .join(),
    late
      .map((one) => `${call(one.call)} ${one.wasStopped} ${one.isKept}`)
      .sort()
      .join(),
    monitorText(monitor),
  ].join('|');
}

function historyText(history: Situation['snapshot']['historyValue']): string {
  const entries: readonly (readonly [string, readonly Pick<ChartNode, 'id'>[]])[] = Object.entries(
    history ?? {},
  );
  return entries.map(([id, nodes]) => `${id}=${nodes.map((node) => node.id).join('+')}`).join();
}
