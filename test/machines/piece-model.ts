// A shelf of single pieces, each of which is somewhere: what a stock must count, told without counting.
// Written from the trade's rules and not from the statechart, so that the two can disagree.

import type { StockCommand } from 'sagawright/machines';

export interface PieceRules {
  readonly initial: number;
  readonly lowAt: number;
  readonly reorderAt: number;
  readonly maxReservations: number;
}

/** Where a piece is: on the shelf, under a reservation's name, with a customer. */
type Place = { readonly on: 'shelf' | 'sold' } | { readonly on: 'hold'; readonly name: string };

export class PieceModel {
  readonly #rules: PieceRules;
  readonly #places: Place[];
  /** Whether a name's pieces go back by themselves. */
  readonly #isExpiring: Map<string, boolean> = new Map();
  readonly #isConfirmed: Set<string> = new Set();

  constructor(rules: PieceRules) {
    this.#rules = rules;
    this.#places = Array.from({ length: rules.initial }, () => ({ on: 'shelf' }));
  }

  /** Available, reserved, sold. */
  get counts(): readonly number[] {
    return (['shelf', 'hold', 'sold'] as const).map((place) => this.#count(place));
  }

  /** Types of what is told; null when the command is refused. */
  tell(command: StockCommand): readonly string[] | null {
    switch (command.type) {
      case 'stock.receive':
        if (command.quantity < 1) return null;
        for (let n = 0; n < command.quantity; n++) this.#places.push({ on: 'shelf' });
        return ['stock.received'];
      case 'stock.return':
        if (command.quantity < 1 || command.quantity > this.#count('sold')) return null;
        for (let n = 0; n < command.quantity; n++) this.#move('sold', { on: 'shelf' });
        return ['stock.returned'];
      case 'stock.reserve':
        return this.#reserve(command);
      case 'stock.confirm':
        if (!this.#isHeld(command.reservationId)) return null;
        if (this.#isConfirmed.has(command.reservationId)) return null;
        this.#isConfirmed.add(command.reservationId);
        return ['stock.reservationConfirmed'];
      case 'stock.fulfil':
        return this.#end(command.reservationId, 'sold', 'stock.fulfilled');
      case 'stock.release':
        return this.#end(command.reservationId, 'shelf', 'stock.released');
      case 'stock.expire': {
        const { reservationId: name } = command;
        if (this.#isExpiring.get(name) !== true || this.#isConfirmed.has(name)) return null;
        return this.#end(name, 'shelf', 'stock.reservationExpired');
      }
    }
  }

  #reserve({
    reservationId: name,
    quantity,
    expiresInMs,
  }: Extract<StockCommand, { type: 'stock.reserve' }>): readonly string[] | null {
    const isFull = this.#isExpiring.size === this.#rules.maxReservations;
    if (quantity < 1 || quantity > this.#count('shelf') || this.#isHeld(name) || isFull)
      return null;
    const passed = new Set<string>();
    // Piece by piece: a threshold is passed by the piece that leaves no more than it.
    for (let n = 0; n < quantity; n++) {
      this.#move('shelf', { on: 'hold', name });
      const left = this.#count('shelf');
      if (left === 0) passed.add('stock.outOfStock');
      else if (left === this.#rules.reorderAt) passed.add('stock.reorder');
      if (left > 0 && left === this.#rules.lowAt) passed.add('stock.low');
    }
    this.#isExpiring.set(name, expiresInMs !== undefined);
    const told = ['stock.low', 'stock.reorder', 'stock.outOfStock'];
    return ['stock.reserved', ...told.filter((type) => passed.has(type))];
  }

  #end(name: string, on: 'shelf' | 'sold', fact: string): readonly string[] | null {
    if (!this.#isHeld(name)) return null;
    this.#places.forEach((place, index) => {
      if (place.on === 'hold' && place.name === name) this.#places[index] = { on };
    });
    this.#isExpiring.delete(name);
    this.#isConfirmed.delete(name);
    return [fact];
  }

  #isHeld(name: string): boolean {
    return this.#places.some((place) => place.on === 'hold' && place.name === name);
  }

  #count(on: Place['on']): number {
    return this.#places.filter((place) => place.on === on).length;
  }

  #move(from: Place['on'], to: Place): void {
    this.#places[this.#places.findIndex(({ on }) => on === from)] = to;
  }
}
