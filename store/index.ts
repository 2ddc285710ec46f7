// The package's entry `sagawright/store`: where engines keep their actors.

export type {
  GroupCount,
  LeafStay,
  LeafStayQuery,
  ReplyCount,
  StateStay,
  StoreExamination,
  StoreOverview,
  StoreReader,
} from '../src/store-reader.ts';
export { memoryStore } from './memory.ts';
export { type MemoryContents, memoryContents } from './memory-contents.ts';
export { sqliteStore } from './sqlite.ts';
export { sqliteBackup } from './sqlite-backup.ts';
export type { SqliteStoreOptions } from './sqlite-options.ts';
export { type SqliteReaderOptions, sqliteReader } from './sqlite-reader.ts';
