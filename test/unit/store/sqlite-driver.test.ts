// The look at the runtime before the driver is loaded.

import { describe, expect, it } from 'vitest';
import { checkRuntime, checkSqlite, isAtLeast, loadDriver } from '../../../store/sqlite-driver.ts';

describe('the runtime of the SQLite driver', () => {
  it.each([
    ['20.20.2', 9, '13.2.0', 'Node-API 10'],
    ['22.12.0', 9, '13.2.0', 'Node-API 10'],
    ['20.20.2', 9, '12.11.1', 'Node 22.12.0 or later'],
    ['18.0.0', 8, '12.11.1', 'Node 22.12.0 or later'],
  ])('refuses Node %s with Node-API %s for driver %s', (node, nodeApi, driver, needed) => {
    expect(() => checkRuntime({ node, nodeApi }, driver)).toThrow(
      expect.objectContaining({
        code: 'NODE_UNSUPPORTED',
        message: expect.stringContaining(needed),
      }),
    );
  });

  it.each([
    ['22.14.0', 10, '13.2.0'],
    ['24.21.0', 10, '13.2.0'],
    ['26.0.0', 11, '14.0.0'],
    ['22.12.0', 9, '12.11.1'],
  ])('takes Node %s with Node-API %s for driver %s', (node, nodeApi, driver) => {
    checkRuntime({ node, nodeApi }, driver);
  });

  it('refuses a SQLite whose WAL may corrupt', () => {
    expect(() => checkSqlite('3.51.2')).toThrow(
      expect.objectContaining({ code: 'STORE_UNREADABLE' }),
    );
    checkSqlite('3.51.3');
    checkSqlite('3.54.1');
    checkSqlite('4.0.0');
  });

  it.each([
    ['at its import', () => Promise.reject(new Error('Cannot find its binary.'))],
    [
      'at its first use',
      () =>
        Promise.resolve({
          default: class {
            constructor() {
              throw Object.assign(new Error('NODE_MODULE_VERSION 108'), {
                code: 'ERR_DLOPEN_FAILED',
              });
            }
          } as never,
        }),
    ],
  ])('refuses a driver that does not load %s, and says how to build it', async (_when, load) => {
    await expect(loadDriver(load)).rejects.toMatchObject({
      code: 'NODE_UNSUPPORTED',
      message: expect.stringContaining('npm rebuild better-sqlite3'),
      cause: expect.any(Error),
    });
  });

  it('compares versions by number', () => {
    expect(isAtLeast('3.9.0', '3.51.3')).toBe(false);
    expect(isAtLeast('3.51', '3.51.0')).toBe(true);
    expect(isAtLeast('13.0.0-beta.1', '13')).toBe(true);
  });
});
