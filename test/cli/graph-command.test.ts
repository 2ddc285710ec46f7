// `sagawright graph`: charts of modules, of databases with what their actors do, and of one actor. Numbers
// are held to the journal, counted here in another way.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type HistoryEntry, openEngine } from 'sagawright';
import { type JsonObject, toDot, toMermaid, toSvg } from 'sagawright/graph';
import { sqliteReader, sqliteStore } from 'sagawright/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSample } from '../../scripts/cli-docs/sample.ts';
import { checkout } from '../../scripts/cli-docs/shop.ts';
import { isoTime } from '../../src/cli/text/moment.ts';
import { describeChart } from '../../src/graph/describe-chart.ts';
import { collect } from '../support/collected.ts';
import { VirtualPlatform } from '../support/virtual-platform.ts';
import { odd } from './odd-machine.ts';
import { runCommand } from './recorded-run.ts';
import { house, rooms } from './rooms-machine.ts';

const SHOP = fileURLToPath(new URL('../../scripts/cli-docs/shop.ts', import.meta.url));
const ODD = fileURLToPath(new URL('odd-machine.ts', import.meta.url));
const ROOMS = fileURLToPath(new URL('rooms-machine.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sagawright-graph-'));
const shopFile = join(folder, 'shop.db');
const roomsFile = join(folder, 'rooms.db');
let history: readonly HistoryEntry[] = [];

beforeAll(async () => {
  await writeSample(shopFile);
  history = await writeRooms(roomsFile);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Forty rooms, each with its own pace. */
async function writeRooms(path: string): Promise<readonly HistoryEntry[]> {
  const time = new VirtualPlatform();
  const { platform } = time.startProcess();
  const engine = await openEngine({ store: sqliteStore(path), machines: [rooms], platform });
  for (let number = 0; number < 40; number++) {
    const room = await engine.start(rooms, { id: `room-${number}` });
    for (let turn = 0; turn < number % 7; turn++) {
      await time.advance(1_000 * (1 + ((number * 31 + turn * 17) % 23)));
      const type = (number + turn) % 3 === 0 ? 'door' : 'light';
      await room.send({ type });
    }
    if (number === 35) await room.stop();
  }
  const entries = await collect(engine.events());
  await engine.stop();
  return entries;
}

/** Stays of one leaf, by walking each actor's journal. */
function staysOf(region: string, leaf: string): readonly number[] {
  const stays: number[] = [];
  const byActor = Object.groupBy(history, ({ actor }) => actor);
  for (const entries of Object.values(byActor)) {
    let since: number | null = null;
    for (const { value, at } of entries ?? []) {
      if (value === null) continue;
      const isIn = (value as Readonly<Record<string, string>>)[region] === leaf;
      if (isIn) since ??= at;
      else if (since !== null) {
        stays.push(at - since);
        since = null;
      }
    }
  }
  return stays.toSorted((a, b) => a - b);
}

function nearestRank(sorted: readonly number[], percent: number): number | undefined {
  return sorted[Math.ceil((sorted.length * percent) / 100) - 1];
}

interface Numbers {
  readonly now: number;
  readonly stays: number | null;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
}

async function readJsonOf(...args: readonly string[]): Promise<Record<string, unknown>> {
  const { printed, exit, complained } = await runCommand(['graph', ...args, '--json']);
  expect({ exit, complained: complained.includes('error') }).toEqual({
    exit: 0,
    complained: false,
  });
  return JSON.parse(printed) as Record<string, unknown>;
}

describe('graph of a module', () => {
  it.each([
    ['mermaid', toMermaid(describeChart(checkout))],
    ['dot', toDot(describeChart(checkout))],
  ])('prints %s', async (format, expected) => {
    const ran = await runCommand(['graph', SHOP, '--machine', 'checkout', '--format', format]);
    expect(ran).toMatchObject({ exit: 0, printed: expected.trimEnd(), complained: '' });
  });

  it.each(['mermaid', 'svg', 'dot', 'json'])(
    'prints no %s that a terminal acts on',
    async (format) => {
      const ran = await runCommand(['graph', ODD, '--format', format]);
      expect(ran).toMatchObject({ exit: 0, complained: '' });
      expect(ran.printed).toContain('paid');
      expect(ran.printed).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
    },
  );

  it('writes the format of the file that is named', async () => {
    const file = join(folder, 'new', 'rooms.svg');
    const ran = await runCommand(['graph', ROOMS, '--machine', 'rooms', '--output', file]);
    expect(ran).toMatchObject({ exit: 0, printed: '', complained: `wrote ${file}` });
    expect(readFileSync(file, 'utf8')).toBe(await toSvg(describeChart(rooms), { title: 'rooms' }));
  });

  it('writes a file for each machine into a folder, steps only of sagas', async () => {
    const charts = join(folder, 'charts');
    await runCommand(['graph', SHOP, '--output', `${charts}/`, '--format', 'mermaid']);
    await runCommand(['graph', SHOP, '--output', charts, '--format', 'steps']);
    expect(readdirSync(charts)).toEqual(['checkout-steps.svg', 'checkout.mmd', 'subscription.mmd']);
    expect(existsSync(join(charts, 'subscription-steps.svg'))).toBe(false);
  });

  it.each([
    ['several machines and none chosen', [SHOP], 2, 'checkout, subscription'],
    ['a machine that it has not', [SHOP, '--machine', 'van'], 2, 'got "van"'],
    [
      'the steps of what is no saga',
      [ROOMS, '--machine', 'rooms', '--format', 'steps'],
      2,
      'sagaMeta',
    ],
    ['a file that is not there', ['nowhere.ts'], 2, 'nowhere.ts'],
    ['a format that it has not', [SHOP, '--format', 'png'], 2, 'svg'],
    [
      'a file of a format that it has not',
      [SHOP, '--machine', 'checkout', '--output', 'checkout.png'],
      2,
      'end in .svg, .mmd, .dot, .gv, .json, or --format, got checkout.png',
    ],
    ['nothing to draw', [], 2, 'module with machines'],
    ['an actor that is not there', [shopFile, '--actor', 'nobody'], 3, 'nobody'],
  ])('says what is wrong with %s', async (_, args, exit, expected) => {
    const ran = await runCommand(['graph', ...args]);
    expect(ran).toMatchObject({ exit, printed: '' });
    expect(ran.complained).toContain(expected);
  });
});

describe('graph of a database', () => {
  it('counts the actors in each state, those in states below it included', async () => {
    const { states } = (await readJsonOf(roomsFile)) as { states: Record<string, Numbers> };
    const last = new Map(
      history
        .map(({ actor, value }) => [actor, value] as const)
        .filter(([, value]) => value !== null),
    );
    const values = [...last.values()] as { light: string; door: string }[];
    const countOf = (region: 'light' | 'door', leaf: string): number =>
      values.filter((value) => value[region] === leaf).length;
    expect(countOf('light', 'on')).toBeGreaterThan(0);
    expect(states['rooms']?.now).toBe(40);
    expect(states['rooms.light']?.now).toBe(40);
    expect(states['rooms.light.on']?.now).toBe(countOf('light', 'on'));
    expect(states['rooms.light.off']?.now).toBe(countOf('light', 'off'));
    expect(states['rooms.door.open']?.now).toBe(countOf('door', 'open'));
    expect(states['rooms.door.gone']).toBeUndefined();
  });

  it.each([
    ['light', 'off'],
    ['light', 'on'],
    ['door', 'shut'],
    ['door', 'open'],
  ])('measures how long %s stays %s, whatever the other region does', async (region, leaf) => {
    const { states } = (await readJsonOf(roomsFile)) as { states: Record<string, Numbers> };
    const stays = staysOf(region, leaf);
    expect(stays.length).toBeGreaterThan(3);
    expect(states[`rooms.${region}.${leaf}`]).toMatchObject({
      stays: stays.length,
      p50Ms: nearestRank(stays, 50),
      p95Ms: nearestRank(stays, 95),
    });
  });

  it('counts actors in states whose names have spaces', async () => {
    const file = join(folder, 'odd.db');
    const { platform } = new VirtualPlatform().startProcess();
    const engine = await openEngine({ store: sqliteStore(file), machines: [odd], platform });
    for (const id of ['one', 'two']) await engine.start(odd, { id });
    await engine.actor(odd, 'two').send({ type: 'pay' });
    await engine.stop();
    const { states } = (await readJsonOf(file)) as { states: Record<string, Numbers> };
    expect(states['odd.the card']?.now).toBe(2);
    expect(states['odd.the card.not yet paid']?.now).toBe(1);
    expect(states['odd.the card.paid']?.now).toBe(1);
  });

  it('looks at no more actors than the sample, spread over all', async () => {
    const reader = await sqliteReader(roomsFile);
    const query = { machine: 'rooms', machineVersion: '1' };
    const some = await reader.leafStays({ ...query, sample: 10 });
    const all = await reader.leafStays({ ...query, sample: 40 });
    await reader.close();
    const total = (stays: typeof some): number => stays.reduce((sum, each) => sum + each.stays, 0);
    expect(total(some)).toBeGreaterThan(0);
    expect(total(some)).toBeLessThan(total(all) / 2);
  });

  it('counts no stay that a new start has ended', async () => {
    const file = join(folder, 'again.db');
    const time = new VirtualPlatform();
    const { platform } = time.startProcess();
    const machines = [house];
    const engine = await openEngine({ store: sqliteStore(file), machines, platform });
    const actor = await engine.start(house, { id: 'house' });
    for (let night = 0; night < 3; night++) {
      await time.advance(1_000);
      await actor.send({ type: 'turn' });
    }
    await time.settle();
    const [inside] = await engine.read(['house/inside']);
    expect(inside?.incarnation).toBe(2);
    await engine.stop();
    const facts = await readJsonOf(file, '--machine', 'house/rooms');
    const { states } = facts as { states: Record<string, Numbers> };
    expect(states['rooms.door.shut']).toMatchObject({ now: 1, stays: null });
  });

  it('draws from the stored definition as from the machine', async () => {
    const stored = await runCommand(['graph', shopFile, '--machine', 'checkout']);
    const known = await runCommand([
      'graph',
      shopFile,
      '--machine',
      'checkout',
      '--machines',
      SHOP,
    ]);
    expect(stored.exit).toBe(0);
    const arrows = (text: string): number =>
      text.split('\n').filter((line) => line.includes('-->')).length;
    expect(arrows(stored.printed)).toBe(arrows(known.printed));
    expect(stored.printed).toContain('1 now');
  });

  it('says how often each step was done, failed and undone', async () => {
    const ran = await runCommand(['graph', shopFile, '--machine', 'checkout', '--format', 'steps']);
    // Five paid; one of two paybacks did not go through. Four reserved, one was sold out.
    expect(ran.printed).toMatch(/undo payment[\s\S]*1 undone, 1 failed/);
    expect(
      [...ran.printed.matchAll(/>([^<>]*(?:done|failed))<\/text>/g)].map(([, text]) => text),
    ).toEqual(['5 done', '4 done, 1 failed', '2 done, 1 failed', '1 undone, 1 failed', '1 undone']);
  });
});

describe('graph of an actor', () => {
  interface ActorFacts {
    readonly states: Record<string, { count: number; lastAt: string }>;
    readonly transitions: Record<string, { count: number; lastAt: string }>;
    readonly effects: readonly { id: string; attempt: number }[];
    readonly areTransitionsExact: boolean;
    readonly chart: JsonObject;
  }

  it('says how often each state was entered and each transition taken, and when last', async () => {
    const facts = await readJsonOf(roomsFile, '--actor', 'room-6', '--machines', ROOMS);
    const { states, transitions, areTransitionsExact } = facts as unknown as ActorFacts;
    const own = history.filter(({ actor, value }) => actor === 'room-6' && value !== null);
    const lights = own.filter(({ type }) => type === 'light');
    const [last] = lights.slice(-1);
    expect(lights.length).toBe(4);
    expect(transitions).toMatchObject({
      'rooms.light.off|light|0': { count: 2 },
      'rooms.light.on|light|0': { count: 2, lastAt: isoTime(last?.at ?? 0) },
      'rooms.door.shut|door|0': { count: 1 },
    });
    expect(states['rooms.light.off']).toEqual({ count: 3, lastAt: isoTime(last?.at ?? 0) });
    expect(states['rooms.light.on']?.count).toBe(2);
    expect(areTransitionsExact).toBe(true);
  });

  it('counts states that were left within the step that entered them, and those entered anew', async () => {
    const shop = await readJsonOf(shopFile, '--actor', 'checkout-1004', '--machines', SHOP);
    const { states } = shop as unknown as ActorFacts;
    expect(states['checkout.deciding']?.count).toBe(1);
    expect(states['checkout.compensating.choosing']?.count).toBe(3);
    const file = join(folder, 'house.db');
    const { platform } = new VirtualPlatform().startProcess();
    const machines = [house];
    const engine = await openEngine({ store: sqliteStore(file), machines, platform });
    const actor = await engine.start(house, { id: 'house' });
    await actor.send({ type: 'again' });
    await engine.stop();
    const facts = await readJsonOf(file, '--actor', 'house', '--machines', ROOMS);
    expect((facts as unknown as ActorFacts).states['house.day']?.count).toBe(2);
  });

  it('finds the same without the machine, where the journal leaves no doubt', async () => {
    const known = await readJsonOf(roomsFile, '--actor', 'room-6', '--machines', ROOMS);
    const guessed = await readJsonOf(roomsFile, '--actor', 'room-6');
    expect(guessed['transitions']).toEqual(known['transitions']);
    expect(guessed['states']).toEqual(known['states']);
    expect(guessed['areTransitionsExact']).toBe(false);
  });

  it('marks where it is and what it waits for in the picture', async () => {
    const ran = await runCommand([
      ...['graph', shopFile, '--actor', 'checkout-1005', '--machines', SHOP, '--format', 'svg'],
    ]);
    expect(ran.exit).toBe(0);
    expect(ran.printed).toMatch(/attempt \d, due \d\d-\d\d \d\d:\d\d:\d\d/);
    expect(ran.printed.match(/class="state leaf[^"]* active"/g)).toHaveLength(1);
    expect(ran.printed).toMatch(/class="k-done taken"/);
  });

  it.each([
    ['mermaid', 'class s5_checkout_fulfilling_shipment active'],
    ['dot', 'penwidth=3'],
  ])('marks where it is in %s', async (format, mark) => {
    const args = ['graph', shopFile, '--actor', 'checkout-1005', '--machines', SHOP];
    const { printed } = await runCommand([...args, '--format', format]);
    expect(printed.split(mark)).toHaveLength(2);
    expect(printed).toMatch(/attempt \d, due/);
  });

  it('says what the journal alone does not tell', async () => {
    const ran = await runCommand(['graph', shopFile, '--actor', 'checkout-1005']);
    expect(ran.exit).toBe(0);
    expect(ran.complained).toContain('need the machine "checkout" version 2');
  });
});
