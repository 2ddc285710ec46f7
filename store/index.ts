// The package's entry `sagawright/store`: where engines keep their actors.

export { memoryStore } from './memory.ts';
export { type MemoryContents, memoryContents } from './memory-contents.ts';
export { sqliteStore } from './sqlite.ts';
export type { SqliteStoreOptions } from './sqlite-options.ts';
