// Where everything of a picture stands, as the layout computes it and the drawing takes it. Types only.

import type { ChartState, ChartTransition } from './chart.ts';
import type { TextBlock } from './picture-text.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A place in the picture, in pixels from its upper left corner. */
export interface Rectangle extends Point {
  readonly width: number;
  readonly height: number;
}

export interface PlacedState extends Rectangle {
  readonly state: ChartState;
  readonly text: TextBlock;
  /** How many states it lies in. */
  readonly depth: number;
  readonly isRegion: boolean;
}

/** Where a compound state begins, or where lines start that hold for all of a state. */
export interface PlacedDot extends Rectangle {
  readonly kind: 'initial' | 'whole';
  readonly state: string;
}

export interface PlacedLine {
  /** Those that lead from one state to the same other one for the same kind of reason; none: initial. */
  readonly transitions: readonly ChartTransition[];
  readonly target: string;
  readonly points: readonly Point[];
  readonly label: (Rectangle & { readonly text: TextBlock }) | null;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Outer ones before those in them. */
  readonly states: readonly PlacedState[];
  readonly dots: readonly PlacedDot[];
  readonly lines: readonly PlacedLine[];
}

export type Direction = 'down' | 'right';
